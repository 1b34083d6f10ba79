"""The Blocks tab over HTTP: a block removed with a reason, and brought back."""

from datetime import timedelta

import pytest

from schema.ids import encoded
from tests.blocked import new_patron
from tests.cast import ASHFORD, HOUSES, NOW
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import add_block, change_block, errors_of, history_of
from tests.written import nothing_written


def test_a_removal_keeps_its_reason_and_can_be_undone(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    block = add_block(client, patron)
    removed = change_block(client, "userBlockRemove", id=block["id"], reason=" Paid  ")["userBlock"]
    assert removed["removal"] == {"removedBy": "olive", "reason": "Paid"}
    assert removed["isInForce"] is False
    shown = client.ask(
        "query($i: String!) { user(identifier: $i) { hasBlocks blocks { nodes { id } } "
        "removedBlocks { nodes { id removal { reason removedBy } } } } }",
        i=patron.primary_id,
    )["user"]
    assert shown == {
        "hasBlocks": False,
        "blocks": {"nodes": []},
        "removedBlocks": {
            "nodes": [
                {"id": block["id"], "removal": {"reason": "Paid", "removedBy": "olive"}},
            ]
        },
    }
    restored = change_block(client, "userBlockRestore", id=block["id"], version=2)["userBlock"]
    assert (restored["removal"], restored["isInForce"], restored["version"]) == (None, True, 3)
    history = history_of(database, block["id"])
    assert [deed for deed, *_ in history] == [
        "user_block.add",
        "user_block.remove",
        "user_block.restore",
    ]
    assert history[1][3]["removal_reason"] == "Paid"


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("", "Say why the block is removed."),
        (" \n ", "Say why the block is removed."),
        ("x" * 1001, "The text is longer than 1000 characters."),
        ("a\x00", "The text contains a control character (U+0000), which cannot be kept."),
    ],
)
def test_a_removal_without_a_usable_reason_is_refused(
    client: Desk, database: Database, reason: str, message: str
) -> None:
    block = add_block(client, new_patron(database))
    with nothing_written(database):
        payload = change_block(client, "userBlockRemove", id=block["id"], reason=reason)
    assert errors_of(payload) == [("InvalidInputError", ["input", "reason"], message)]


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("userBlockChange", {"staffNote": "x"}),
        ("userBlockActivate", {}),
        ("userBlockDeactivate", {}),
        ("userBlockRemove", {"reason": "again"}),
    ],
)
def test_a_removed_block_must_be_brought_back_first(
    client: Desk, database: Database, command: str, more: dict[str, object]
) -> None:
    block = add_block(client, new_patron(database))
    change_block(client, "userBlockRemove", id=block["id"], reason="Paid")
    with nothing_written(database):
        payload = change_block(client, command, id=block["id"], **more)
    assert errors_of(payload) == [
        ("ConflictError", ["input", "id"], "The block was removed; bring it back first.")
    ]


def test_only_what_was_removed_and_would_still_count_is_brought_back(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    standing = add_block(client, patron)
    ended = add_block(client, patron, expiresAt="2026-11-22T13:00:00Z")
    change_block(client, "userBlockRemove", id=ended["id"], reason="Paid")
    client.clock.now = NOW + timedelta(hours=2)
    with nothing_written(database):
        first = change_block(client, "userBlockRestore", id=standing["id"])
        second = change_block(client, "userBlockRestore", id=ended["id"])
    assert errors_of(first) == [
        (
            "InvalidInputError",
            ["input", "id"],
            "The block was not removed, so there is nothing to undo.",
        )
    ]
    assert errors_of(second) == [
        (
            "InvalidInputError",
            ["input", "id"],
            "The block has expired meanwhile, so bringing it back would stop nothing.",
        )
    ]


def test_a_block_whose_definition_is_gone_is_not_brought_back(
    client: Desk, database: Database
) -> None:
    house = HOUSES[ASHFORD]
    patron = new_patron(database)
    number = database.put(
        "user_block",
        ASHFORD,
        user_id=patron.id,
        description_id=house.description_id("UNDEFINED"),
        block_type="GENERAL",
        origin="STAFF",
        created_by="olive",
        created_at=NOW - timedelta(days=2),
        removed_at=NOW - timedelta(days=1),
        removed_by="olive",
        removal_reason="Cleared",
    )
    with nothing_written(database):
        payload = change_block(client, "userBlockRestore", id=encoded("b", number))
    assert errors_of(payload) == [
        (
            "InvalidInputError",
            ["input", "id"],
            "The block's description has no block definition any more.",
        )
    ]
