"""The PostgreSQL of a test run: the embedded one, or the server that PORTCULLIS_DATABASE_URL
names, and the databases that are copied from its templates."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB

from service.embedded_postgres import temporary_server
from storage.migrate import migrate
from storage.tables import metadata

OWNER = "portcullis_test_owner"
APP = "portcullis_app"
WORKER = "portcullis_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database, with the URL of each login; and a way past the logins to arrange a test."""

    superuser_url: str
    owner_url: str
    app_url: str
    worker_url: str

    @contextmanager
    def owner(self, institution_code: str | None = None) -> Iterator[Connection[TupleRow]]:
        """A transaction of the owner at an institution; without one, the network's."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute(entry_of(institution_code).encode())
            yield connection

    def put(self, table: str, institution_code: str, /, **columns: object) -> uuid.UUID:
        """Insert one row as it is; the answer is its id, a new one where none was given."""
        columns.setdefault("id", uuid.uuid4())
        with self.owner(institution_code) as connection:
            put_row(connection, table, {"institution_code": institution_code, **columns})
        number = columns["id"]
        assert isinstance(number, uuid.UUID)
        return number

    def rows(self, query: str, /, institution_code: str, **values: object) -> list[TupleRow]:
        """What stands in the database, as an institution's owner sees it."""
        with self.owner(institution_code) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def value(self, query: str, /, institution_code: str, **values: object) -> object:
        """The first column of the first row."""
        return self.rows(query, institution_code, **values)[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseServer:
    """A server, by the login that may make databases in it."""

    superuser_url: str
    owner_url: str
    app_url: str
    worker_url: str
    is_embedded: bool

    @classmethod
    def at(cls, url: str) -> Self:
        """Somebody's server, given for tests, by a superuser's URL. The logins are made there as
        the embedded server makes them, and stay."""
        password = hashlib.sha256(url.encode()).hexdigest()[:32]
        with psycopg.connect(url, autocommit=True) as connection:
            for login in (OWNER, APP, WORKER):
                _make_login(connection, login, password)
        return cls(
            superuser_url=url,
            owner_url=_with_login(url, OWNER, password),
            app_url=_with_login(url, APP, password),
            worker_url=_with_login(url, WORKER, password),
            is_embedded=False,
        )

    def database(self, name: str) -> Database:
        """The URLs of a database of this server."""
        return Database(
            superuser_url=_with_database(self.superuser_url, name),
            owner_url=_with_database(self.owner_url, name),
            app_url=_with_database(self.app_url, name),
            worker_url=_with_database(self.worker_url, name),
        )

    @contextmanager
    def new_database(self, template: str | None = None) -> Iterator[Database]:
        """A database that is gone afterwards: empty, or the copy of a template."""
        name = f"portcullis_test_{uuid.uuid4().hex[:12]}"
        owner = str(urlsplit(self.owner_url).username)
        made = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template or "template0")
        )
        dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(made)
        try:
            yield self.database(name)
        finally:
            with psycopg.connect(self.superuser_url, autocommit=True) as connection:
                connection.execute(dropped)

    @contextmanager
    def migrated_database(self) -> Iterator[Database]:
        """A new database at the present schema, with working logins and no rows."""
        with self.new_database() as database:
            passwords = (urlsplit(url).password for url in (self.app_url, self.worker_url))
            app, worker = passwords if self.is_embedded else (None, None)
            migrate(database.owner_url, app_password=app, worker_password=worker)
            yield database


@contextmanager
def database_server(url: str | None) -> Iterator[DatabaseServer]:
    """The server of this run."""
    if url is not None:
        yield DatabaseServer.at(url)
        return
    with ExitStack() as until_the_end:
        embedded = until_the_end.enter_context(temporary_server())
        assert embedded.superuser_url is not None
        yield DatabaseServer(
            superuser_url=embedded.superuser_url,
            owner_url=embedded.owner_url,
            app_url=embedded.app_url,
            worker_url=embedded.worker_url,
            is_embedded=True,
        )


def name_of(database: Database) -> str:
    """The database's name, by which it can serve as a template."""
    return urlsplit(database.owner_url).path.removeprefix("/")


def entry_of(institution_code: str | None) -> str:
    """The statement by which a transaction enters an institution, or the network's realm."""
    if institution_code is None:
        return "SET LOCAL app.realm = 'network'"
    return f"SET LOCAL app.institution = '{institution_code}'"


def put_row(connection: Connection[TupleRow], table: str, columns: dict[str, object]) -> None:
    """Insert one row, with JSON where the column is JSON."""
    kinds = metadata.tables[table].c
    values = {
        name: Jsonb(value) if isinstance(kinds[name].type, JSONB) and value is not None else value
        for name, value in columns.items()
        if name in kinds and (name != "id" or "id" in kinds)
    }
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
    )
    connection.execute(statement, values)


def _make_login(connection: Connection[TupleRow], login: str, password: str) -> None:
    name = sql.Identifier(login)
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [login]).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(name))
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, password))


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _with_login(url: str, login: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login}:{password}@{place}"))
