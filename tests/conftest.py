"""Fixtures of every test: one server for the run, one database for each test file, and the
application over it with the cast before it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from storage.pools import open_pool
from tenancy.scopes import Pool
from tests.cast import NOW
from tests.database_server import Database, DatabaseServer, database_server, name_of
from tests.desk import Desk, open_desk
from tests.live_service import LiveService, live_service
from tests.peopling import people
from tests.scopes import Scopes

_RUN = pytest.StashKey[dict[str, Any]]()
_END = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_END] = ExitStack()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_END].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With several test processes, the one that commands them keeps the server for all."""
    node.workerinput["portcullis"] = _run(node.config)


def _run(config: pytest.Config) -> dict[str, Any]:
    """The server and its two templates, as plain values; started by the first who asks."""
    if hasattr(config, "workerinput"):
        shared: dict[str, Any] = config.workerinput["portcullis"]
        return shared
    if _RUN not in config.stash:
        until_the_end = config.stash[_END]
        url = os.environ.get("PORTCULLIS_DATABASE_URL")
        server = until_the_end.enter_context(database_server(url))
        blank = until_the_end.enter_context(server.migrated_database())
        peopled = until_the_end.enter_context(server.new_database(name_of(blank)))
        people(peopled)
        config.stash[_RUN] = {
            "server": asdict(server),
            "blank": name_of(blank),
            "peopled": name_of(peopled),
        }
    return config.stash[_RUN]


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> DatabaseServer:
    """The PostgreSQL server of this run."""
    return DatabaseServer(**_run(pytestconfig)["server"])


@pytest.fixture(scope="module")
def database(server: DatabaseServer, pytestconfig: pytest.Config) -> Iterator[Database]:
    """A database with the cast in it, of this test file alone."""
    with server.new_database(_run(pytestconfig)["peopled"]) as database:
        yield database


@pytest.fixture
def fresh_database(server: DatabaseServer, pytestconfig: pytest.Config) -> Iterator[Database]:
    """A database with the cast in it, of this test alone."""
    with server.new_database(_run(pytestconfig)["peopled"]) as database:
        yield database


@pytest.fixture
def blank_database(server: DatabaseServer, pytestconfig: pytest.Config) -> Iterator[Database]:
    """A migrated database without a row, of this test alone."""
    with server.new_database(_run(pytestconfig)["blank"]) as database:
        yield database


@pytest.fixture(scope="module")
def app_pool(database: Database) -> Iterator[Pool]:
    """Connections of the API's login."""
    pool = open_pool(database.app_url, size=4, name="portcullis-test-app")
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def worker_pool(database: Database) -> Iterator[Pool]:
    """Connections of the workers' login."""
    pool = open_pool(database.worker_url, size=4, name="portcullis-test-worker")
    yield pool
    pool.close()


@pytest.fixture
def scopes(app_pool: Pool) -> Scopes:
    """Opens scopes for people of the cast."""
    return Scopes(app_pool)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the application under test keeps its development key."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def desk_of_file(database: Database, data_folder: Path) -> Iterator[Desk]:
    """The application of this test file; tests take `client`."""
    with open_desk(database, data_folder) as desk:
        yield desk


@pytest.fixture
def client(desk_of_file: Desk) -> Desk:
    """Olive at the application, at NOW: `client.as_(MAX).ask("…", user=…)`."""
    desk_of_file.clock.now = NOW
    return desk_of_file


@pytest.fixture(scope="module")
def live_server(database: Database, data_folder: Path) -> Iterator[LiveService]:
    """The API as its operators start it, with two processes and the real time."""
    with live_service(database, data_folder) as service:
        yield service
