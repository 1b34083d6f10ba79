"""How to Manage Patron Blocks, the questions at its end, each answered by the service."""

import csv
import io
from datetime import timedelta

import pytest

from tenancy.scopes import Pool
from tests.blocked import (
    authorize,
    new_patron,
    overridden,
    override_of,
    put_block,
    user_id,
)
from tests.cast import ASHFORD, AUDREY, LENA, MAX, NOW, OLIVE, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import (
    ALL_ACTIONS,
    add_blocks,
    alert_sentences,
    blocks_tab,
    change,
    gate,
    lends,
    open_patron,
    override_events,
    stopped,
)
from tests.stories.jobs import remove_expired_blocks
from tests.table_desk import run


def test_why_was_the_patron_blocked(client: Desk, database: Database) -> None:
    """Money owed, privileges that have run out, things lost: the description of each block, and
    the sentence of whatever else stands, say why."""
    patron = new_patron(database, "UNPAID", "LOST_CARD")
    with database.owner(ASHFORD) as owner:
        owner.execute(
            "UPDATE user_account SET expires_on = '2026-11-21' WHERE id = %s", [patron.id]
        )
    assert alert_sentences(client, patron) == [
        "The account has expired. Its last day was 2026-11-21.",
        "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal.",
        "A block is in force: Card reported lost. It stops loan, renewal, automatic renewal and "
        "hold.",
    ]


@pytest.mark.parametrize(
    ("person", "may"),
    [
        (LENA, {"ADDRESS"}),
        (OLIVE, {"ADDRESS", "UNPAID"}),
        (MAX, {"ADDRESS", "UNPAID", "LOST_CARD"}),
    ],
    ids=["limited", "operator", "manager"],
)
def test_can_any_block_be_overridden(
    client: Desk, database: Database, person: Person, may: set[str]
) -> None:
    """No: the manager of the desk may override most of them, operators fewer, and some nobody;
    the table of definitions says which."""
    lent = set()
    for code in ("ADDRESS", "UNPAID", "LOST_CARD", "CONDUCT"):
        patron = new_patron(database, code)
        if overridden(client.as_(person), patron)["pass"] is not None:
            lent.add(code)
    assert lent == may


def test_does_an_override_remove_the_block_for_good(client: Desk, database: Database) -> None:
    """No: the one checkout goes through, and the block stays until somebody removes it."""
    patron = new_patron(database, "UNPAID")
    seen = authorize(client, patron)["decision"]
    assert lends(client, patron, override=override_of(seen)) is True
    assert lends(client, patron) is False
    [block] = blocks_tab(client, patron)["blocks"]
    assert (block["status"], block["version"]) == ("ACTIVE", 1)
    change(client, "userBlockRemove", block, reason="Paid")
    assert lends(client, patron) is True


def test_can_several_blocks_be_active_at_once(client: Desk, database: Database) -> None:
    """Yes: each stands on the tab by itself, all that are active are enforced, and taking one
    away leaves what the others stop."""
    patron = new_patron(database, "LOST_CARD", "UNPAID", "ADDRESS")
    rows = {block["description"]["code"]: block for block in blocks_tab(client, patron)["blocks"]}
    assert set(rows) == {"LOST_CARD", "UNPAID", "ADDRESS"}
    assert len(authorize(client, patron)["decision"]["reasons"]) == 3
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW", "HOLD"]
    change(client, "userBlockRemove", rows["LOST_CARD"], reason="Card found")
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW"]
    change(client, "userBlockDeactivate", rows["UNPAID"])
    assert stopped(client, patron) == ["LOAN"]
    change(client, "userBlockRemove", rows["ADDRESS"], reason="New address")
    assert stopped(client, patron) == []


def test_what_the_patron_learns_is_the_text_meant_for_the_patron(
    client: Desk, database: Database
) -> None:
    """Whether letters go out is the library's own set-up; in the account, a patron reads of a
    block why and what to do, and never the note for staff or who wrote it."""
    patron = new_patron(database)
    add_blocks(
        client,
        patron,
        {"description": "UNPAID", "staffNote": "Lied about it", "patronText": "Pay at the desk."},
    )
    own = blocks_tab(client.as_(patron), patron)["blocks"][0]
    assert (own["description"]["text"], own["patronText"]) == ("Unpaid fees", "Pay at the desk.")
    assert (own["staffNote"], own["createdBy"]) == (None, None)
    query = "query($w: String!) { user(identifier: $w) { gate { reasons { sentence advice } } } }"
    [loan, *_] = client.as_(patron).ask(query, w=patron.primary_id)["user"]["gate"]
    assert loan["reasons"] == [
        {
            "sentence": "A block is in force: Unpaid fees. It stops loan, renewal and automatic "
            "renewal.",
            "advice": "Pay at the desk.",
        }
    ]


def test_a_block_with_an_expiry_ends_at_that_very_instant(client: Desk, database: Database) -> None:
    """Can a block end by itself? Yes: it is in force until its expiry, and from that instant on
    it is not, though no job has been by yet."""
    patron = new_patron(database)
    end = NOW + timedelta(hours=2)
    add_blocks(client, patron, {"description": "CONDUCT", "expiresAt": end.isoformat()})
    client.clock.now = end - timedelta(microseconds=1)
    assert stopped(client, patron) == ALL_ACTIONS
    assert lends(client, patron) is False
    client.clock.now = end
    assert stopped(client, patron) == []
    assert (open_patron(client, patron.primary_id)["alert"]["reasons"]) == []
    assert lends(client, patron) is True
    [block] = blocks_tab(client, patron)["blocks"]
    assert (block["status"], block["isInForce"]) == ("ACTIVE", False)


def test_an_expired_block_is_cleared_away_by_the_job(
    client: Desk, database: Database, worker_pool: Pool
) -> None:
    """The rest of the same answer: after that day the block is taken off the record by itself,
    with the job as the one who did it; nothing that is stopped changes by that."""
    patron = new_patron(database)
    end = NOW + timedelta(hours=2)
    add_blocks(client, patron, {"description": "UNPAID", "expiresAt": end.isoformat()})
    remove_expired_blocks(client, worker_pool, at=end - timedelta(microseconds=1))
    assert blocks_tab(client, patron)["hasBlocks"] is True
    client.clock.now = end
    before = gate(client, patron)
    remove_expired_blocks(client, worker_pool, at=end)
    tab = blocks_tab(client, patron)
    assert (tab["hasBlocks"], tab["blocks"]) == (False, [])
    assert [row["removal"] for row in tab["removed"]] == [
        {
            "removedAt": end.isoformat(),
            "removedBy": "Users - Remove Blocks",
            "reason": "The expiry date has passed.",
        }
    ]
    assert gate(client, patron) == before


def test_reminders_are_notes_and_notes_stop_nothing(client: Desk, database: Database) -> None:
    """Should a reminder be a block? No: for reminders there are notes on the user, which pop up
    or are shown to the patron if so wanted, and restrict nothing."""
    patron = new_patron(database)
    made = run(
        client,
        "userNoteAdd",
        "userNote { text isPopup isPatronVisible createdBy }",
        user=user_id(patron),
        text="Left an umbrella at the desk",
        isPopup=True,
    )
    assert made["userNote"] == {
        "text": "Left an umbrella at the desk",
        "isPopup": True,
        "isPatronVisible": False,
        "createdBy": "olive",
    }
    opened = open_patron(client, patron.primary_id)
    assert (opened["hasBlocks"], opened["alert"]["reasons"]) == (False, [])
    assert set(gate(client, patron).values()) == {True}
    notes = "query($w: String!) { user(identifier: $w) { notes { nodes { text } } } }"
    assert client.ask(notes, w=patron.primary_id)["user"]["notes"]["nodes"] == [
        {"text": "Left an umbrella at the desk"}
    ]
    own = client.as_(patron).ask(notes, w=patron.primary_id)
    assert own["user"]["notes"]["nodes"] == []


def test_how_to_see_that_a_block_was_overridden(client: Desk, database: Database) -> None:
    """The override events show each override with its operator and its time, beside what was
    overridden for whom, where and why; managers and auditors read them."""
    patron = new_patron(database, "UNPAID")
    client.clock.now = NOW + timedelta(minutes=9)
    seen = authorize(client, patron)["decision"]
    assert lends(client, patron, override=override_of(seen, why="Pays on Monday")) is True
    expected = {
        "at": (NOW + timedelta(minutes=9)).isoformat(),
        "operator": "olive",
        "outcome": "GRANTED",
        "refusal": None,
        "action": "LOAN",
        "itemBarcode": "ITEM-1",
        "why": "Pays on Monday",
        "roles": ["CIRCULATION_DESK_OPERATOR"],
        "desk": {"code": "MAIN_DESK"},
        "user": {"primaryId": patron.primary_id},
        "reasons": [
            {
                "description": "Unpaid fees",
                "sentence": "A block is in force: Unpaid fees. It stops loan, renewal and "
                "automatic renewal.",
                "isInTheWay": False,
            }
        ],
    }
    assert override_events(client.as_(MAX), patron) == [expected]
    assert override_events(client.as_(AUDREY), patron) == [expected]
    listed = "{ overrideEvents { nodes { id } } }"
    assert client.error_codes(listed) == ["NOT_PERMITTED"]


def test_the_override_events_are_a_file_too(client: Desk, database: Database) -> None:
    """The same list, for a spreadsheet, with the operator and the time by the library's clock."""
    patron = new_patron(database, "UNPAID")
    overridden(client, patron)
    answer = client.http.get(
        "/exports/override-events.csv",
        params={"user": user_id(patron)},
        headers=client.as_(MAX).headers(),
    )
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert (row["operator"], row["time"]) == ("olive", "2026-11-22T07:00:00-05:00")
    assert (row["library"], row["block_descriptions"]) == ("Main Library", "Unpaid fees")


def test_an_override_is_no_change_of_the_block_and_the_block_keeps_its_history(
    client: Desk, database: Database
) -> None:
    """Overriding is told by the override events alone: the block itself has nothing to tell."""
    patron = new_patron(database)
    block = put_block(database, patron, "UNPAID")
    overridden(client, patron)
    query = "SELECT count(*) FROM history_event WHERE record_id = %(id)s"
    assert database.value(query, ASHFORD, id=block) == 0
