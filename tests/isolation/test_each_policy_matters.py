"""Every policy of the database, one after the other: opened to everyone, and a stranger gets
through; dropped, and the own institution is shut out. Each in a transaction that is undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from storage.tables import INSTITUTION_TABLES, NETWORK_TABLES
from tests.cast import ASHFORD, CEDAR
from tests.database_server import Database
from tests.isolation.logins import IN_NETWORK, copied_row, inside

COMMANDS = ("select", "insert", "update", "delete")
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """The permissive policy of a table for a command, by the names that migrations give."""

    table: str
    command: str

    @property
    def name(self) -> str:
        return f"{self.table}_{self.command}"

    @property
    def home(self) -> str:
        """The setting under which the policy lets through what it is there for."""
        is_networks = self.table in NETWORK_TABLES and self.name != "institution_update"
        return IN_NETWORK if is_networks else inside(ASHFORD)


POSSIBLE = [
    Policy(table, command)
    for table in sorted(INSTITUTION_TABLES | NETWORK_TABLES)
    for command in COMMANDS
]
each_policy = pytest.mark.parametrize("policy", POSSIBLE, ids=lambda policy: policy.name)


@pytest.fixture(scope="module", autouse=True)
def _issuers(full_database: Database) -> None:
    with full_database.owner(None) as connection:
        for code in (ASHFORD, CEDAR):
            url = f"https://{code.lower()}.example"
            connection.execute(
                "INSERT INTO issuer (url, audience, static_keys) VALUES (%s, 'portcullis', '{}')",
                [url],
            )
            connection.execute("INSERT INTO issuer_institution VALUES (%s, %s)", [url, code])


def test_every_policy_is_tried_here(full_database: Database) -> None:
    found = full_database.rows("SELECT polname FROM pg_policy", ASHFORD)
    assert {name for (name,) in found} - {policy.name for policy in POSSIBLE} == set()


@each_policy
def test_a_policy_as_it_stands_lets_through_its_own_and_nobody_else(
    full_database: Database, policy: Policy
) -> None:
    with _changing(full_database, policy) as connection:
        assert not _stranger_gets_through(connection, policy)
        assert _home_gets_through(connection, policy) is _exists(connection, policy)


@each_policy
def test_a_policy_opened_to_everyone_lets_a_stranger_through(
    full_database: Database, policy: Policy
) -> None:
    with _changing(full_database, policy) as connection:
        if _exists(connection, policy):
            _drop(connection, policy)
        _open(connection, policy)
        assert _stranger_gets_through(connection, policy)


@each_policy
def test_without_its_policy_the_own_institution_is_shut_out(
    full_database: Database, policy: Policy
) -> None:
    with _changing(full_database, policy) as connection:
        if _exists(connection, policy):
            _drop(connection, policy)
        assert not _home_gets_through(connection, policy)


@contextmanager
def _changing(database: Database, policy: Policy) -> Iterator[Connection[TupleRow]]:
    """A transaction in which the app's login holds every right on the table, so that nothing but
    the policy stands in its way."""
    with psycopg.connect(database.superuser_url) as connection:
        # Foreign keys are not looked at, or they would stand in the way of a delete.
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO portcullis_app").format(
                sql.Identifier(policy.table)
            )
        )
        yield connection
        connection.rollback()


def _exists(connection: Connection[TupleRow], policy: Policy) -> bool:
    query = "SELECT FROM pg_policy WHERE polname = %s"
    return connection.execute(query, [policy.name]).fetchone() is not None


def _drop(connection: Connection[TupleRow], policy: Policy) -> None:
    connection.execute(
        sql.SQL("DROP POLICY {} ON {}").format(
            sql.Identifier(policy.name), sql.Identifier(policy.table)
        )
    )


def _open(connection: Connection[TupleRow], policy: Policy) -> None:
    using = "" if policy.command == "insert" else " USING (true)"
    check = " WITH CHECK (true)" if policy.command in {"insert", "update"} else ""
    connection.execute(
        sql.SQL("CREATE POLICY {} ON {} FOR {}{}{}").format(
            sql.Identifier(policy.name),
            sql.Identifier(policy.table),
            sql.SQL(policy.command.upper()),
            sql.SQL(using),
            sql.SQL(check),
        )
    )


def _stranger_gets_through(connection: Connection[TupleRow], policy: Policy) -> bool:
    """Whether Cedar reaches a row that is not its own."""
    own = 0
    if policy.command == "delete" and "institution_code" in _columns(connection, policy.table):
        # A delete that names no column asks the policy for DELETE alone; it takes own rows too.
        count = sql.SQL("SELECT count(*) FROM {} WHERE institution_code = {}")
        row = connection.execute(count.format(sql.Identifier(policy.table), CEDAR)).fetchone()
        own = row[0] if row is not None and policy.table in INSTITUTION_TABLES else 0
    statement = _attempt(connection, policy)
    return _rows_reached(connection, inside(CEDAR), statement) > own


def _home_gets_through(connection: Connection[TupleRow], policy: Policy) -> bool:
    """Whether the policy's own side reaches a row."""
    statement = _attempt(connection, policy, at_home=True)
    return _rows_reached(connection, policy.home, statement) > 0


def _attempt(
    connection: Connection[TupleRow], policy: Policy, *, at_home: bool = False
) -> sql.Composed:
    """A statement that asks this policy only: an update or delete which reads a column would ask
    the policy for SELECT as well."""
    table = sql.Identifier(policy.table)
    names_institution = "institution_code" in _columns(connection, policy.table)
    match policy.command:
        case "select":
            others = sql.SQL(" WHERE institution_code <> {}").format(CEDAR)
            where = others if names_institution and not at_home else sql.SQL("")
            return sql.SQL("SELECT 1 FROM {}{}").format(table, where)
        case "insert":
            return copied_row(connection, policy.table, ASHFORD if names_institution else None)
        case "update" if names_institution:
            return sql.SQL("UPDATE {} SET institution_code = {}").format(table, ASHFORD)
        case "update":
            return sql.SQL("UPDATE {} SET audience = 'mine'").format(table)
        case _:
            return sql.SQL("DELETE FROM {}").format(table)


def _rows_reached(connection: Connection[TupleRow], entry: str, statement: sql.Composed) -> int:
    """How many rows the app's login reached. A key that was violated was reached as well."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL ROLE portcullis_app")
            connection.execute(entry.encode())
            reached: int = connection.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0
    except psycopg.errors.UniqueViolation:
        return MANY
    return reached


def _columns(connection: Connection[TupleRow], table: str) -> set[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
    return {name for (name,) in connection.execute(query, [table])}
