"""Two people at once: on the block tables, and on a table while blocks are being added."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest

from resolvers.block_definitions import remove_definition
from resolvers.block_descriptions import (
    add_description,
    change_description,
    remove_description,
    reorder_descriptions,
    set_default_description,
)
from resolvers.user_blocks import BlockDraft, add_blocks
from rules.description_checks import DescriptionDraft
from tenancy.refusals import Conflict, InvalidInput, Refusal
from tenancy.scopes import WritingScope
from tests.cast import ADA, ASHFORD, GRETA, HOUSES, OLIVE, PIA, Person
from tests.database_server import Database
from tests.scopes import Scopes
from tests.table_desk import CODES, block_tables_restored

HOUSE = HOUSES[ASHFORD]
Command = Callable[[WritingScope], object]


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@contextmanager
def meanwhile(
    database: Database, scopes: Scopes, person: Person, command: Command
) -> Iterator[Future[object]]:
    """Begins a command in another connection, and goes on when it has to wait."""
    with ThreadPoolExecutor(1) as other:

        def run() -> object:
            with scopes.writing(person) as scope:
                return command(scope)

        future = other.submit(run)
        while not future.done() and not _somebody_waits(database):
            time.sleep(0.01)
        yield future


def _somebody_waits(database: Database) -> bool:
    waiting = database.value(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()",
        ASHFORD,
    )
    return waiting != 0


def add(code: str, *, is_default: bool = False) -> Command:
    draft = DescriptionDraft(code=code, text=code, is_default=is_default)
    return lambda scope: add_description(scope, draft)


def add_block(code: str) -> Command:
    drafts = [BlockDraft(description_id=HOUSE.description_id(code))]
    return lambda scope: add_blocks(scope, PIA.id, drafts)


def rows(database: Database, query: str) -> list[object]:
    return [row[0] for row in database.rows(query, ASHFORD)]


def test_two_additions_at_once_get_places_one_after_the_other(
    database: Database, scopes: Scopes
) -> None:
    with scopes.writing(ADA) as scope:
        add("FIRST")(scope)
        with meanwhile(database, scopes, GRETA, add("SECOND")) as second:
            assert not second.done()
            scope.db.commit()
            second.result()
    codes = rows(database, "SELECT code FROM block_description ORDER BY position")
    assert codes == [*CODES, "FIRST", "SECOND"]


def test_the_same_code_twice_at_once_is_refused_to_the_second(
    database: Database, scopes: Scopes
) -> None:
    with scopes.writing(ADA) as scope:
        add("SAME")(scope)
        with meanwhile(database, scopes, GRETA, add("SAME")) as second:
            scope.db.commit()
            with pytest.raises(InvalidInput) as refused:
                second.result()
    assert refused.value.message == "SAME is taken already; choose another."


def test_of_two_defaults_at_once_the_later_stands(database: Database, scopes: Scopes) -> None:
    def choose(code: str) -> Command:
        return lambda scope: set_default_description(scope, HOUSE.description_id(code))

    with scopes.writing(ADA) as scope:
        choose("UNPAID")(scope)
        with meanwhile(database, scopes, GRETA, choose("CONDUCT")) as second:
            scope.db.commit()
            second.result()
    assert rows(database, "SELECT code FROM block_description WHERE is_default") == ["CONDUCT"]


def test_who_orders_a_list_that_has_grown_meanwhile_is_told(
    database: Database, scopes: Scopes
) -> None:
    order: list[UUID | None] = [HOUSE.description_id(code) for code in reversed(CODES)]
    with scopes.writing(ADA) as scope:
        add("NEW")(scope)
        with meanwhile(
            database, scopes, GRETA, lambda other: reorder_descriptions(other, order)
        ) as second:
            scope.db.commit()
            with pytest.raises(InvalidInput) as refused:
                second.result()
    assert (
        refused.value.message == "The new order must name each of the 9 descriptions exactly once."
    )


def test_of_two_changes_of_one_version_the_second_is_refused(
    database: Database, scopes: Scopes
) -> None:
    def change(text: str) -> Command:
        number = HOUSE.description_id("UNPAID")
        return lambda scope: change_description(scope, number, text=text, seen_version=1)

    with scopes.writing(ADA) as scope:
        change("First")(scope)
        with meanwhile(database, scopes, GRETA, change("Second")) as second:
            scope.db.commit()
            with pytest.raises(Conflict):
                second.result()
    texts = rows(database, "SELECT text FROM block_description WHERE code = 'UNPAID'")
    assert texts == ["First"]


def test_a_definition_under_which_a_block_is_being_added_stays(
    database: Database, scopes: Scopes
) -> None:
    number = HOUSE.definition_id("UNPAID")
    with scopes.writing(OLIVE) as scope:
        add_block("UNPAID")(scope)
        with meanwhile(
            database, scopes, ADA, lambda other: remove_definition(other, number)
        ) as removal:
            assert not removal.done()
            scope.db.commit()
            with pytest.raises(Conflict) as refused:
                removal.result()
    assert "1 block on a user has the description UNPAID" in refused.value.message
    assert rows(database, "SELECT count(*) FROM user_block") == [1]


def test_a_block_is_not_added_under_a_definition_that_is_being_removed(
    database: Database, scopes: Scopes
) -> None:
    with scopes.writing(ADA) as scope:
        remove_definition(scope, HOUSE.definition_id("UNPAID"))
        with meanwhile(database, scopes, OLIVE, add_block("UNPAID")) as addition:
            assert not addition.done()
            scope.db.commit()
            with pytest.raises(Refusal):
                addition.result()
    assert rows(database, "SELECT count(*) FROM user_block") == [0]


def test_a_description_is_renamed_while_a_block_is_added_with_it(
    database: Database, scopes: Scopes
) -> None:
    number = HOUSE.description_id("UNPAID")
    with scopes.writing(OLIVE) as scope:
        add_block("UNPAID")(scope)
        with meanwhile(
            database, scopes, ADA, lambda other: change_description(other, number, code="FEES")
        ) as renaming:
            scope.db.commit()
            renaming.result()
    query = "SELECT description_code FROM block_definition WHERE row_id = 'UNPAID'"
    assert rows(database, query) == ["FEES"]
    assert rows(database, "SELECT count(*) FROM user_block") == [1]


def test_a_description_and_its_definition_come_and_go_one_after_the_other(
    database: Database, scopes: Scopes
) -> None:
    number = HOUSE.description_id("UNPAID")
    with scopes.writing(ADA) as scope:
        remove_definition(scope, HOUSE.definition_id("UNPAID"))
        with meanwhile(
            database, scopes, GRETA, lambda other: remove_description(other, number)
        ) as removal:
            assert not removal.done()
            scope.db.commit()
            removal.result()
    assert rows(database, "SELECT code FROM block_description WHERE code = 'UNPAID'") == []
