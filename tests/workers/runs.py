"""Expired blocks for the workers' tests, and what came of the runs that took them away."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from schema.ids import decoded
from tests.cast import ADA, ASHFORD, CLARA, HOUSES, NOW, PIA
from tests.database_server import Database
from tests.desk import Desk

WAIT_SECONDS = 60
EXPIRED = NOW - timedelta(days=300)

JOB_RUN = """
mutation { jobRun(input: {kind: REMOVE_BLOCKS}) {
  jobReport { id status requestedBy examined removed } userErrors { __typename message path } } }
"""

_PUT = """
INSERT INTO user_block (institution_code, id, user_id, description_id, block_type, origin,
  staff_note, created_by, created_at, expires_at)
SELECT %(code)s, uuid_v7(), %(user_id)s, %(description_id)s, 'CASH', 'STAFF', 'For staff', 'olive',
  %(expired)s - interval '30 days', %(expired)s - make_interval(secs => number)
FROM generate_series(1, %(count)s) AS number RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run as its report has it, and what else it left in the database."""

    status: str
    examined: int
    removed: int
    failed: int
    lease: int
    blocks_removed: int
    versions: frozenset[int]
    events: int
    records: int


def put_expired(database: Database, count: int, code: str = ASHFORD) -> list[UUID]:
    """So many blocks of one user whose expiry has passed, the last of them first."""
    values = {
        "code": code,
        "user_id": (PIA if code == ASHFORD else CLARA).id,
        "description_id": HOUSES[code].description_id("UNPAID"),
        "expired": EXPIRED,
        "count": count,
    }
    return [row[0] for row in database.rows(_PUT, code, **values)]


def ask_for_run(desk: Desk) -> UUID:
    """A run that Ada asks for over HTTP."""
    payload: dict[str, Any] = desk.as_(ADA).ask(JOB_RUN)["jobRun"]
    assert payload["userErrors"] == []
    number = decoded(payload["jobReport"]["id"])
    assert number is not None
    return number[1]


def put_run(database: Database, code: str = ASHFORD, **columns: object) -> UUID:
    """A run that was asked for, and no message about it."""
    asked = {
        "kind": "REMOVE_BLOCKS",
        "status": "REQUESTED",
        "requested_by": "ada",
        "requested_at": NOW,
    }
    return database.put("job_report", code, **(asked | columns))


def outcome(database: Database, report_id: UUID, code: str = ASHFORD) -> Outcome:
    """What stands in the database about a run and its institution's blocks."""
    report = "SELECT status, examined, removed, failed, lease FROM job_report WHERE id = %(id)s"
    [(status, examined, removed, failed, lease)] = database.rows(report, code, id=report_id)
    versions = database.rows(
        "SELECT version FROM user_block WHERE removed_at IS NOT NULL ORDER BY id", code
    )
    return Outcome(
        status=status,
        examined=examined,
        removed=removed,
        failed=failed,
        lease=lease,
        blocks_removed=len(versions),
        versions=frozenset(version for (version,) in versions),
        events=_count(database, code, "history_event WHERE deed = 'user_block.remove'"),
        records=_count(database, code, "job_record"),
    )


def undisturbed(count: int, *, lease: int = 1) -> Outcome:
    """What a run over so many expired blocks comes to when nothing happens to it."""
    return Outcome(
        status="COMPLETED",
        examined=count,
        removed=count,
        failed=0,
        lease=lease,
        blocks_removed=count,
        versions=frozenset({2}),
        events=count,
        records=count,
    )


def messages(database: Database) -> int:
    """How many messages wait or are being worked on."""
    return _count(database, ASHFORD, "dramatiq.queue WHERE state <> 'rejected'")


def wait_until(has_come: Callable[[], bool]) -> None:
    """Look again and again, for a minute at most."""
    began = time.monotonic()
    while not has_come():
        assert time.monotonic() - began < WAIT_SECONDS, "it did not come"
        time.sleep(0.02)


def _count(database: Database, code: str, what: str) -> int:
    number = database.value(f"SELECT count(*) FROM {what}", code)
    assert isinstance(number, int)
    return number
