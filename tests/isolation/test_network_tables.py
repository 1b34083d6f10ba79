"""The network's own tables, as an institution and as a network scope see them."""

import pytest
from psycopg import sql

from tests.cast import ASHFORD, BIRCHWOOD, CEDAR
from tests.database_server import Database
from tests.isolation.logins import IN_NETWORK, LOGINS, Logins, inside, is_refused, rows_touched

each_login = pytest.mark.parametrize("login", LOGINS)

ISSUER = "https://sign-in.ashford.example"


@pytest.fixture(scope="module", autouse=True)
def _an_issuer_of_ashford(full_database: Database) -> None:
    with full_database.owner(None) as connection:
        connection.execute(
            "INSERT INTO issuer (url, audience, static_keys) VALUES (%s, 'portcullis', '{}')",
            [ISSUER],
        )
        connection.execute("INSERT INTO issuer_institution VALUES (%s, %s)", [ISSUER, ASHFORD])


@each_login
def test_an_institution_sees_only_itself_among_the_members(logins: Logins, login: str) -> None:
    with logins.at(login, inside(CEDAR)) as connection:
        seen = connection.execute("SELECT institution_code FROM institution").fetchall()
    assert seen == [(CEDAR,)]


@each_login
def test_the_network_sees_every_member(logins: Logins, login: str) -> None:
    with logins.at(login, IN_NETWORK) as connection:
        seen = connection.execute(
            "SELECT institution_code FROM institution ORDER BY institution_code"
        ).fetchall()
    assert seen == [(ASHFORD,), (BIRCHWOOD,), (CEDAR,)]


@each_login
@pytest.mark.parametrize("table", ["issuer", "issuer_institution"])
@pytest.mark.parametrize("code", [ASHFORD, CEDAR])
def test_no_institution_sees_an_issuer(logins: Logins, table: str, code: str, login: str) -> None:
    with logins.at(login, inside(code)) as connection:
        assert connection.execute(_everything(table)).fetchall() == []


@each_login
@pytest.mark.parametrize("table", ["institution", "issuer", "issuer_institution"])
def test_without_a_setting_the_network_is_empty(logins: Logins, table: str, login: str) -> None:
    with logins.at(login) as connection:
        assert connection.execute(_everything(table)).fetchall() == []


@each_login
@pytest.mark.parametrize("entry", [inside(CEDAR), IN_NETWORK], ids=["institution", "network"])
def test_no_login_writes_the_networks_tables(logins: Logins, entry: str, login: str) -> None:
    with logins.at(login, entry) as connection:
        for statement in (
            "INSERT INTO institution (institution_code, name, time_zone, currency, languages)"
            " VALUES ('DOGWOOD', 'Dogwood', 'UTC', 'USD', '{en}')",
            "DELETE FROM institution",
            "INSERT INTO issuer (url, audience, static_keys) VALUES ('https://x', 'y', '{}')",
            "UPDATE issuer SET audience = 'mine'",
            "DELETE FROM issuer",
            f"INSERT INTO issuer_institution VALUES ('{ISSUER}', 'CEDAR')",
            "UPDATE issuer_institution SET institution_code = 'CEDAR'",
            "DELETE FROM issuer_institution",
        ):
            assert is_refused(connection, sql.SQL(statement)), statement


@each_login
def test_an_institution_changes_no_other_members_record(logins: Logins, login: str) -> None:
    rename = sql.SQL("UPDATE institution SET name = 'Mine' WHERE institution_code <> 'CEDAR'")
    with logins.at(login, inside(CEDAR)) as connection:
        assert rows_touched(connection, rename) == 0
        assert is_refused(connection, sql.SQL("UPDATE institution SET institution_code = 'ELM'"))


def _everything(table: str) -> sql.Composed:
    return sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(table))
