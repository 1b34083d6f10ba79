"""What the rules refuse the database refuses as well, and each such constraint has its sentence."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from storage.conflicts import BUSY, SENTENCES, conflict_sentence
from tests.cast import ASHFORD, CEDAR, HOUSES
from tests.database_server import Database
from tests.table_desk import block_tables_restored, put_block

HOUSE = HOUSES[ASHFORD]
NEW_CODE = {"code": "05", "name": "Name", "actions": ["LOAN"]}
NEW_DESCRIPTION = {"code": "NEW", "text": "New", "position": 8}
NEW_DEFINITION = {
    "row_id": "NEW",
    "description_id": HOUSE.description_id("UNDEFINED"),
    "description_code": "UNDEFINED",
    "blocked_action_code_id": HOUSE.code_id("01"),
    "block_type": "GENERAL",
    "overridable": "ALL",
}


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


def refused_insert(database: Database, table: str, **columns: object) -> str | None:
    """The constraint that refuses a row."""
    with pytest.raises(psycopg.IntegrityError) as caught:
        database.put(table, ASHFORD, **columns)
    return caught.value.diag.constraint_name


def refused(database: Database, statement: str) -> str | None:
    """The constraint that refuses a change."""
    with pytest.raises(psycopg.IntegrityError) as caught, database.owner(ASHFORD) as connection:
        connection.execute(statement.encode())
    return caught.value.diag.constraint_name


def test_each_sentence_is_of_a_constraint_that_exists(database: Database) -> None:
    rows = database.rows(
        "SELECT conname FROM pg_constraint UNION"
        " SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique",
        ASHFORD,
    )
    assert SENTENCES.keys() <= {row[0] for row in rows}


def test_each_constraint_that_two_people_can_run_into_has_a_sentence(database: Database) -> None:
    rows = database.rows(
        "SELECT conname FROM pg_constraint"
        " WHERE conrelid::regclass::text IN ('blocked_action_code', 'block_description',"
        " 'block_definition', 'block_preference', 'user_block', 'account_block')"
        " AND contype IN ('u', 'f')"
        " AND conname NOT LIKE '%%_institution_code_fkey' AND conname NOT LIKE '%%_travels'"
        " UNION SELECT indexrelid::regclass::text FROM pg_index"
        " WHERE indisunique AND NOT indisprimary AND indexrelid::regclass::text LIKE 'block%%'"
        " AND indexrelid::regclass::text NOT LIKE '%%_travels'",
        ASHFORD,
    )
    assert {row[0] for row in rows} <= SENTENCES.keys()


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"code": "01"}, "blocked_action_code_is_unique"),
        ({"code": "all"}, "blocked_action_code_is_unique_in_any_case"),
        ({"code": ""}, "blocked_action_code_length"),
        ({"actions": []}, "blocked_action_code_stops_something"),
        ({"actions": ["SLEEP"]}, "blocked_action_code_stops_something"),
    ],
)
def test_a_blocked_action_code_against_the_rules_is_refused(
    database: Database, columns: dict[str, Any], constraint: str
) -> None:
    assert refused_insert(database, "blocked_action_code", **NEW_CODE | columns) == constraint


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"code": "UNPAID"}, "block_description_code_is_unique"),
        ({"code": "unpaid"}, "block_description_code_is_unique_in_any_case"),
        ({"code": "x" * 51}, "block_description_code_length"),
        ({"text": ""}, "block_description_text_length"),
        ({"position": 0}, "block_description_position_is_unique"),
        ({"is_default": True}, "block_description_at_most_one_default"),
    ],
)
def test_a_description_against_the_rules_is_refused(
    database: Database, columns: dict[str, Any], constraint: str
) -> None:
    assert refused_insert(database, "block_description", **NEW_DESCRIPTION | columns) == constraint


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"row_id": "UNPAID"}, "block_definition_row_id_is_unique"),
        ({"row_id": "unpaid"}, "block_definition_row_id_is_unique_in_any_case"),
        (
            {"description_id": HOUSE.description_id("UNPAID"), "description_code": "UNPAID"},
            "block_definition_one_per_description",
        ),
        ({"description_code": "OTHER"}, "block_definition_description_exists"),
        (
            {"description_id": HOUSES[CEDAR].description_id("UNDEFINED")},
            "block_definition_description_exists",
        ),
        (
            {"blocked_action_code_id": HOUSES[CEDAR].code_id("01")},
            "block_definition_blocked_action_exists",
        ),
        ({"block_type": "OTHER"}, "block_definition_type_known"),
        ({"overridable": "MANAGER"}, "block_definition_overridable_known"),
    ],
)
def test_a_definition_against_the_rules_is_refused(
    database: Database, columns: dict[str, Any], constraint: str
) -> None:
    assert refused_insert(database, "block_definition", **NEW_DEFINITION | columns) == constraint


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE block_definition SET is_network_block = true"
            " WHERE description_code = 'CONSORTIA'",
            "block_definition_consortia_never_travels",
        ),
        (
            "UPDATE block_definition SET block_type = 'GENERAL'"
            " WHERE description_code = 'CONSORTIA'",
            "block_definition_consortia_is_consortial",
        ),
        (
            "UPDATE block_definition SET block_type = 'CONSORTIAL' WHERE row_id = 'UNPAID';"
            "UPDATE block_description SET code = 'X' WHERE code = 'CONSORTIA';"
            "UPDATE block_description SET code = 'CONSORTIA' WHERE code = 'UNPAID'",
            "block_definition_consortia_never_travels",
        ),
        (
            "UPDATE block_description SET code = 'X' WHERE code = 'CONSORTIA';"
            "UPDATE block_description SET code = 'CONSORTIA' WHERE code = 'ADDRESS'",
            "block_definition_consortia_is_consortial",
        ),
        (
            "DELETE FROM block_description WHERE code = 'UNPAID'",
            "block_definition_description_exists",
        ),
        (
            "DELETE FROM blocked_action_code WHERE code = '02'",
            "block_definition_blocked_action_exists",
        ),
    ],
)
def test_a_change_against_the_rules_is_refused(
    database: Database, statement: str, constraint: str
) -> None:
    assert refused(database, statement) == constraint


def test_a_network_block_on_another_consortial_row_is_allowed(database: Database) -> None:
    columns = {"block_type": "CONSORTIAL", "is_network_block": True}
    database.put("block_definition", ASHFORD, **NEW_DEFINITION | columns)


def test_blocks_keep_their_description_and_their_definition(database: Database) -> None:
    put_block(database, "UNPAID")
    put_block(database, "UNDEFINED", origin="IMPORT")
    assert refused(database, "DELETE FROM block_definition WHERE row_id = 'UNPAID'") == (
        "user_block_definition_stays"
    )
    assert refused(database, "DELETE FROM block_description WHERE code = 'UNDEFINED'") == (
        "user_block_description_stays"
    )


def test_a_reason_has_one_preference(database: Database) -> None:
    row = {"reason": "ACCOUNT_EXPIRED", "actions": ["LOAN"], "overridable": "ALL"}
    database.put("block_preference", ASHFORD, **row)
    assert refused_insert(database, "block_preference", **row) == "block_preference_one_per_reason"


def test_a_lock_that_is_not_given_in_time_is_told_as_busy(database: Database) -> None:
    with (
        database.owner(ASHFORD) as first,
        database.owner(ASHFORD) as second,
        pytest.raises(psycopg.errors.LockNotAvailable) as caught,
    ):
        first.execute("SELECT 1 FROM block_description FOR UPDATE")
        second.execute("SELECT 1 FROM block_description FOR UPDATE NOWAIT")
    assert conflict_sentence(caught.value) == BUSY


def test_any_other_error_of_the_database_is_a_bug(database: Database) -> None:
    with pytest.raises(psycopg.Error) as caught, database.owner(ASHFORD) as connection:
        connection.execute("SELECT 1 / 0")
    assert conflict_sentence(caught.value) is None
