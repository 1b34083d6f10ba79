"""The Blocks tab over HTTP: a block changed and toggled; and what holds for every command."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.blocked import new_patron
from tests.cast import ASHFORD, CARL, NOW, OLIVE, OSCAR
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, add_block, change_block, errors_of, history_of
from tests.written import nothing_written


def test_a_change_touches_what_is_given_and_nothing_else(client: Desk, database: Database) -> None:
    block = add_block(client, new_patron(database), staffNote="A", patronText="B")
    payload = change_block(client, "userBlockChange", id=block["id"], version=1, staffNote="C")
    assert payload == {
        "userBlock": {
            "id": block["id"],
            "version": 2,
            "status": "ACTIVE",
            "expiresAt": None,
            "staffNote": "C",
            "patronText": "B",
            "isInForce": True,
            "removal": None,
        },
        "userErrors": [],
    }
    deed, actor, before, after = history_of(database, block["id"])[-1]
    assert (deed, actor) == ("user_block.change", "olive")
    assert {key: after[key] for key in after if after[key] != before[key]} == {
        "staff_note": "C",
        "version": 2,
    }


def test_null_takes_a_text_or_an_expiry_away(client: Desk, database: Database) -> None:
    block = add_block(
        client,
        new_patron(database),
        staffNote="A",
        patronText="B",
        expiresAt="2026-12-01T00:00:00Z",
    )
    changed = change_block(
        client, "userBlockChange", id=block["id"], staffNote=None, patronText=None, expiresAt=None
    )["userBlock"]
    assert (changed["staffNote"], changed["patronText"], changed["expiresAt"]) == (None, None, None)
    stored = database.rows(
        "SELECT staff_note, patron_text, expires_at FROM user_block WHERE created_at = %(at)s "
        "AND version = 2 AND block_type = 'CASH' ORDER BY id DESC LIMIT 1",
        ASHFORD,
        at=NOW,
    )
    assert stored == [(None, None, None)]


def test_an_expiry_given_as_a_day_means_the_end_of_that_day_at_the_institution(
    client: Desk, database: Database
) -> None:
    block = add_block(client, new_patron(database))
    changed = change_block(client, "userBlockChange", id=block["id"], expiresOn="2026-11-30")[
        "userBlock"
    ]
    assert changed["expiresAt"] == "2026-12-01T05:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        (
            {"expiresAt": "2026-11-22T12:00:00Z"},
            ["input", "expiresAt"],
            "The expiry date has passed already; choose a later one, or none.",
        ),
        (
            {"expiresOn": "2026-11-21"},
            ["input", "expiresOn"],
            "The expiry date has passed already; choose a later one, or none.",
        ),
        (
            {"expiresOn": "2026-11-30", "expiresAt": "2026-11-30T12:00:00Z"},
            ["input", "expiresOn"],
            "Give either a day or an instant of expiry, not both.",
        ),
        (
            {"expiresAt": "2026-11-30T12:00:00"},
            ["input", "expiresAt"],
            "The instant of expiry needs a time zone or offset.",
        ),
        (
            {"expiresOn": "9999-12-31"},
            ["input", "expiresOn"],
            "The expiry date is too far ahead; the last day that can be given is 9000-01-01.",
        ),
        (
            {"staffNote": "x" * 4001},
            ["input", "staffNote"],
            "The text is longer than 4000 characters.",
        ),
        (
            {"patronText": "bell\x07"},
            ["input", "patronText"],
            "The text contains a control character (U+0007), which cannot be kept.",
        ),
    ],
)
def test_a_wrong_change_is_refused_and_writes_nothing(
    client: Desk, database: Database, given: dict[str, object], path: list[str], message: str
) -> None:
    block = add_block(client, new_patron(database))
    with nothing_written(database):
        payload = change_block(client, "userBlockChange", id=block["id"], **given)
    assert errors_of(payload) == [("InvalidInputError", path, message)]


def test_the_expiry_that_a_block_has_may_be_given_again_even_when_it_has_passed(
    client: Desk, database: Database
) -> None:
    block = add_block(client, new_patron(database), expiresAt="2026-11-22T13:00:00Z")
    client.clock.now = NOW + timedelta(hours=2)
    changed = change_block(
        client,
        "userBlockChange",
        id=block["id"],
        expiresAt="2026-11-22T13:00:00Z",
        staffNote="Late",
    )["userBlock"]
    assert (changed["staffNote"], changed["isInForce"]) == ("Late", False)


def test_a_change_to_what_stands_there_leaves_no_trace(client: Desk, database: Database) -> None:
    block = add_block(client, new_patron(database), staffNote="A")
    with nothing_written(database):
        payload = change_block(client, "userBlockChange", id=block["id"], staffNote=" A ")
    assert payload["userBlock"]["version"] == 1


def test_the_toggle_switches_off_and_on_and_twice_is_as_once(
    client: Desk, database: Database
) -> None:
    block = add_block(client, new_patron(database))
    off = change_block(client, "userBlockDeactivate", id=block["id"])["userBlock"]
    assert (off["status"], off["isInForce"], off["version"]) == ("INACTIVE", False, 2)
    with nothing_written(database):
        again = change_block(client, "userBlockDeactivate", id=block["id"])["userBlock"]
    assert again == off
    on = change_block(client, "userBlockActivate", id=block["id"])["userBlock"]
    assert (on["status"], on["isInForce"], on["version"]) == ("ACTIVE", True, 3)
    deeds = [deed for deed, *_ in history_of(database, block["id"])]
    assert deeds == ["user_block.add", "user_block.deactivate", "user_block.activate"]


def test_switching_on_a_block_past_its_expiry_warns(client: Desk, database: Database) -> None:
    block = add_block(client, new_patron(database), expiresAt="2026-11-22T13:00:00Z")
    client.clock.now = NOW + timedelta(hours=2)
    document = (
        "mutation($id: ID!) { userBlockActivate(input: {id: $id}) { userBlock { isInForce } "
        "warnings { message path } userErrors { message } } }"
    )
    assert client.ask(document, id=block["id"])["userBlockActivate"] == {
        "userBlock": {"isInForce": False},
        "warnings": [
            {
                "message": "The block has passed its expiry, so it stops nothing; give it a "
                "later one.",
                "path": ["input", "id"],
            }
        ],
        "userErrors": [],
    }


COMMANDS = [
    ("userBlockChange", {"staffNote": "x"}),
    ("userBlockActivate", {}),
    ("userBlockDeactivate", {}),
    ("userBlockRemove", {"reason": "x"}),
    ("userBlockRestore", {}),
]
each_command = pytest.mark.parametrize(("command", "more"), COMMANDS)


@each_command
def test_a_block_that_changed_since_it_was_seen_is_not_touched(
    client: Desk, database: Database, command: str, more: dict[str, object]
) -> None:
    block = add_block(client, new_patron(database))
    change_block(client, "userBlockChange", id=block["id"], staffNote="Somebody else was here")
    with nothing_written(database):
        payload = change_block(client, command, id=block["id"], version=1, **more)
    assert errors_of(payload) == [
        (
            "ConflictError",
            ["input", "version"],
            "The block was changed meanwhile; look at it again.",
        )
    ]


@each_command
def test_another_institutions_block_is_as_one_never_issued(
    client: Desk, database: Database, command: str, more: dict[str, object]
) -> None:
    block = add_block(client, new_patron(database))
    with nothing_written(database):
        theirs = change_block(client.as_(CARL), command, id=block["id"], **more)
        nobodys = change_block(client.as_(CARL), command, id=f"b_{NEVER_ISSUED}", **more)
        malformed = change_block(client.as_(OSCAR), command, id="nonsense", **more)
    assert theirs == nobodys == malformed
    assert errors_of(theirs) == [("NotFoundError", ["input", "id"], "There is no such block.")]


def test_two_people_at_one_block_take_turns(client: Desk, database: Database) -> None:
    block = add_block(client, new_patron(database))
    first = change_block(client, "userBlockChange", id=block["id"], version=1, staffNote="First")
    second = change_block(
        client.as_(OLIVE), "userBlockChange", id=block["id"], version=1, staffNote="2nd"
    )
    assert first["userBlock"]["version"] == 2
    assert errors_of(second)[0][0] == "ConflictError"


def test_an_instant_in_another_offset_is_the_same_instant(client: Desk, database: Database) -> None:
    block = add_block(client, new_patron(database))
    changed = change_block(
        client, "userBlockChange", id=block["id"], expiresAt="2026-12-01T01:00:00+13:00"
    )["userBlock"]
    assert datetime.fromisoformat(changed["expiresAt"]) == datetime(2026, 11, 30, 12, tzinfo=UTC)
