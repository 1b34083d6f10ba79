"""What keeps the list of block descriptions in shape over HTTP: removing, enabling, disabling,
ordering, the default; and whose descriptions they are."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import ADA, ASHFORD, CARL, CEDAR, OLIVE, PIA
from tests.database_server import Database
from tests.desk import Desk
from tests.table_desk import (
    CODES,
    block_tables_restored,
    description_events,
    description_id,
    listed,
    put_block,
    refusal,
    run,
)

ROW = "blockDescription { id code text isEnabled isDefault position version }"
WARNED = f"{ROW} warnings {{ message path }}"
LIST = "blockDescriptions { code isDefault position version }"


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def test_an_unused_description_is_removed_and_the_list_closes(
    ada: Desk, database: Database
) -> None:
    run(ada, "blockDescriptionAdd", ROW, code="LAST", text="Last")
    payload = run(
        ada,
        "blockDescriptionRemove",
        "removed { code } warnings { message }",
        blockDescription=description_id("UNDEFINED"),
    )
    assert payload == {"removed": {"code": "UNDEFINED"}, "warnings": [], "userErrors": []}
    positions = database.rows(
        "SELECT code, position FROM block_description ORDER BY position", ASHFORD
    )
    assert positions[-2:] == [("RETIRED", 6), ("LAST", 7)]


def test_a_description_with_a_definition_stays(ada: Desk) -> None:
    payload = run(
        ada, "blockDescriptionRemove", "removed { id }", blockDescription=description_id("UNPAID")
    )
    assert refusal(payload) == (
        "Conflict",
        "UNPAID cannot be deleted: the definition UNPAID uses it. Disable it instead.",
        ["input", "blockDescription"],
    )
    assert listed(ada) == CODES


def test_a_description_that_live_blocks_have_stays_and_says_how_many(
    ada: Desk, database: Database
) -> None:
    for _ in range(2):
        put_block(database, "UNDEFINED", origin="IMPORT")
    removal = {"removed_at": database_now(database), "removed_by": "x", "removal_reason": "x"}
    put_block(database, "UNDEFINED", origin="IMPORT", **removal)
    given = {"blockDescription": description_id("UNDEFINED")}
    payload = run(ada, "blockDescriptionRemove", "removed { id }", **given)
    assert refusal(payload) == (
        "Conflict",
        "UNDEFINED cannot be deleted: 2 blocks on users have it. Disable it instead.",
        ["input", "blockDescription"],
    )


def test_a_removed_block_does_not_keep_its_description(ada: Desk, database: Database) -> None:
    removal = {"removed_at": database_now(database), "removed_by": "x", "removal_reason": "x"}
    put_block(database, "UNDEFINED", origin="IMPORT", **removal)
    given = {"blockDescription": description_id("UNDEFINED")}
    payload = run(ada, "blockDescriptionRemove", "removed { code }", **given)
    assert payload["removed"] == {"code": "UNDEFINED"}


def database_now(database: Database) -> object:
    return database.value("SELECT now()", ASHFORD)


def test_disabled_is_not_offered_for_new_blocks_and_old_ones_stay_in_force(
    ada: Desk, database: Database
) -> None:
    put_block(database, "UNPAID")
    given = {"blockDescription": description_id("UNPAID")}
    payload = run(ada, "blockDescriptionDisable", WARNED, **given)
    assert payload["blockDescription"]["isEnabled"] is False
    assert "UNPAID" not in listed(ada, enabled_only=True)
    refused = ada.as_(OLIVE).ask(
        "mutation($input: UserBlockAddInput!) { userBlockAdd(input: $input)"
        " { userErrors { path } } }",
        input={"user": user_id(ada), "blocks": [{"description": description_id("UNPAID")}]},
    )
    assert refused["userBlockAdd"]["userErrors"] == [
        {"path": ["input", "blocks", "0", "description"]}
    ]
    gate = ada.ask(
        "query($id: String!) { user(identifier: $id)"
        " { gate { action verdict reasons { block { description { code } } } } } }",
        id=PIA.primary_id,
    )
    loan = next(one for one in gate["user"]["gate"] if one["action"] == "LOAN")
    assert loan == {
        "action": "LOAN",
        "verdict": "BLOCKED",
        "reasons": [{"block": {"description": {"code": "UNPAID"}}}],
    }


def user_id(desk: Desk) -> str:
    answer = desk.ask("query($id: String!) { user(identifier: $id) { id } }", id=PIA.primary_id)
    return str(answer["user"]["id"])


def test_enabled_is_offered_again(ada: Desk, database: Database) -> None:
    given = {"blockDescription": description_id("RETIRED")}
    payload = run(ada, "blockDescriptionEnable", ROW, **given)
    assert payload["blockDescription"]["isEnabled"] is True
    assert payload["blockDescription"]["version"] == 2
    assert "RETIRED" in listed(ada, enabled_only=True)
    assert description_events(database, "RETIRED")[-1] == (
        "block_description.enable",
        "ada",
        ["is_enabled", "version"],
    )


def test_the_default_cannot_be_disabled(ada: Desk) -> None:
    given = {"blockDescription": description_id("ADDRESS")}
    assert refusal(run(ada, "blockDescriptionDisable", WARNED, **given)) == (
        "Conflict",
        "ADDRESS is the default and cannot be disabled; choose another default, or none, first.",
        ["input", "blockDescription"],
    )


def test_disabling_overdue_goes_with_a_warning(ada: Desk) -> None:
    given = {"blockDescription": description_id("OVERDUE")}
    payload = run(ada, "blockDescriptionDisable", WARNED, **given)
    assert [warning["message"] for warning in payload["warnings"]] == [
        "OVERDUE is looked for by the system; disabled, staff cannot choose it."
    ]


def test_the_list_is_brought_into_another_order(ada: Desk, database: Database) -> None:
    order = [*CODES[2:], *CODES[:2]]
    given = {"order": [description_id(code) for code in order]}
    payload = run(ada, "blockDescriptionsReorder", LIST, **given)
    assert [row["code"] for row in payload["blockDescriptions"]] == order
    assert [row["position"] for row in payload["blockDescriptions"]] == list(range(8))
    assert listed(ada) == order
    assert description_events(database, "UNPAID")[-1] == (
        "block_description.reorder",
        "ada",
        ["position"],
    )


@pytest.mark.parametrize(
    "order",
    [
        CODES[1:],
        [*CODES, CODES[0]],
        [*CODES[:-1], CODES[0]],
        [*CODES[:-1], "NOBODY"],
    ],
    ids=["one is missing", "one more", "one twice", "one unknown"],
)
def test_an_order_that_is_not_of_the_whole_list_is_refused(ada: Desk, order: list[str]) -> None:
    given = {"order": [description_id(code) for code in order]}
    assert refusal(run(ada, "blockDescriptionsReorder", LIST, **given)) == (
        "InvalidInput",
        "The new order must name each of the 8 descriptions exactly once.",
        ["input", "order"],
    )
    assert listed(ada) == CODES


def test_another_default_is_chosen(ada: Desk, database: Database) -> None:
    given = {"blockDescription": description_id("UNPAID")}
    payload = run(ada, "blockDescriptionDefaultSet", LIST, **given)
    defaults = [row["code"] for row in payload["blockDescriptions"] if row["isDefault"]]
    assert defaults == ["UNPAID"]
    for code in ("ADDRESS", "UNPAID"):
        assert description_events(database, code)[-1] == (
            "block_description.set_default",
            "ada",
            ["is_default", "version"],
        )


def test_no_default_is_a_choice_too(ada: Desk) -> None:
    payload = run(ada, "blockDescriptionDefaultSet", LIST, blockDescription=None)
    assert not any(row["isDefault"] for row in payload["blockDescriptions"])


def test_a_disabled_description_cannot_be_the_default(ada: Desk) -> None:
    given = {"blockDescription": description_id("RETIRED")}
    assert refusal(run(ada, "blockDescriptionDefaultSet", LIST, **given)) == (
        "Conflict",
        "RETIRED is disabled and cannot be the default; enable it first.",
        ["input", "blockDescription"],
    )


Command = tuple[str, str, dict[str, Any]]

RECORD_COMMANDS: list[Command] = [
    ("blockDescriptionChange", "warnings { message }", {"text": "Mine now"}),
    ("blockDescriptionRemove", "removed { id }", {}),
    ("blockDescriptionEnable", ROW, {}),
    ("blockDescriptionDisable", ROW, {}),
    ("blockDescriptionDefaultSet", LIST, {}),
]


@pytest.mark.parametrize("command", RECORD_COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    "record",
    [
        description_id("UNPAID", CEDAR),
        description_id("NOBODY"),
        "d_nonsense",
        description_id("UNPAID").replace("d_", "f_"),
        "",
    ],
    ids=["another institution's", "nobody's", "malformed", "of another type", "empty"],
)
def test_what_is_not_at_this_institution_does_not_exist(
    ada: Desk, database: Database, command: Command, record: str
) -> None:
    mutation, selection, given = command
    payload = run(ada, mutation, selection, blockDescription=record, **given)
    assert refusal(payload) == (
        "NotFound",
        "There is no such block description.",
        ["input", "blockDescription"],
    )
    text = database.value("SELECT text FROM block_description WHERE code = 'UNPAID'", CEDAR)
    assert text == "Unpaid fees"


@pytest.mark.parametrize("command", RECORD_COMMANDS, ids=lambda command: command[0])
def test_a_stranger_who_may_everything_at_home_changes_nothing_here(
    client: Desk, database: Database, command: Command
) -> None:
    mutation, selection, given = command
    theirs = {"blockDescription": description_id("RETIRED")}
    payload = run(client.as_(CARL), mutation, selection, **theirs, **given)
    assert refusal(payload)[0] == "NotFound"
    row = database.rows(
        "SELECT text, is_enabled, version FROM block_description WHERE code = 'RETIRED'", ASHFORD
    )
    assert row == [("No longer used", False, 1)]
