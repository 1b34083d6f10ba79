"""Which servers and which logins a process accepts."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from service.server_checks import StartRefused, check_login, check_server, refusal_of_version
from service.servers import checked_login, connected, with_login
from tests.database_server import Database, DatabaseServer

PASSWORD = "a-password-of-a-test"


@contextmanager
def login(server: DatabaseServer, database: Database, options: str) -> Iterator[str]:
    """The URL of a new login with these options; it is gone afterwards."""
    name = f"portcullis_test_{uuid.uuid4().hex[:12]}"
    role = sql.Identifier(name)
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} ").format(role, PASSWORD) + sql.SQL(options)
        )
    try:
        yield with_login(database.owner_url, name, PASSWORD)
    finally:
        with psycopg.connect(server.superuser_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP ROLE {}").format(role))


def refusal(url: str) -> str:
    with pytest.raises(StartRefused) as refused:
        checked_login(url)
    return refused.value.sentence


def user_of(url: str) -> str:
    return urlsplit(url).username or ""


@pytest.mark.parametrize("version", [150014, 150020, 160010, 170006, 180000, 180006, 190000])
def test_a_server_with_the_fixes_is_accepted(version: int) -> None:
    assert refusal_of_version(version) is None


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (90624, "PostgreSQL 9.6, which is too old: use PostgreSQL 15 or newer."),
        (140019, "PostgreSQL 14.19, which is too old: use PostgreSQL 15 or newer."),
        (
            150013,
            "PostgreSQL 15.13, which lacks security fixes for row-level security: update it to "
            "15.14 or newer.",
        ),
        (
            160009,
            "PostgreSQL 16.9, which lacks security fixes for row-level security: update it to "
            "16.10 or newer.",
        ),
        (
            170005,
            "PostgreSQL 17.5, which lacks security fixes for row-level security: update it to "
            "17.6 or newer.",
        ),
    ],
)
def test_a_server_without_the_fixes_is_refused(version: int, sentence: str) -> None:
    assert refusal_of_version(version) == f"The database server is {sentence}"


def test_the_server_of_these_tests_is_accepted(server: DatabaseServer) -> None:
    with connected(server.superuser_url) as connection:
        check_server(connection)


def test_the_logins_that_the_migration_makes_are_accepted(blank_database: Database) -> None:
    for url in (blank_database.app_url, blank_database.worker_url):
        with connected(url) as connection:
            check_login(connection)


@pytest.mark.parametrize(
    ("option", "power"),
    [
        ("SUPERUSER", "is a superuser"),
        ("BYPASSRLS", "bypasses row-level security"),
        ("CREATEROLE", "may create roles"),
        ("REPLICATION", "may replicate the whole server"),
    ],
)
def test_a_login_that_policies_do_not_hold_is_refused(
    server: DatabaseServer, blank_database: Database, option: str, power: str
) -> None:
    with login(server, blank_database, option) as url:
        assert refusal(url) == (
            f"The database login {user_of(url)!r} {power}: use the login that the migration made "
            "for this process."
        )


def test_a_login_that_may_become_a_powerful_role_is_refused(
    server: DatabaseServer, blank_database: Database
) -> None:
    with (
        login(server, blank_database, "BYPASSRLS") as powerful,
        login(server, blank_database, f"IN ROLE {user_of(powerful)}") as url,
    ):
        assert refusal(url) == (
            f"The database login {user_of(url)!r} may become {user_of(powerful)!r}, which bypasses "
            "row-level security: use the login that the migration made for this process."
        )


def test_a_login_that_owns_a_table_is_refused_and_so_are_its_members(
    server: DatabaseServer, blank_database: Database
) -> None:
    with login(server, blank_database, "") as url:
        with psycopg.connect(_superuser_in(server, blank_database)) as connection:
            connection.execute("CREATE TABLE public.owned_by_a_test (id int)")
            connection.execute(
                sql.SQL("ALTER TABLE public.owned_by_a_test OWNER TO {}").format(
                    sql.Identifier(user_of(url))
                )
            )
        owns = "owns the table 'owned_by_a_test', or may act as its owner: "
        advice = "use the login that the migration made for this process."
        assert refusal(url) == f"The database login {user_of(url)!r} {owns}{advice}"
        with login(server, blank_database, f"IN ROLE {user_of(url)}") as member:
            assert refusal(member) == f"The database login {user_of(member)!r} {owns}{advice}"
            with psycopg.connect(_superuser_in(server, blank_database)) as connection:
                connection.execute("DROP TABLE public.owned_by_a_test")


def test_a_database_that_does_not_answer_is_refused_without_its_password() -> None:
    sentence = refusal("postgresql://app:secret@127.0.0.1:1/portcullis")
    assert sentence.startswith(
        "The database postgresql://app:***@127.0.0.1:1/portcullis does not answer: "
    )
    assert "secret" not in sentence.replace("***", "")
    assert "\n" not in sentence


def _superuser_in(server: DatabaseServer, database: Database) -> str:
    name = conninfo_to_dict(database.owner_url)["dbname"]
    return make_conninfo(server.superuser_url, dbname=str(name))
