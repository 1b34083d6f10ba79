"""The block definitions over HTTP: what blocks of a description do, and who says so."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import ADA, ASHFORD, AUDREY, CARL, CEDAR, GRETA, MAX, OLIVE, PIA
from tests.database_server import Database
from tests.desk import Desk
from tests.table_desk import (
    block_tables_restored,
    code_id,
    deeds,
    definition_id,
    description_id,
    put_block,
    refusal,
    run,
)

ROW = (
    "blockDefinition { id rowId description { code } blockedAction { code } blockType overridable"
    " isNetworkBlock version }"
)
WARNED = f"{ROW} warnings {{ message path }}"
NEW = {
    "rowId": "UNDEF",
    "description": description_id("UNDEFINED"),
    "blockedAction": code_id("03"),
    "blockType": "GENERAL",
    "overridable": "OPERATOR",
}


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def rows(desk: Desk) -> dict[str, str]:
    answer = desk.ask("{ blockDefinitions { rowId description { code } } }")
    return {row["rowId"]: row["description"]["code"] for row in answer["blockDefinitions"]}


def test_staff_read_the_table_in_the_order_of_the_descriptions(client: Desk) -> None:
    assert list(rows(client.as_(AUDREY))) == [
        "ADDRESS",
        "UNPAID",
        "LOST_CARD",
        "CONDUCT",
        "OVERDUE",
        "CONSORTIA",
        "RETIRED",
    ]


def test_a_definition_is_added(ada: Desk, database: Database) -> None:
    payload = run(ada, "blockDefinitionAdd", WARNED, **NEW)
    assert payload["userErrors"] == payload["warnings"] == []
    row = payload["blockDefinition"]
    assert row.pop("id").startswith("f_")
    assert row == {
        "rowId": "UNDEF",
        "description": {"code": "UNDEFINED"},
        "blockedAction": {"code": "03"},
        "blockType": "GENERAL",
        "overridable": "OPERATOR",
        "isNetworkBlock": False,
        "version": 1,
    }
    deed, actor, _, before, after = deeds(database, "block_definition.add")[-1]
    assert (deed, actor, before) == ("block_definition.add", "ada", None)
    assert after["description_code"] == "UNDEFINED"


def test_with_a_definition_the_description_can_be_put_on_users(ada: Desk) -> None:
    run(ada, "blockDefinitionAdd", WARNED, **NEW)
    user = ada.ask("query($id: String!) { user(identifier: $id) { id } }", id=PIA.primary_id)
    blocks = [{"description": description_id("UNDEFINED")}]
    added = run(
        ada.as_(OLIVE),
        "userBlockAdd",
        "userBlocks { definition { rowId } }",
        user=user["user"]["id"],
        blocks=blocks,
    )
    assert added["userBlocks"] == [{"definition": {"rowId": "UNDEF"}}]


def test_the_definition_of_overdue_stops_everything_unless_told_otherwise(ada: Desk) -> None:
    removed = run(
        ada, "blockDefinitionRemove", "removed { rowId }", blockDefinition=definition_id("OVERDUE")
    )
    assert removed["removed"] == {"rowId": "OVERDUE"}
    wanted = {
        "rowId": "OVERDUE",
        "description": description_id("OVERDUE"),
        "blockType": "LOAN",
        "overridable": "CIRCDESC",
    }
    payload = run(ada, "blockDefinitionAdd", WARNED, **wanted)
    assert payload["blockDefinition"]["blockedAction"] == {"code": "ALL"}


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"rowId": ""}, "rowId", "This cannot be empty."),
        ({"rowId": "UNPAID"}, "rowId", "UNPAID is taken already; choose another."),
        (
            {"rowId": "unpaid"},
            "rowId",
            "The code unpaid differs from UNPAID only in upper and lower case; choose another.",
        ),
        (
            {"description": description_id("UNPAID")},
            "description",
            "The description UNPAID has a definition already: UNPAID. A description has one"
            " definition.",
        ),
        ({"description": "d_nonsense"}, "description", "There is no such block description."),
        (
            {"description": description_id("UNDEFINED", CEDAR)},
            "description",
            "There is no such block description.",
        ),
        ({"blockedAction": None}, "blockedAction", "Choose the blocked action."),
        (
            {"blockedAction": code_id("01", CEDAR)},
            "blockedAction",
            "There is no such blocked-action code.",
        ),
    ],
)
def test_what_cannot_be_added_is_refused(
    ada: Desk, given: dict[str, Any], path: str, sentence: str
) -> None:
    before = rows(ada)
    payload = run(ada, "blockDefinitionAdd", WARNED, **NEW | given)
    assert refusal(payload) == ("InvalidInput", sentence, ["input", path])
    assert rows(ada) == before


def test_a_network_block_on_another_consortial_row_goes_with_a_warning(ada: Desk) -> None:
    wanted = NEW | {"rowId": "FROM_TARGET", "blockType": "CONSORTIAL", "isNetworkBlock": True}
    payload = run(ada, "blockDefinitionAdd", WARNED, **wanted)
    assert payload["blockDefinition"]["isNetworkBlock"] is True
    assert payload["warnings"] == [
        {
            "message": "Blocks with the description UNDEFINED are consortial and travel on to"
            " other members. Use this only for blocks that a lending library asks you to enter by"
            " hand.",
            "path": ["input", "isNetworkBlock"],
        }
    ]


def test_a_definition_that_blocks_rest_on_stays_and_says_how_many(
    ada: Desk, database: Database
) -> None:
    for _ in range(3):
        put_block(database, "UNPAID")
    given = {"blockDefinition": definition_id("UNPAID")}
    assert refusal(run(ada, "blockDefinitionRemove", "removed { id }", **given)) == (
        "Conflict",
        "The definition UNPAID cannot be deleted: 3 blocks on users have the description UNPAID,"
        " and nobody could tell what they stop. Remove the blocks first.",
        ["input", "blockDefinition"],
    )
    assert "UNPAID" in rows(ada)


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("blockDefinitionChange", {"overridable": "ALL"}),
    ("blockDefinitionRemove", {}),
]


@pytest.mark.parametrize(("mutation", "given"), COMMANDS)
@pytest.mark.parametrize(
    "record", [definition_id("UNPAID", CEDAR), definition_id("NOBODY"), "f_nonsense"]
)
def test_what_is_not_at_this_institution_does_not_exist(
    ada: Desk, mutation: str, given: dict[str, Any], record: str
) -> None:
    payload = run(ada, mutation, blockDefinition=record, **given)
    assert refusal(payload) == (
        "NotFound",
        "There is no such block definition.",
        ["input", "blockDefinition"],
    )


@pytest.mark.parametrize(("mutation", "given"), COMMANDS)
def test_a_stranger_changes_nothing_here(
    client: Desk, database: Database, mutation: str, given: dict[str, Any]
) -> None:
    payload = run(client.as_(CARL), mutation, blockDefinition=definition_id("RETIRED"), **given)
    assert refusal(payload)[0] == "NotFound"
    row = database.rows(
        "SELECT overridable, version FROM block_definition WHERE row_id = 'RETIRED'", ASHFORD
    )
    assert row == [("OPERATOR", 1)]


@pytest.mark.parametrize("person", [OLIVE, MAX, AUDREY, PIA], ids=lambda one: one.primary_id)
def test_the_table_belongs_to_those_who_configure(client: Desk, person: Any) -> None:
    payload = run(client.as_(person), "blockDefinitionAdd", ROW, **NEW)
    assert refusal(payload) == ("NotPermitted", "Your roles do not allow this.", [])
    assert run(client.as_(GRETA), "blockDefinitionAdd", ROW, **NEW)["userErrors"] == []
