"""How to Manage Patron Blocks, step 5: blocks are switched off or removed, and looked through from
time to time."""

from datetime import timedelta
from typing import Any

from schema.ids import encoded
from tests.blocked import new_patron, put_block
from tests.cast import LENA, MAX, NOW, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import add_blocks, blocks_tab, change, gate, history, lends, stopped
from tests.table_desk import run
from tests.written import nothing_written

REVIEW = """
query($days: Int, $open: Boolean!) { blocksToReview(olderThanDays: $days, openEndedOnly: $open,
  first: 100) { nodes { ageDays isOpenEnded userBlock { id } user { primaryId } } } }
"""


def only_block(desk: Desk, patron: Person) -> dict[str, Any]:
    [block] = blocks_tab(desk, patron)["blocks"]
    return dict(block)


def test_the_tab_is_marked_where_there_are_blocks(client: Desk, database: Database) -> None:
    """A mark on the tab says beforehand that there is something behind it."""
    patron, other = new_patron(database, "UNPAID"), new_patron(database)
    assert blocks_tab(client, patron)["hasBlocks"] is True
    assert blocks_tab(client, other)["hasBlocks"] is False


def test_a_block_that_is_switched_off_stops_nothing_and_stays_on_the_tab(
    client: Desk, database: Database
) -> None:
    """The switch under Active takes the block out of force; it is still there to be read."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client, patron)
    assert change(client, "userBlockDeactivate", block, version=1)["userErrors"] == []
    after = only_block(client, patron)
    assert (after["id"], after["status"], after["isInForce"]) == (block["id"], "INACTIVE", False)
    assert blocks_tab(client, patron)["hasBlocks"] is True
    assert lends(client, patron) is True


def test_a_block_that_is_switched_on_again_stops_what_it_stopped(
    client: Desk, database: Database
) -> None:
    """The same switch brings the block back into force."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client, patron)
    change(client, "userBlockDeactivate", block)
    assert change(client, "userBlockActivate", block)["userBlock"]["isInForce"] is True
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW"]


def test_the_row_offers_more_a_change_and_a_removal_with_its_reason(
    client: Desk, database: Database
) -> None:
    """Beside the switch there are further actions: expiry and texts can be changed, and the
    block removed; why it was removed is asked for and kept."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client, patron)
    changed = change(client, "userBlockChange", block, version=1, expiresOn="2026-12-24")
    assert changed["userBlock"]["expiresAt"] == "2026-12-25T05:00:00+00:00"
    with nothing_written(database):
        refused = change(client, "userBlockRemove", block, version=2, reason=" ")
    assert refused["userErrors"][0]["path"] == ["input", "reason"]
    removed = change(client, "userBlockRemove", block, version=2, reason="Paid in full")
    assert removed["userBlock"]["removal"] == {"reason": "Paid in full"}
    assert blocks_tab(client, patron) == {
        "hasBlocks": False,
        "blocks": [],
        "removed": [
            {
                "id": block["id"],
                "removal": {
                    "removedAt": NOW.isoformat(),
                    "removedBy": "olive",
                    "reason": "Paid in full",
                },
            }
        ],
    }


def test_a_removal_can_be_undone(client: Desk, database: Database) -> None:
    """A block removed by mistake comes back as it was, and the history knows of both."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client, patron)
    change(client, "userBlockRemove", block, reason="Wrong patron")
    assert change(client, "userBlockRestore", block)["userBlock"]["isInForce"] is True
    assert only_block(client, patron) == block | {"version": 3}
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW"]
    deeds = [event["deed"] for event in history(client, block["id"])]
    assert deeds == ["user_block.remove", "user_block.restore"]


def test_what_is_saved_is_final_and_a_change_based_on_an_older_look_is_refused(
    client: Desk, database: Database
) -> None:
    """Save makes it final; whoever saves over what somebody else saved meanwhile is told."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client, patron)
    change(client, "userBlockDeactivate", block, version=1)
    with nothing_written(database):
        late = change(client.as_(MAX), "userBlockRemove", block, version=1, reason="Paid")
    assert [(e["__typename"], e["path"]) for e in late["userErrors"]] == [
        ("ConflictError", ["input", "version"])
    ]


def test_without_the_block_the_account_works_as_before(client: Desk, database: Database) -> None:
    """Why it matters: once a settled block is gone, everything is open to the patron again."""
    patron = new_patron(database, "CONDUCT")
    assert set(gate(client, patron).values()) == {False}
    change(client, "userBlockRemove", only_block(client, patron), reason="Settled")
    assert set(gate(client, patron).values()) == {True}
    assert lends(client, patron) is True


def test_a_list_shows_which_blocks_to_review(client: Desk, database: Database) -> None:
    """Libraries should look through their blocks now and then: those without an end and those
    that have stood for long are listed, the oldest first; young ones with an end are not."""
    patron = new_patron(database)
    year = timedelta(days=365)
    open_ended = put_block(database, patron, "UNPAID")
    old = put_block(database, patron, "ADDRESS", created_at=NOW - 2 * year, expires_at=NOW + year)
    put_block(database, patron, "LOST_CARD", expires_at=NOW + year)
    put_block(database, patron, "LOST_CARD", status="INACTIVE")
    listed = client.ask(REVIEW, days=365, open=False)["blocksToReview"]["nodes"]
    of_patron = [row for row in listed if row["user"]["primaryId"] == patron.primary_id]
    assert [(row["userBlock"]["id"], row["ageDays"], row["isOpenEnded"]) for row in of_patron] == [
        (encoded("b", old), 730, False),
        (encoded("b", open_ended), 0, True),
    ]


def test_a_reviewed_block_leaves_the_list(client: Desk, database: Database) -> None:
    """Reviewing means deciding: a block that is given an end is open-ended no more."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client, patron)

    def listed() -> bool:
        nodes = client.ask(REVIEW, open=True)["blocksToReview"]["nodes"]
        return block["id"] in [row["userBlock"]["id"] for row in nodes]

    assert listed() is True
    change(client, "userBlockChange", block, expiresOn="2026-12-24")
    assert listed() is False


def test_limited_operators_may_read_the_tab_and_change_nothing_on_it(
    client: Desk, database: Database
) -> None:
    """Who may not add blocks may not take them away either."""
    patron = new_patron(database, "UNPAID")
    block = only_block(client.as_(LENA), patron)
    limited = client.as_(LENA)
    with nothing_written(database):
        refused = [
            change(limited, "userBlockDeactivate", block),
            change(limited, "userBlockRemove", block, reason="Paid"),
            add_blocks(limited, patron, {"description": "UNPAID"}),
            run(limited, "userBlockChange", id=block["id"], staffNote="Paid"),
        ]
    kinds = [error["__typename"] for payload in refused for error in payload["userErrors"]]
    assert kinds == ["NotPermittedError"] * 4
