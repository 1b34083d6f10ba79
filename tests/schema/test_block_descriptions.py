"""The list of block descriptions over HTTP: read, added to and changed, by whom and by whom not."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import ADA, ASHFORD, AUDREY, GRETA, MAX, NADIA, OLIVE, PIA
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


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def test_staff_read_the_list_in_its_order(client: Desk) -> None:
    assert listed(client.as_(OLIVE)) == CODES


def test_what_is_disabled_is_left_out_on_demand(client: Desk) -> None:
    codes = [code for code in CODES if code != "RETIRED"]
    assert listed(client.as_(AUDREY), enabled_only=True) == codes


@pytest.mark.parametrize("person", [PIA, NADIA], ids=lambda person: person.primary_id)
def test_neither_patrons_nor_the_network_read_it(client: Desk, person: Any) -> None:
    desk = client.as_(person)
    assert desk.error_codes("{ blockDescriptions { code } }") == ["NOT_PERMITTED"]


def test_a_description_is_added_at_the_end(ada: Desk, database: Database) -> None:
    added = run(ada, "blockDescriptionAdd", ROW, code="NOISE", text="Too loud")
    row = added["blockDescription"]
    assert added["userErrors"] == []
    assert row | {"id": ""} == {
        "id": "",
        "code": "NOISE",
        "text": "Too loud",
        "isEnabled": True,
        "isDefault": False,
        "position": 8,
        "version": 1,
    }
    assert listed(ada) == [*CODES, "NOISE"]
    fields = ["code", "is_default", "is_enabled", "position", "text", "version"]
    assert description_events(database, "NOISE") == [("block_description.add", "ada", fields)]


def test_a_new_default_takes_the_place_of_the_old(ada: Desk, database: Database) -> None:
    added = run(ada, "blockDescriptionAdd", ROW, code="D2", text="Default", isDefault=True)
    assert added["blockDescription"]["isDefault"] is True
    defaults = database.rows("SELECT code FROM block_description WHERE is_default", ASHFORD)
    assert defaults == [("D2",)]
    assert description_events(database, "ADDRESS")[-1] == (
        "block_description.add",
        "ada",
        ["is_default", "version"],
    )


@pytest.mark.parametrize("text", ["Überfällig 延滞 محظور 🔒", "नमस्ते", "עברית"])
def test_every_script_comes_back_as_it_came(ada: Desk, text: str) -> None:
    added = run(ada, "blockDescriptionAdd", ROW, code=f"U-{text}"[:40], text=text)
    assert added["blockDescription"]["text"] == text


def test_text_comes_back_in_nfc_without_space_around_it(ada: Desk) -> None:
    added = run(ada, "blockDescriptionAdd", ROW, code=" ZOE\u0308 ", text=" Zoe\u0308 ")
    row = added["blockDescription"]
    assert (row["code"], row["text"]) == ("ZOË", "Zoë")


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"code": ""}, ["code"], "This cannot be empty."),
        ({"text": " "}, ["text"], "This cannot be empty."),
        ({"code": "X" * 51}, ["code"], "The text is longer than 50 characters."),
        ({"text": "x" * 201}, ["text"], "The text is longer than 200 characters."),
        (
            {"text": "a\x00b"},
            ["text"],
            "The text contains a control character (U+0000), which cannot be kept.",
        ),
        ({"code": "UNPAID"}, ["code"], "UNPAID is taken already; choose another."),
        (
            {"code": "Unpaid"},
            ["code"],
            "The code Unpaid differs from UNPAID only in upper and lower case; choose another.",
        ),
        (
            {"isEnabled": False, "isDefault": True},
            ["isDefault"],
            "A disabled description cannot be the default; enable it.",
        ),
    ],
)
def test_what_cannot_be_added_is_refused(
    ada: Desk, given: dict[str, Any], path: list[str], sentence: str
) -> None:
    payload = run(ada, "blockDescriptionAdd", ROW, **{"code": "NEW", "text": "New"} | given)
    assert refusal(payload) == ("InvalidInput", sentence, ["input", *path])
    assert listed(ada) == CODES


def test_several_wrong_inputs_are_all_named(ada: Desk) -> None:
    payload = run(ada, "blockDescriptionAdd", ROW, code="", text="")
    assert [error["path"] for error in payload["userErrors"]] == [
        ["input", "code"],
        ["input", "text"],
    ]


def test_a_text_of_many_megabytes_never_reaches_the_table(ada: Desk) -> None:
    query = (
        "mutation($input: BlockDescriptionAddInput!)"
        " { blockDescriptionAdd(input: $input) { __typename } }"
    )
    variables = {"input": {"code": "BIG", "text": "x" * 10_000_000}}
    assert ada.send(query, variables).status_code == 413
    assert listed(ada) == CODES


def test_a_full_table_takes_no_more(ada: Desk, database: Database) -> None:
    for number in range(8, 1000):
        row = {"code": f"ROW{number}", "text": "Row", "position": number}
        database.put("block_description", ASHFORD, **row)
    payload = run(ada, "blockDescriptionAdd", ROW, code="ONE_MORE", text="One more")
    assert refusal(payload) == ("Conflict", "A block table has at most 1,000 rows.", [])


def test_a_new_code_carries_definition_and_blocks_along(ada: Desk, database: Database) -> None:
    put_block(database, "UNPAID")
    payload = run(
        ada,
        "blockDescriptionChange",
        WARNED,
        blockDescription=description_id("UNPAID"),
        code="FEES",
        text="Fees",
        version=1,
    )
    assert payload["userErrors"] == payload["warnings"] == []
    row = payload["blockDescription"]
    assert (row["code"], row["text"], row["version"]) == ("FEES", "Fees", 2)
    definitions = ada.ask("{ blockDefinitions { rowId description { code } } }")
    assert {"rowId": "UNPAID", "description": {"code": "FEES"}} in definitions["blockDefinitions"]
    blocks = ada.ask(
        "query($id: String!) { user(identifier: $id) { blocks { nodes"
        " { description { code version } definition { rowId version } } } } }",
        id=PIA.primary_id,
    )
    assert blocks["user"]["blocks"]["nodes"] == [
        {
            "description": {"code": "FEES", "version": 2},
            "definition": {"rowId": "UNPAID", "version": 1},
        }
    ]
    assert description_events(database, "FEES")[-1] == (
        "block_description.change",
        "ada",
        ["code", "text", "version"],
    )


def test_only_what_is_given_changes(ada: Desk) -> None:
    given = {"blockDescription": description_id("UNPAID"), "text": "Unpaid charges"}
    row = run(ada, "blockDescriptionChange", WARNED, **given)["blockDescription"]
    assert (row["code"], row["text"], row["version"]) == ("UNPAID", "Unpaid charges", 2)


def test_a_change_to_what_it_is_already_leaves_no_trace(ada: Desk, database: Database) -> None:
    before = description_events(database, "UNPAID")
    given = {"blockDescription": description_id("UNPAID"), "text": "Unpaid fees"}
    row = run(ada, "blockDescriptionChange", WARNED, **given)["blockDescription"]
    assert row["version"] == 1
    assert description_events(database, "UNPAID") == before


@pytest.mark.parametrize("code", ["OVERDUE", "CONSORTIA"])
def test_a_code_the_system_looks_for_changes_with_a_warning(ada: Desk, code: str) -> None:
    given = {"blockDescription": description_id(code), "code": f"OLD_{code}"}
    payload = run(ada, "blockDescriptionChange", WARNED, **given)
    assert payload["blockDescription"]["code"] == f"OLD_{code}"
    (warning,) = payload["warnings"]
    assert warning["path"] == ["input", "code"]
    assert warning["message"].startswith(f"{code} gets another code: ")


def test_a_change_of_a_version_that_has_passed_is_refused(ada: Desk) -> None:
    given = {"blockDescription": description_id("UNPAID"), "version": 1}
    run(ada, "blockDescriptionChange", WARNED, **given, text="First")
    payload = run(ada, "blockDescriptionChange", WARNED, **given, text="Second")
    assert refusal(payload) == (
        "Conflict",
        "Somebody else has changed this meanwhile. Look at it again before you change it.",
        ["input", "version"],
    )


@pytest.mark.parametrize(
    ("code", "given", "sentence"),
    [
        ("UNPAID", {"code": "OVERDUE"}, "OVERDUE is taken already; choose another."),
        ("UNPAID", {"code": "A" * 51}, "The text is longer than 50 characters."),
        ("UNPAID", {"text": ""}, "This cannot be empty."),
    ],
)
def test_what_cannot_be_changed_is_refused(
    ada: Desk, code: str, given: dict[str, str], sentence: str
) -> None:
    payload = run(
        ada, "blockDescriptionChange", WARNED, blockDescription=description_id(code), **given
    )
    kind, message, path = refusal(payload)
    assert (kind, message, path) == ("InvalidInput", sentence, ["input", *given])
    assert listed(ada) == CODES


def test_no_description_of_another_kind_is_renamed_to_consortia(
    ada: Desk, database: Database
) -> None:
    run(
        ada,
        "blockDescriptionChange",
        WARNED,
        blockDescription=description_id("CONSORTIA"),
        code="COPIES",
    )
    given = {"blockDescription": description_id("UNPAID"), "code": "CONSORTIA"}
    payload = run(ada, "blockDescriptionChange", WARNED, **given)
    assert [(error["path"], error["message"]) for error in payload["userErrors"]] == [
        (
            ["input", "code"],
            "Blocks with the description CONSORTIA come from another member and never travel on; "
            "they cannot be network blocks.",
        ),
        (
            ["input", "code"],
            "The definition of CONSORTIA must be of the type Consortial block.",
        ),
    ]
    assert "UNPAID" in listed(ada)


@pytest.mark.parametrize("person", [OLIVE, MAX, AUDREY, PIA], ids=lambda one: one.primary_id)
def test_the_table_belongs_to_those_who_configure(client: Desk, person: Any) -> None:
    payload = run(client.as_(person), "blockDescriptionAdd", ROW, code="MINE", text="Mine")
    assert refusal(payload) == ("NotPermitted", "Your roles do not allow this.", [])
    assert listed(client.as_(OLIVE)) == CODES


def test_the_general_system_administrator_configures_too(client: Desk) -> None:
    payload = run(client.as_(GRETA), "blockDescriptionAdd", ROW, code="MINE", text="Mine")
    assert payload["blockDescription"]["code"] == "MINE"
