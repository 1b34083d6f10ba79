"""A database in which every institution has a row in every table."""

import pytest

from tests.cast import HOUSES
from tests.database_server import Database
from tests.isolation.logins import Logins
from tests.possessions import possess


@pytest.fixture(scope="module")
def full_database(database: Database) -> Database:
    """This test file's database, with every table filled for all three institutions."""
    for code in HOUSES:
        possess(database, code)
    return database


@pytest.fixture(scope="module")
def logins(full_database: Database) -> Logins:
    """The app's and the worker's login of that database."""
    return Logins(full_database)
