"""The handles that hold one transaction each."""

import psycopg
import pytest
from sqlalchemy import select

from storage.handles import ReadDb, WriteDb
from storage.statements import own, statement
from storage.tables import institution, user_group
from tenancy.scopes import Pool, open_read_db, open_write_db
from tests.cast import ASHFORD, CEDAR
from tests.database_server import Database

GROUPS = statement(select(user_group.c.code).where(own(user_group)).order_by(user_group.c.code))
RENAME = statement(user_group.update().where(own(user_group)).values(name="Renamed"))
MEMBERS = statement(select(institution.c.institution_code))


def test_a_handle_sends_nothing_before_its_first_statement(app_pool: Pool) -> None:
    with app_pool.connection() as connection:
        ReadDb(connection, ASHFORD)
        assert connection.info.transaction_status.name == "IDLE"


def test_statements_are_of_the_handles_institution(app_pool: Pool) -> None:
    with open_read_db(app_pool, CEDAR) as db:
        assert db.rows(MEMBERS) == [(CEDAR,)]
        assert [code for (code,) in db.rows(GROUPS)] == ["FACULTY", "STAFF", "STUDENT"]
        assert db.statement_count == 2


def test_a_reading_handle_cannot_write(app_pool: Pool) -> None:
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        open_read_db(app_pool, ASHFORD) as db,
    ):
        db.value(RENAME)


def test_an_exception_undoes_what_was_written(app_pool: Pool, database: Database) -> None:
    with pytest.raises(LookupError), open_write_db(app_pool, ASHFORD) as db:
        assert db.execute(RENAME) == 3
        raise LookupError
    assert database.value(COUNT_RENAMED, ASHFORD) == 0


def test_leaving_a_writing_handle_commits(app_pool: Pool, fresh_database: Database) -> None:
    with (
        psycopg.connect(fresh_database.app_url, autocommit=True) as connection,
    ):
        db = WriteDb(connection, ASHFORD)
        db.execute(RENAME)
        db.commit()
    assert fresh_database.value(COUNT_RENAMED, ASHFORD) == 3


def test_undo_returns_to_the_savepoint_and_no_further(
    app_pool: Pool, fresh_database: Database
) -> None:
    with psycopg.connect(fresh_database.app_url, autocommit=True) as connection:
        db = WriteDb(connection, ASHFORD)
        db.savepoint()
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        db.undo()
        db.execute(RENAME)
        db.commit()
    assert fresh_database.value(COUNT_RENAMED, ASHFORD) == 3


def test_a_handle_that_ends_after_one_statement_is_over_then(app_pool: Pool) -> None:
    with app_pool.connection() as connection:
        db = ReadDb(connection, ASHFORD, ends_after_one=True)
        assert len(db.rows(GROUPS)) == 3
        assert connection.info.transaction_status.name == "IDLE"
        with pytest.raises(RuntimeError):
            db.rows(GROUPS)


@pytest.mark.parametrize("code", ["", "ash", "A", "ASH'; SET app.realm = 'network", "ÄSH", "A B"])
def test_a_text_that_is_no_institution_code_never_reaches_the_database(
    app_pool: Pool, code: str
) -> None:
    with (
        app_pool.connection() as connection,
        pytest.raises(ValueError, match="An institution code is"),
    ):
        ReadDb(connection, code)


COUNT_RENAMED = "SELECT count(*) FROM user_group WHERE name = 'Renamed'"
