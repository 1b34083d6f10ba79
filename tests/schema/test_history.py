"""The history over HTTP: per user, per block, per row of a table; and how things stood."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from rules.roles import Role
from schema.access import HISTORY_READERS
from schema.ids import encoded, number_of
from tests.blocked import HOUSE, new_patron, user_id
from tests.cast import ADA, CARL, NOW, OLIVE, ONE_OF_EACH_ROLE, PIA
from tests.database_server import Database
from tests.desk import Desk

ADD = """
mutation($input: UserBlockAddInput!) { userBlockAdd(input: $input) {
  userBlocks { id } userErrors { message } } }
"""
CHANGE = """
mutation($input: UserBlockChangeInput!) { userBlockChange(input: $input) {
  userErrors { message } } }
"""
HISTORY = """
query($of: ID!, $first: Int, $after: String) { history(of: $of, first: $first, after: $after) {
  nodes { id at actor channel deed recordType record isErased changes { field before after } }
  pageInfo { hasNextPage endCursor } } }
"""
AS_OF = """
query($user: ID!, $at: DateTime!) { userAsOf(user: $user, at: $at) {
  at notKnown blocks { id description { code } status }
  gate { action verdict isAllowed reasons { code sentence } } } }
"""
NOTES_AS_OF = """
query($user: ID!, $at: DateTime!) { userAsOf(user: $user, at: $at) { blocks { staffNote } } }
"""


def add_block(client: Desk, user: str, code: str = "UNPAID") -> str:
    block = {"description": encoded("d", HOUSE.description_id(code)), "staffNote": "Owes 12.50"}
    payload = client.ask(ADD, input={"user": user, "blocks": [block]})["userBlockAdd"]
    assert payload["userErrors"] == []
    block_id: str = payload["userBlocks"][0]["id"]
    return block_id


def change_note(client: Desk, block: str, note: str, at: datetime) -> None:
    """A change that came at the moment, however long it waited for its turn."""
    client.clock.now = at
    changed = client.ask(CHANGE, input={"id": block, "staffNote": note})["userBlockChange"]
    assert changed["userErrors"] == []


def pages_of(client: Desk, of: str, size: int) -> list[dict[str, Any]]:
    """The whole history, read page by page."""
    nodes: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        page = client.ask(HISTORY, of=of, first=size, after=after)["history"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        nodes += page["nodes"]
    return nodes


def changes_of(event: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {c["field"]: (c["before"], c["after"]) for c in event["changes"]}


def test_the_history_of_a_user_tells_who_did_what_when_and_how(
    client: Desk, database: Database
) -> None:
    user = user_id(new_patron(database))
    block = add_block(client, user)
    nodes = client.ask(HISTORY, of=user)["history"]["nodes"]
    assert [(n["actor"], n["channel"], n["deed"], n["recordType"]) for n in nodes] == [
        ("olive", "STAFF", "user_block.add", "USER_BLOCK")
    ]
    assert nodes[0]["record"] == block
    assert nodes[0]["at"] == NOW.isoformat()
    changes = changes_of(nodes[0])
    assert changes["staffNote"] == (None, "Owes 12.50")
    assert changes["descriptionCode"] == (None, "UNPAID")
    assert changes["description"] == (None, encoded("d", HOUSE.description_id("UNPAID")))
    assert changes["version"] == (None, "1")


def test_the_history_of_a_block_is_its_own(client: Desk, database: Database) -> None:
    user = user_id(new_patron(database))
    first, second = add_block(client, user), add_block(client, user, "CONDUCT")
    for block in (first, second):
        nodes = client.ask(HISTORY, of=block)["history"]["nodes"]
        assert [node["record"] for node in nodes] == [block]


def test_the_history_goes_by_pages_from_the_newest(client: Desk, database: Database) -> None:
    user = user_id(new_patron(database))
    blocks = []
    for hours in range(3):
        client.clock.now = NOW + timedelta(hours=hours)
        blocks.append(add_block(client, user))
    page = client.ask(HISTORY, of=user, first=2)["history"]
    rest = client.ask(HISTORY, of=user, first=2, after=page["pageInfo"]["endCursor"])["history"]
    assert page["pageInfo"]["hasNextPage"] is True
    assert rest["pageInfo"]["hasNextPage"] is False
    records = [node["record"] for node in page["nodes"] + rest["nodes"]]
    assert records == list(reversed(blocks))


@pytest.mark.parametrize("about", ["block", "user"])
def test_changes_that_came_at_once_are_told_in_the_order_in_which_they_were_made(
    client: Desk, database: Database, about: str
) -> None:
    user = user_id(new_patron(database))
    block = add_block(client, user)

    def come(number: int) -> None:
        change_note(client, block, f"Note {number}", NOW + timedelta(seconds=60 - number))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come, range(24)))
    told = [changes_of(event) for event in pages_of(client, block if about == "block" else user, 5)]
    assert [changes["version"] for changes in told] == [
        *((str(version), str(version + 1)) for version in range(24, 0, -1)),
        (None, "1"),
    ]
    notes = [changes["staffNote"] for changes in told]
    assert [note[0] for note in notes[:-1]] == [note[1] for note in notes[1:]]


def test_as_of_a_moment_after_changes_that_came_at_once_the_one_made_last_holds(
    client: Desk, database: Database
) -> None:
    user = user_id(new_patron(database))
    block = add_block(client, user)
    change_note(client, block, "Made first", NOW + timedelta(seconds=2))
    change_note(client, block, "Made last", NOW + timedelta(seconds=1))
    client.clock.now = NOW + timedelta(seconds=3)
    then = client.ask(NOTES_AS_OF, user=user, at=client.clock.now.isoformat())["userAsOf"]
    assert then["blocks"] == [{"staffNote": "Made last"}]


def test_a_row_of_a_table_without_any_change_has_an_empty_history(client: Desk) -> None:
    row = encoded("d", HOUSE.description_id("LOST_CARD"))
    assert client.as_(ADA).ask(HISTORY, of=row)["history"]["nodes"] == []


def test_a_foreign_an_unknown_and_a_malformed_id_have_no_history(
    client: Desk, database: Database
) -> None:
    user = user_id(new_patron(database))
    block = add_block(client, user)
    stranger = client.as_(CARL)
    for of in (
        user,
        block,
        encoded("u", HOUSE.desk_id()),
        "u_nonsense",
        encoded("l", HOUSE.library_id()),
    ):
        assert stranger.ask(HISTORY, of=of) == {"history": None}


@pytest.mark.parametrize(
    "keys", [["x", "y"], ["x"], ["0"], ["-1"], [str(1 << 63)], ["9" * 900], [7], []], ids=str
)
def test_a_cursor_that_is_none_of_ours_is_refused(client: Desk, keys: list[object]) -> None:
    after = urlsafe_b64encode(orjson.dumps(keys)).decode()
    assert client.error_codes(HISTORY, of=user_id(PIA), after=after) == ["INVALID_CURSOR"]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_only_those_who_keep_blocks_and_auditors_read_the_history(client: Desk, role: Role) -> None:
    person = client.as_(ONE_OF_EACH_ROLE[role])
    codes = [
        person.error_codes(HISTORY, of=user_id(PIA)),
        person.error_codes(AS_OF, user=user_id(PIA), at=NOW.isoformat()),
    ]
    assert codes == ([[], []] if role in HISTORY_READERS else [["NOT_PERMITTED"]] * 2)


def test_as_of_tells_the_blocks_and_the_gate_of_then(client: Desk, database: Database) -> None:
    user = user_id(new_patron(database))
    block = add_block(client, user)
    client.clock.now = NOW + timedelta(days=1)
    then = client.ask(AS_OF, user=user, at=NOW.isoformat())["userAsOf"]
    before = client.ask(AS_OF, user=user, at=(NOW - timedelta(seconds=1)).isoformat())["userAsOf"]
    assert then["notKnown"] == []
    assert then["blocks"] == [{"id": block, "description": {"code": "UNPAID"}, "status": "ACTIVE"}]
    stopped = [d["action"] for d in then["gate"] if not d["isAllowed"]]
    assert stopped == ["LOAN", "RENEW", "AUTO_RENEW"]
    assert before["blocks"] == []
    assert all(d["isAllowed"] for d in before["gate"])


def test_as_of_the_future_is_refused_in_a_sentence(client: Desk) -> None:
    later = (NOW + timedelta(minutes=1)).isoformat()
    body = client.answer(AS_OF, user=user_id(PIA), at=later)
    assert body["errors"][0]["message"] == (
        "The moment has not come yet; only the past can be asked for."
    )


def test_as_of_a_foreign_user_is_nothing(client: Desk) -> None:
    at = NOW.isoformat()
    for user in (user_id(PIA), encoded("u", HOUSE.desk_id()), "u_nonsense"):
        assert client.as_(CARL).ask(AS_OF, user=user, at=at) == {"userAsOf": None}
    assert client.as_(OLIVE).ask(AS_OF, user=user_id(PIA), at=at)["userAsOf"] is not None


def test_a_cursor_names_its_event_and_no_number_that_others_drive_on(
    client: Desk, database: Database
) -> None:
    user = user_id(new_patron(database))
    add_block(client, user)
    page = client.ask(HISTORY, of=user, first=1)["history"]
    keys = orjson.loads(urlsafe_b64decode(page["pageInfo"]["endCursor"]))
    assert keys == [str(number_of(page["nodes"][0]["id"], "HistoryEvent"))]
