"""Every table there is, found in the database itself, tried by a stranger in raw SQL without the
predicate that storage/ puts in, so that a missing policy cannot hide."""

import pytest
from psycopg import sql

from storage.tables import INSTITUTION_TABLES, MACHINERY_SCHEMAS, MACHINERY_TABLES, NETWORK_TABLES
from tests.cast import ASHFORD, CEDAR
from tests.database_server import Database
from tests.isolation.logins import (
    IN_NETWORK,
    LOGINS,
    Logins,
    inside,
    is_refused,
    rows_touched,
)

each_table = pytest.mark.parametrize("table", sorted(INSTITUTION_TABLES))
each_login = pytest.mark.parametrize("login", LOGINS)


def test_every_table_is_on_a_list(full_database: Database) -> None:
    found = full_database.rows(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT LIKE 'pg\\_%%'"
        " AND n.nspname <> 'information_schema'",
        ASHFORD,
    )
    unlisted = {(schema, table) for schema, table in found if schema not in MACHINERY_SCHEMAS}
    listed = INSTITUTION_TABLES | NETWORK_TABLES | MACHINERY_TABLES
    assert unlisted == {("public", table) for table in listed}


@each_table
def test_every_institution_has_a_row_in_every_table(full_database: Database, table: str) -> None:
    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)).as_string()
    assert full_database.value(count, ASHFORD) != 0
    assert full_database.value(count, CEDAR) != 0


@each_login
@each_table
def test_a_stranger_reads_only_the_own_rows(logins: Logins, table: str, login: str) -> None:
    with logins.at(login, inside(CEDAR)) as connection:
        seen = connection.execute(_all_codes(table)).fetchall()
    assert seen == [(CEDAR,)]


@each_login
@each_table
def test_a_stranger_cannot_insert_at_another_institution(
    logins: Logins, table: str, login: str
) -> None:
    # A row that is there already: a violated key instead of a refusal would tell that it is.
    copy = logins.copy_of_row(table, ASHFORD)
    with logins.at(login, inside(CEDAR)) as connection:
        assert is_refused(connection, copy)


@each_login
@each_table
def test_a_stranger_changes_no_row_of_another_institution(
    logins: Logins, table: str, login: str
) -> None:
    touch = sql.SQL("UPDATE {} SET institution_code = institution_code WHERE institution_code = {}")
    with logins.at(login, inside(CEDAR)) as connection:
        assert rows_touched(connection, touch.format(sql.Identifier(table), ASHFORD)) == 0


@each_login
@each_table
def test_a_stranger_cannot_move_an_own_row_to_another_institution(
    logins: Logins, table: str, login: str
) -> None:
    move = sql.SQL("UPDATE {} SET institution_code = {}").format(sql.Identifier(table), ASHFORD)
    with logins.at(login, inside(CEDAR)) as connection:
        assert is_refused(connection, move)


@each_login
@each_table
def test_a_stranger_deletes_no_row_of_another_institution(
    logins: Logins, table: str, login: str
) -> None:
    delete = sql.SQL("DELETE FROM {} WHERE institution_code = {}")
    with logins.at(login, inside(CEDAR)) as connection:
        assert rows_touched(connection, delete.format(sql.Identifier(table), ASHFORD)) == 0


@each_login
@pytest.mark.parametrize(
    "entries",
    [(), ("SET LOCAL app.institution = ''",), (IN_NETWORK,)],
    ids=["nothing set", "an empty setting", "the network's realm"],
)
@each_table
def test_without_an_institution_there_are_no_rows(
    logins: Logins, table: str, entries: tuple[str, ...], login: str
) -> None:
    copy = logins.copy_of_row(table, ASHFORD)
    with logins.at(login, *entries) as connection:
        assert connection.execute(_all_codes(table)).fetchall() == []
        assert is_refused(connection, copy)


@each_login
@each_table
def test_the_institution_is_forgotten_when_the_transaction_ends(
    logins: Logins, table: str, login: str
) -> None:
    with logins.at(login, inside(ASHFORD)) as connection:
        assert connection.execute(_all_codes(table)).fetchall() == [(ASHFORD,)]
        connection.commit()
        assert connection.execute(_all_codes(table)).fetchall() == []
        left = connection.execute("SELECT current_setting('app.institution', true)").fetchone()
    assert left == ("",)


@each_login
@pytest.mark.parametrize(
    "table", ["history_event", "history_value", "history_erasure", "override_event", "job_record"]
)
def test_what_was_recorded_is_never_changed_by_its_own_institution_either(
    logins: Logins, table: str, login: str
) -> None:
    name = sql.Identifier(table)
    with logins.at(login, inside(ASHFORD)) as connection:
        change = sql.SQL("UPDATE {} SET institution_code = institution_code").format(name)
        assert is_refused(connection, change)
        assert is_refused(connection, sql.SQL("DELETE FROM {}").format(name))


@each_login
def test_an_erasure_is_recorded_only_by_the_eraser(logins: Logins, login: str) -> None:
    copy = logins.copy_of_row("history_erasure", ASHFORD)
    with logins.at(login, inside(ASHFORD)) as connection:
        assert is_refused(connection, copy)


def _all_codes(table: str) -> sql.Composed:
    return sql.SQL("SELECT DISTINCT institution_code FROM {}").format(sql.Identifier(table))
