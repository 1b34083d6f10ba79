"""What the database refuses is told as a conflict, in our own words."""

from pathlib import Path

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from storage.conflicts import BUSY
from storage.statements import statement
from storage.tables import block_description
from tenancy.conflicts import conflicts_refused
from tenancy.refusals import Conflict
from tests.cast import ADA, ASHFORD, HOUSES
from tests.database_server import Database
from tests.desk import open_desk
from tests.scopes import Scopes
from tests.table_desk import description_id, refusal, run


def test_a_constraint_that_refuses_becomes_a_conflict(scopes: Scopes) -> None:
    deletion = statement(
        block_description.delete().where(
            block_description.c.id == HOUSES[ASHFORD].description_id("UNPAID")
        )
    )
    with scopes.writing(ADA) as scope:
        scope.db.savepoint()
        with pytest.raises(Conflict) as refused, conflicts_refused():
            scope.db.execute(deletion)
        scope.db.undo()
    assert refused.value.message == (
        "The description and its definition no longer fit: one was deleted or is still used. "
        "Look at both tables again."
    )


def test_any_other_error_stays_what_it_is() -> None:
    with pytest.raises(psycopg.OperationalError), conflicts_refused():
        raise psycopg.OperationalError("the server went away")


def test_who_waits_too_long_is_told_to_try_again(database: Database, data_folder: Path) -> None:
    pool = ConnectionPool(
        database.app_url,
        min_size=1,
        max_size=2,
        kwargs={"autocommit": True, "options": "-c lock_timeout=50ms"},
        open=True,
    )
    given = {"blockDescription": description_id("UNDEFINED")}
    with open_desk(database, data_folder, pool=pool) as desk, database.owner(ASHFORD) as other:
        other.execute("SELECT 1 FROM block_description FOR UPDATE")
        payload = run(desk.as_(ADA), "blockDescriptionRemove", "removed { id }", **given)
    assert refusal(payload) == ("Conflict", BUSY, [])
