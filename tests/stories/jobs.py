"""The nightly job in the stories: asked for over HTTP, carried out as a worker does."""

from datetime import datetime
from uuid import UUID

from schema.ids import decoded
from tenancy.scopes import Pool
from tests.cast import ADA
from tests.desk import Desk
from tests.table_desk import run
from workers import remove_blocks
from workers.scopes import JobScopes
from workers.wakeups import TransactionalWakeups


def remove_expired_blocks(desk: Desk, pool: Pool, *, at: datetime) -> str:
    """One run of Users - Remove Blocks at Ashford; the answer is the id of its report."""
    asked = run(desk.as_(ADA), "jobRun", "jobReport { id }", kind="REMOVE_BLOCKS")
    report = str(asked["jobReport"]["id"])
    scopes = JobScopes(pool=pool, wakeups=TransactionalWakeups(), clock=lambda: at)
    assert remove_blocks.run(scopes, "ASHFORD", _number(report)) is None
    return report


def _number(report: str) -> UUID:
    found = decoded(report)
    assert found is not None
    return found[1]
