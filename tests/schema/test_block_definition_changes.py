"""Changes of block definitions over HTTP: what may change, and what stays."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import ADA
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


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def test_what_is_given_changes_and_the_id_stays(ada: Desk, database: Database) -> None:
    payload = run(
        ada,
        "blockDefinitionChange",
        WARNED,
        blockDefinition=definition_id("UNPAID"),
        blockedAction=code_id("ALL"),
        overridable="NONE",
        isNetworkBlock=False,
        version=1,
    )
    row = payload["blockDefinition"]
    assert (row["rowId"], row["blockedAction"], row["blockType"]) == (
        "UNPAID",
        {"code": "ALL"},
        "CASH",
    )
    assert (row["overridable"], row["isNetworkBlock"], row["version"]) == ("NONE", False, 2)
    _, _, _, before, after = deeds(database, "block_definition.change")[-1]
    assert {name for name in after if before[name] != after[name]} == {
        "blocked_action_id",
        "blocked_action_code",
        "overridable",
        "is_network_block",
        "version",
    }


def test_the_id_is_no_input_of_the_change(ada: Desk) -> None:
    query = (
        "mutation($input: BlockDefinitionChangeInput!)"
        " { blockDefinitionChange(input: $input) { __typename } }"
    )
    variables = {"blockDefinition": definition_id("UNPAID"), "rowId": "OTHER"}
    assert ada.send(query, {"input": variables}).status_code == 400


def test_a_definition_that_nothing_rests_on_takes_another_description(ada: Desk) -> None:
    payload = run(
        ada,
        "blockDefinitionChange",
        WARNED,
        blockDefinition=definition_id("UNPAID"),
        description=description_id("UNDEFINED"),
    )
    assert payload["blockDefinition"]["description"] == {"code": "UNDEFINED"}


def test_a_definition_that_blocks_rest_on_keeps_its_description(
    ada: Desk, database: Database
) -> None:
    put_block(database, "UNPAID")
    payload = run(
        ada,
        "blockDefinitionChange",
        WARNED,
        blockDefinition=definition_id("UNPAID"),
        description=description_id("UNDEFINED"),
    )
    assert refusal(payload) == (
        "Conflict",
        "The definition UNPAID cannot change its description: 1 block on a user has the"
        " description UNPAID, and nobody could tell what they stop. Remove the blocks first.",
        ["input", "description"],
    )
    query = "{ blockDefinitions { rowId description { code } } }"
    assert {"rowId": "UNPAID", "description": {"code": "UNPAID"}} in ada.ask(query)[
        "blockDefinitions"
    ]


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        (
            {"isNetworkBlock": True},
            "isNetworkBlock",
            "Blocks with the description CONSORTIA come from another member and never travel on;"
            " they cannot be network blocks.",
        ),
        (
            {"blockType": "GENERAL"},
            "blockType",
            "The definition of CONSORTIA must be of the type Consortial block.",
        ),
    ],
)
def test_the_row_of_consortia_stays_what_it_must_be(
    ada: Desk, given: dict[str, Any], path: str, sentence: str
) -> None:
    payload = run(
        ada, "blockDefinitionChange", WARNED, blockDefinition=definition_id("CONSORTIA"), **given
    )
    assert refusal(payload) == ("InvalidInput", sentence, ["input", path])


def test_another_type_for_overdue_goes_with_a_warning(ada: Desk) -> None:
    given = {"blockDefinition": definition_id("OVERDUE"), "blockType": "GENERAL"}
    payload = run(ada, "blockDefinitionChange", WARNED, **given)
    assert payload["warnings"] == [
        {
            "message": "The definition of OVERDUE is usually of type Loan.",
            "path": ["input", "blockType"],
        }
    ]


def test_a_change_of_a_version_that_has_passed_is_refused(ada: Desk) -> None:
    given = {"blockDefinition": definition_id("UNPAID"), "overridable": "ALL", "version": 7}
    kind, _, path = refusal(run(ada, "blockDefinitionChange", WARNED, **given))
    assert (kind, path) == ("Conflict", ["input", "version"])
