"""Each test of the workers has a database of its own, and what the workers share over it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from storage.pools import open_pool
from tests.cast import NOW
from tests.database_server import Database
from tests.desk import Desk, open_desk
from workers.scopes import JobScopes
from workers.wakeups import TransactionalWakeups

OpenScopes = Callable[..., JobScopes]


@pytest.fixture
def desk(fresh_database: Database, data_folder: Path) -> Iterator[Desk]:
    """The application over the test's database."""
    with open_desk(fresh_database, data_folder) as desk:
        yield desk


@pytest.fixture
def job_scopes(fresh_database: Database) -> Iterator[OpenScopes]:
    """Makes what one worker shares; `clock` is its own, and stands at NOW unless given."""
    with open_pool(fresh_database.worker_url, size=4, name="portcullis-test-worker") as pool:

        def make(clock: Callable[[], datetime] = lambda: NOW) -> JobScopes:
            return JobScopes(pool=pool, wakeups=TransactionalWakeups(), clock=clock)

        yield make
