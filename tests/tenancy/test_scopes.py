"""Scopes: one operation, one institution, one transaction; and nothing of it left behind."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import func, select

from storage.institutions import members
from storage.pools import open_pool
from storage.statements import Statement, own, statement
from storage.tables import institution, user_account, user_group
from tenancy.members import members_of_network
from tenancy.scopes import Pool, open_read_db, open_write_db
from tests.cast import ASHFORD, BIRCHWOOD, CARL, CEDAR, NOW, OLIVE, PIA
from tests.database_server import Database
from tests.scopes import Scopes

USER_IDS = statement(select(user_account.c.id).where(own(user_account)))
EVERY_USER = statement(select(user_account.c.institution_code).distinct())
RENAME = statement(user_group.update().where(own(user_group)).values(name="Renamed"))
SETTING = statement(select(func.current_setting("app.institution", True)))
COUNT_RENAMED = "SELECT count(*) FROM user_group WHERE name = 'Renamed'"


@pytest.fixture
def one_connection(database: Database) -> Iterator[Pool]:
    """A pool whose scopes all take turns on the same connection."""
    pool = open_pool(database.app_url, size=1, name="portcullis-test-one")
    yield pool
    pool.close()


def test_a_scope_knows_who_asks_where_and_when(scopes: Scopes) -> None:
    with scopes.reading(OLIVE) as scope:
        assert (scope.institution_code, scope.now) == (ASHFORD, NOW)
        assert scope.principal.label == "olive"
        assert scope.has_any_role(frozenset(OLIVE.roles))
        assert not scope.has_any_role(frozenset(PIA.roles))


def test_a_scope_sees_its_own_institution_alone(scopes: Scopes) -> None:
    with scopes.reading(CARL) as scope:
        assert scope.db.rows(EVERY_USER) == [(CEDAR,)]
        assert PIA.id not in {number for (number,) in scope.db.rows(USER_IDS)}


def test_the_next_scope_of_a_connection_sees_nothing_of_the_last(one_connection: Pool) -> None:
    seen = []
    for code in (ASHFORD, CEDAR, BIRCHWOOD, ASHFORD):
        with open_read_db(one_connection, code) as db:
            seen.append((db.rows(EVERY_USER), db.value(SETTING)))
    expected = (ASHFORD, CEDAR, BIRCHWOOD, ASHFORD)
    assert seen == [([(code,)], code) for code in expected]


@pytest.mark.parametrize("is_broken", [False, True], ids=["left", "broken"])
def test_a_connection_goes_back_without_a_transaction_or_an_institution(
    one_connection: Pool, is_broken: bool
) -> None:
    try:
        with open_write_db(one_connection, ASHFORD) as db:
            db.rows(USER_IDS)
            if is_broken:
                db.rows(Statement(text="SELECT 1 / 0", defaults={}, names_institution=False))
    except psycopg.errors.DivisionByZero:
        assert is_broken
    with one_connection.connection() as connection:
        assert connection.info.transaction_status is TransactionStatus.IDLE
        row = connection.execute("SELECT current_setting('app.institution', true)").fetchone()
        assert row in {("",), (None,)}
        assert connection.execute("SELECT FROM user_account").fetchall() == []


def test_a_first_statement_that_fails_leaves_the_connection_usable(one_connection: Pool) -> None:
    broken = Statement(text="SELECT 1 / 0", defaults={}, names_institution=False)
    for ends_after_one in (False, True):
        with (
            pytest.raises(psycopg.errors.DivisionByZero),
            open_read_db(one_connection, ASHFORD, ends_after_one=ends_after_one) as db,
        ):
            db.rows(broken)
        with open_read_db(one_connection, CEDAR) as db:
            assert db.rows(EVERY_USER) == [(CEDAR,)]


def test_a_writing_scope_commits_when_it_is_left(fresh_database: Database) -> None:
    pool = open_pool(fresh_database.app_url, size=1, name="portcullis-test-one")
    with Scopes(pool).writing(OLIVE) as scope:
        assert scope.db.execute(RENAME) == 3
    pool.close()
    assert fresh_database.value(COUNT_RENAMED, ASHFORD) == 3
    assert fresh_database.value(COUNT_RENAMED, CEDAR) == 0


def test_an_exception_undoes_everything_of_a_writing_scope(
    scopes: Scopes, database: Database
) -> None:
    with pytest.raises(KeyboardInterrupt), scopes.writing(OLIVE) as scope:
        assert scope.db.execute(RENAME) == 3
        raise KeyboardInterrupt
    assert database.value(COUNT_RENAMED, ASHFORD) == 0


def test_a_reading_scope_has_no_way_to_write(scopes: Scopes) -> None:
    with scopes.reading(OLIVE) as scope:
        assert not hasattr(scope.db, "execute")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            scope.db.value(RENAME)
        scope.db.rollback()


def test_the_networks_scope_sees_the_members_and_no_users(scopes: Scopes) -> None:
    with scopes.network() as scope:
        assert [member.code for member in members_of_network(scope)] == [
            ASHFORD,
            BIRCHWOOD,
            CEDAR,
        ]
        assert scope.db.rows(EVERY_USER) == []


def test_an_institution_sees_itself_alone_among_the_members(scopes: Scopes) -> None:
    with scopes.reading(CARL) as scope:
        assert [member.code for member in members(scope.db)] == [CEDAR]
        codes = statement(select(institution.c.institution_code))
        assert scope.db.rows(codes) == [(CEDAR,)]


@pytest.mark.parametrize(
    "setting", ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
)
def test_every_connection_carries_limits_of_time(one_connection: Pool, setting: str) -> None:
    with one_connection.connection() as connection:
        row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    assert row[0] != "0"
