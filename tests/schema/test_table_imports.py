"""Import of the block tables over HTTP: a file is sent, then used by a mutation; all of it is
carried out or nothing, and a dry run only says what it would do."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import Workbook

from schema.ids import encoded
from tests.cast import ADA, ASHFORD, AUDREY, CARL, GRETA, MAX, OLIVE, PIA
from tests.database_server import Database
from tests.desk import Desk
from tests.table_desk import (
    CODES,
    block_tables_restored,
    deeds,
    definition_id,
    listed,
    put_block,
    refusal,
    run,
    upload,
)

LINE_ERRORS = "lineErrors { line column message }"
DESCRIPTIONS = (
    "plan { addCount changeCount unchangedCount rows { line outcome code text isEnabled isDefault"
    f" position }} }} {LINE_ERRORS} warnings {{ message path }}"
)
DEFINITIONS = (
    "plan { addCount changeCount unchangedCount rows { line outcome rowId description { code }"
    " blockedAction { code } blockType overridable isNetworkBlock } }"
    f" {LINE_ERRORS} warnings {{ message path }}"
)
NO_FILE = "There is no such upload of yours; it may have been used. Send the file again."


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def import_descriptions(desk: Desk, file: bytes | str, **given: Any) -> dict[str, Any]:
    sent = upload(desk, file)
    return run(desk, "blockDescriptionsImport", DESCRIPTIONS, upload=sent, **given)


def import_definitions(desk: Desk, file: str, **given: Any) -> dict[str, Any]:
    sent = upload(desk, file)
    return run(desk, "blockDefinitionsImport", DEFINITIONS, upload=sent, **given)


def counts(payload: dict[str, Any]) -> tuple[int, int, int]:
    plan = payload["plan"]
    return plan["addCount"], plan["changeCount"], plan["unchangedCount"]


def waiting(database: Database) -> int:
    return int(str(database.value("SELECT count(*) FROM upload", ASHFORD)))


@pytest.mark.parametrize(
    "file",
    [
        "code,description\nNOISE,Too loud\nUNPAID,Fees\nOVERDUE,Overdue loans\n",
        "\ufeffCode; Description\r\nNOISE;Too loud\r\n\r\nUNPAID;Fees\r\nOVERDUE;Overdue loans\r\n",
        workbook(
            ["code", "description"],
            ["NOISE", "Too loud"],
            ["UNPAID", "Fees"],
            ["OVERDUE", "Overdue loans"],
        ),
    ],
    ids=["commas", "a byte order mark and semicolons", "a workbook"],
)
def test_a_file_adds_and_changes_descriptions(
    ada: Desk, database: Database, file: bytes | str
) -> None:
    payload = import_descriptions(ada, file)
    assert payload["userErrors"] == payload["lineErrors"] == payload["warnings"] == []
    assert counts(payload) == (1, 1, 1)
    assert listed(ada) == [*CODES, "NOISE"]
    rows = {row["code"]: row for row in payload["plan"]["rows"]}
    assert rows["NOISE"] == {
        "line": 2,
        "outcome": "ADD",
        "code": "NOISE",
        "text": "Too loud",
        "isEnabled": True,
        "isDefault": False,
        "position": 8,
    }
    assert (rows["UNPAID"]["outcome"], rows["OVERDUE"]["outcome"]) == ("CHANGE", "UNCHANGED")
    changes = deeds(database, "block_description.import")[-2:]
    assert [(actor, channel) for _, actor, channel, _, _ in changes] == [("ada", "IMPORT")] * 2
    assert {after["text"]: before and before["text"] for *_, before, after in changes} == {
        "Fees": "Unpaid fees",
        "Too loud": None,
    }
    assert waiting(database) == 0


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(ada: Desk, database: Database) -> None:
    events = len(deeds(database, "block_description"))
    file = "code,description,order\nNOISE,Too loud,0\nADDRESS,Address unknown,\n"
    payload = import_descriptions(ada, file, dryRun=True)
    assert counts(payload) == (1, 8, 0)
    assert [row["code"] for row in payload["plan"]["rows"]] == ["NOISE", *CODES]
    assert payload["plan"]["rows"][2]["line"] is None
    assert listed(ada) == CODES
    assert len(deeds(database, "block_description")) == events
    assert waiting(database) == 1


def test_after_the_dry_run_the_same_upload_is_carried_out_once(ada: Desk) -> None:
    sent = upload(ada, "code,description,order\nNOISE,Too loud,0\n")
    run(ada, "blockDescriptionsImport", DESCRIPTIONS, upload=sent, dryRun=True)
    run(ada, "blockDescriptionsImport", DESCRIPTIONS, upload=sent)
    assert listed(ada) == ["NOISE", *CODES]
    again = run(ada, "blockDescriptionsImport", DESCRIPTIONS, upload=sent)
    assert refusal(again) == ("NotFound", NO_FILE, ["input", "upload"])


def test_the_default_goes_over_to_the_line_that_claims_it(ada: Desk, database: Database) -> None:
    payload = import_descriptions(ada, "code,description,default\nUNPAID,Unpaid fees,yes\n")
    assert counts(payload) == (0, 2, 0)
    defaults = database.rows("SELECT code FROM block_description WHERE is_default", ASHFORD)
    assert defaults == [("UNPAID",)]


def test_disabling_overdue_by_a_file_goes_with_a_warning(ada: Desk) -> None:
    payload = import_descriptions(ada, "code,description,enabled\nOVERDUE,Overdue loans,no\n")
    assert payload["warnings"] == [
        {
            "message": "Line 2: OVERDUE is looked for by the system; disabled, staff cannot choose"
            " it.",
            "path": ["input", "upload"],
        }
    ]


def test_every_error_has_its_line_and_nothing_is_imported(ada: Desk, database: Database) -> None:
    file = "code,description,enabled\nNOISE,Too loud,yes\n,No code,\n\nunpaid,x,maybe\nA,a\x01b,\n"
    payload = import_descriptions(ada, file)
    assert payload["plan"] is None
    assert [tuple(error.values()) for error in payload["lineErrors"]] == [
        (3, "code", "This cannot be empty."),
        (5, "enabled", "maybe is not one of true, false, yes, no, 1 and 0."),
        (5, "code", "unpaid differs from UNPAID in the table only in upper and lower case."),
        (
            6,
            "description",
            "The text contains a control character (U+0001), which cannot be kept.",
        ),
    ]
    assert payload["userErrors"] == [
        {
            "__typename": "InvalidInputError",
            "message": "The file has 4 errors; nothing was imported.",
            "path": ["input", "upload"],
        }
    ]
    assert listed(ada) == CODES
    assert waiting(database) == 1


def test_one_bad_line_among_a_hundred_thousand_is_named(ada: Desk) -> None:
    lines = [f"C{number},Text {number}" for number in range(100_000)]
    lines[77_775] = "C77775,"
    payload = import_descriptions(ada, "code,description\n" + "\n".join(lines))
    assert payload["lineErrors"] == [
        {"line": 77_777, "column": "description", "message": "This cannot be empty."}
    ]
    assert listed(ada) == CODES


def test_of_many_errors_the_first_hundred_are_listed(ada: Desk) -> None:
    payload = import_descriptions(ada, "code,description\n" + "A,\n" * 150)
    assert len(payload["lineErrors"]) == 100
    message = payload["userErrors"][0]["message"]
    assert message.endswith("nothing was imported. The first 100 are listed.")


def test_a_table_that_would_be_too_long_is_refused(ada: Desk) -> None:
    lines = [f"C{number},Text" for number in range(993)]
    payload = import_descriptions(ada, "code,description\n" + "\n".join(lines))
    assert refusal(payload) == (
        "Conflict",
        "A block table has at most 1,000 rows.",
        ["input", "upload"],
    )
    assert listed(ada) == CODES


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        (b"code,description\nA,\xff\n", 2, "The file is not in UTF-8; save it as CSV in UTF-8."),
        (b"\n\n", 1, "The file has no header line."),
        (b"code,description\n", 1, "The file has a header, but no rows."),
        (b"code,colour\nA,red\n", 1, "The column colour is not known."),
        (b"PK\x03\x04 and no more", 1, "The file is not a workbook that can be read;"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(
    ada: Desk, file: bytes, line: int, sentence: str
) -> None:
    error = import_descriptions(ada, file)["lineErrors"][0]
    assert (error["line"], error["message"][: len(sentence)]) == (line, sentence)


def test_a_file_adds_and_changes_definitions(ada: Desk, database: Database) -> None:
    payload = import_definitions(
        ada,
        "id,description_code,type,blocked_action,overridable,network_block\n"
        "UNDEF,UNDEFINED,Consortial block,03,operator,true\n"
        "UNPAID,UNPAID,CASH,ALL,OPERATOR,\n"
        "CONDUCT,CONDUCT,USER,ALL,NONE,\n",
    )
    assert payload["userErrors"] == payload["lineErrors"] == []
    assert counts(payload) == (1, 1, 1)
    assert payload["plan"]["rows"][0] == {
        "line": 2,
        "outcome": "ADD",
        "rowId": "UNDEF",
        "description": {"code": "UNDEFINED"},
        "blockedAction": {"code": "03"},
        "blockType": "CONSORTIAL",
        "overridable": "OPERATOR",
        "isNetworkBlock": True,
    }
    (warning,) = payload["warnings"]
    assert warning["message"].startswith("Line 2: Blocks with the description UNDEFINED are")
    rows = database.rows(
        "SELECT row_id, version, is_network_block FROM block_definition"
        " WHERE row_id IN ('UNDEF', 'UNPAID', 'CONDUCT') ORDER BY row_id",
        ASHFORD,
    )
    assert rows == [("CONDUCT", 1, False), ("UNDEF", 1, True), ("UNPAID", 2, True)]
    assert [deed[0] for deed in deeds(database, "block_definition.import")] == [
        "block_definition.import"
    ] * 2


def test_definitions_exchange_their_descriptions(ada: Desk, database: Database) -> None:
    payload = import_definitions(
        ada,
        "id,description_code,type,blocked_action,overridable\n"
        "UNPAID,ADDRESS,CASH,02,OPERATOR\n"
        "ADDRESS,UNPAID,USER,01,ALL\n",
    )
    assert counts(payload) == (0, 2, 0)
    rows = database.rows(
        "SELECT id, row_id, description_code, version FROM block_definition"
        " WHERE row_id IN ('UNPAID', 'ADDRESS') ORDER BY row_id",
        ASHFORD,
    )
    assert [row[1:] for row in rows] == [("ADDRESS", "UNPAID", 2), ("UNPAID", "ADDRESS", 2)]
    assert encoded("f", rows[1][0]) == definition_id("UNPAID")


def test_a_definition_that_blocks_rest_on_does_not_move(ada: Desk, database: Database) -> None:
    put_block(database, "UNPAID")
    payload = import_definitions(
        ada,
        "id,description_code,type,blocked_action,overridable\nUNPAID,UNDEFINED,CASH,02,OPERATOR\n",
    )
    (error,) = payload["lineErrors"]
    assert (error["line"], error["column"]) == (2, "description_code")
    assert error["message"].startswith(
        "The definition UNPAID cannot change its description: 1 block on a user has"
    )


def test_definitions_are_checked_whole_before_any_is_imported(
    ada: Desk, database: Database
) -> None:
    payload = import_definitions(
        ada,
        "id,description_code,type,blocked_action,overridable,network_block\n"
        "UNDEF,UNDEFINED,GENERAL,03,ALL,\n"
        "CONSORTIA,CONSORTIA,CONSORTIAL,ALL,ALL,yes\n"
        "OTHER,NOBODY,SOMETHING,05,ALL,\n",
    )
    assert [(error["line"], error["column"]) for error in payload["lineErrors"]] == [
        (3, "network_block"),
        (4, "description_code"),
        (4, "blocked_action"),
        (4, "type"),
    ]
    rows = database.value("SELECT count(*) FROM block_definition", ASHFORD)
    assert rows == 7


@pytest.mark.parametrize("mutation", ["blockDescriptionsImport", "blockDefinitionsImport"])
def test_an_upload_belongs_to_who_sent_it(client: Desk, mutation: str) -> None:
    file = "code,description\nA,B\n"
    for owner, other in ((ADA, GRETA), (CARL, ADA), (ADA, CARL)):
        sent = upload(client.as_(owner), file)
        payload = run(client.as_(other), mutation, LINE_ERRORS, upload=sent)
        assert refusal(payload) == ("NotFound", NO_FILE, ["input", "upload"])
    for nobody in ("x_nonsense", "", definition_id("UNPAID")):
        payload = run(client.as_(ADA), mutation, LINE_ERRORS, upload=nobody)
        assert refusal(payload) == ("NotFound", NO_FILE, ["input", "upload"])


@pytest.mark.parametrize("mutation", ["blockDescriptionsImport", "blockDefinitionsImport"])
@pytest.mark.parametrize("person", [OLIVE, MAX, AUDREY, PIA], ids=lambda one: one.primary_id)
def test_tables_are_imported_by_those_who_configure(
    client: Desk, mutation: str, person: Any
) -> None:
    sent = upload(client.as_(ADA), "code,description\nA,B\n")
    payload = run(client.as_(person), mutation, LINE_ERRORS, upload=sent)
    assert refusal(payload) == ("NotPermitted", "Your roles do not allow this.", [])
