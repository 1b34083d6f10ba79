"""The two logins that policies hold, each in a transaction that is always undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from tests.database_server import Database, entry_of

LOGINS = ("portcullis_app", "portcullis_worker")

Sql = sql.SQL | sql.Composed


@dataclass(frozen=True, slots=True)
class Logins:
    """Transactions of the app's and the worker's login."""

    database: Database

    @contextmanager
    def at(self, login: str, *entries: str) -> Iterator[Connection[TupleRow]]:
        """A transaction that begins with the given settings and is undone."""
        urls = dict(zip(LOGINS, (self.database.app_url, self.database.worker_url), strict=True))
        with psycopg.connect(urls[login]) as connection:
            for entry in entries:
                connection.execute(entry.encode())
            yield connection
            connection.rollback()

    def copy_of_row(self, table: str, institution_code: str) -> sql.Composed:
        """An insert that repeats a row of an institution."""
        with self.database.owner(institution_code) as connection:
            return copied_row(connection, table, institution_code)


def inside(institution_code: str) -> str:
    """The setting of an institution."""
    return entry_of(institution_code)


IN_NETWORK = entry_of(None)


def is_refused(connection: Connection[TupleRow], statement: Sql) -> bool:
    """Whether a statement is refused for want of a right or by a policy."""
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def rows_touched(connection: Connection[TupleRow], statement: Sql) -> int:
    """How many rows a statement touched; none where it was refused."""
    try:
        with connection.transaction():
            touched: int = connection.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0
    return touched


def copied_row(
    connection: Connection[TupleRow], table: str, institution_code: str | None
) -> sql.Composed:
    """An insert that repeats a row, in every column that can be given; one of an institution,
    where one is named."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' AND attidentity = ''",
            [table],
        )
    ]
    texts = sql.SQL(", ").join(
        sql.SQL("quote_nullable({}::text)").format(sql.Identifier(name)) for name in names
    )
    where: Sql = sql.SQL("true")
    if institution_code is not None:
        where = sql.SQL("institution_code = {}").format(institution_code)
    query = sql.SQL("SELECT {} FROM {} WHERE {} LIMIT 1")
    found = connection.execute(query.format(texts, sql.Identifier(table), where)).fetchone()
    assert found is not None, f"{institution_code} has no row in {table}: add one to possessions.py"
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.SQL(value) for value in found),
    )
