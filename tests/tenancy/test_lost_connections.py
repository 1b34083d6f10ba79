"""A scope whose connection is lost, or that gets none, says that the database is away."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import select

from storage.handles import DatabaseAway
from storage.pools import open_pool
from storage.statements import own, statement
from storage.tables import user_group
from tenancy.scopes import Pool, open_read_db, open_write_db
from tests.cast import ASHFORD
from tests.database_server import Database
from tests.lost_connections import end_connections

NAME = "portcullis-test-lost"
CODES = statement(select(user_group.c.code).where(own(user_group)))
RENAME = statement(user_group.update().where(own(user_group)).values(name="Renamed"))
COUNT_RENAMED = "SELECT count(*) FROM user_group WHERE name = 'Renamed'"


@pytest.fixture
def one_connection(database: Database) -> Iterator[Pool]:
    pool = open_pool(database.app_url, size=1, name=NAME)
    yield pool
    pool.close()


def usable_again(pool: Pool) -> bool:
    with open_read_db(pool, ASHFORD) as db:
        return bool(db.rows(CODES))


def test_a_connection_lost_between_two_statements(one_connection: Pool, database: Database) -> None:
    with pytest.raises(DatabaseAway) as away, open_write_db(one_connection, ASHFORD) as db:
        assert db.execute(RENAME) == 3
        assert end_connections(database, NAME) == 1
        db.rows(CODES)
    assert isinstance(away.value.__cause__, psycopg.OperationalError)
    assert not away.value.is_in_doubt
    assert database.value(COUNT_RENAMED, ASHFORD) == 0
    assert usable_again(one_connection)


@pytest.mark.parametrize("ends_after_one", [False, True])
def test_a_connection_lost_before_the_first_statement(
    one_connection: Pool, database: Database, ends_after_one: bool
) -> None:
    end_connections(database, NAME)
    with (
        pytest.raises(DatabaseAway),
        open_read_db(one_connection, ASHFORD, ends_after_one=ends_after_one) as db,
    ):
        db.rows(CODES)
    assert usable_again(one_connection)


def test_a_lost_connection_does_not_hide_why_the_scope_was_given_up(
    one_connection: Pool, database: Database
) -> None:
    cause = LookupError("something else")
    with pytest.raises(DatabaseAway) as away, open_write_db(one_connection, ASHFORD) as db:
        db.execute(RENAME)
        end_connections(database, NAME)
        raise cause
    assert away.value.__cause__ is cause


def test_an_error_that_was_caught_inside_does_not_pass_for_success(
    one_connection: Pool, database: Database
) -> None:
    with pytest.raises(DatabaseAway) as away, open_write_db(one_connection, ASHFORD) as db:
        db.execute(RENAME)
        end_connections(database, NAME)
        with pytest.raises(psycopg.OperationalError):
            db.rows(CODES)
    assert not away.value.is_in_doubt


def test_a_change_whose_commit_was_not_answered_is_in_doubt(
    one_connection: Pool, database: Database
) -> None:
    with pytest.raises(DatabaseAway) as away, open_write_db(one_connection, ASHFORD) as db:
        db.execute(RENAME)
        end_connections(database, NAME)
    assert away.value.is_in_doubt


def test_no_connection_to_be_had_in_time(one_connection: Pool) -> None:
    one_connection.timeout = 0.05
    with (
        open_read_db(one_connection, ASHFORD),
        pytest.raises(DatabaseAway),
        open_read_db(one_connection, ASHFORD),
    ):
        pass
