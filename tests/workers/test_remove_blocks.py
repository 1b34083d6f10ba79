"""Users - Remove Blocks step by step: twice, after a pause, after failures, at another's house."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from resolvers import block_removal, job_reports
from rules.history import HistoryRecordType
from rules.job_reports import Hold, JobKind
from rules.snapshots import block_snapshot
from storage import history, user_blocks
from tenancy.scopes import open_read_db
from tests.cast import ASHFORD, CEDAR, HOUSES, NOW, PIA
from tests.database_server import Database
from tests.desk import Desk
from tests.workers.conftest import OpenScopes
from tests.workers.runs import EXPIRED, ask_for_run, outcome, put_expired, put_run, undisturbed
from workers.remove_blocks import NAME, run
from workers.scopes import JobScopes

BLOCKS_NOT_WRITABLE = "REVOKE UPDATE ON user_block FROM portcullis_worker"
BLOCKS_WRITABLE = "GRANT UPDATE ON user_block TO portcullis_worker"


def later(seconds: float) -> Callable[[], datetime]:
    return lambda: NOW + timedelta(seconds=seconds)


def claimed(scopes: JobScopes, report_id: UUID) -> Hold:
    with scopes.open(ASHFORD, NAME) as scope:
        hold = job_reports.claim(scope, report_id)
    assert hold is not None
    return hold


def batch_of(scopes: JobScopes, hold: Hold, size: int) -> int:
    with scopes.open(ASHFORD, NAME) as scope:
        return block_removal.remove_expired_batch(scope, hold, size=size)


@pytest.mark.parametrize("batch", [1, 3, 7, 8, 1000])
def test_the_size_of_a_batch_changes_nothing(
    fresh_database: Database, job_scopes: OpenScopes, batch: int
) -> None:
    put_expired(fresh_database, 7)
    report_id = put_run(fresh_database)
    assert run(job_scopes(), ASHFORD, report_id, batch=batch) is None
    assert outcome(fresh_database, report_id) == undisturbed(7)


def test_a_message_that_comes_twice_changes_nothing(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 4)
    report_id = put_run(fresh_database)
    assert [run(job_scopes(), ASHFORD, report_id) for _ in range(2)] == [None, None]
    put_expired(fresh_database, 1)
    assert run(job_scopes(), ASHFORD, report_id) is None
    assert outcome(fresh_database, report_id) == undisturbed(4)


def test_a_message_that_comes_twice_at_once_is_carried_out_once(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 6)
    report_id = put_run(fresh_database)
    answers: list[timedelta | None] = []
    steps = iter(range(100))

    def clock() -> datetime:
        if next(steps) == 3:
            answers.append(run(job_scopes(), ASHFORD, report_id))
        return NOW

    assert run(job_scopes(clock), ASHFORD, report_id, batch=1) is None
    assert answers == [timedelta(seconds=job_reports.LEASE_SECONDS)]
    assert outcome(fresh_database, report_id) == undisturbed(6)


def test_a_worker_that_slept_past_its_lease_writes_no_more(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 9)
    report_id = put_run(fresh_database)
    sleeper = claimed(job_scopes(), report_id)
    assert batch_of(job_scopes(), sleeper, 2) == 2
    taken_over = claimed(job_scopes(later(11)), report_id)
    assert (sleeper.lease, taken_over.lease) == (1, 2)
    with pytest.raises(block_removal.HoldLost):
        batch_of(job_scopes(later(12)), sleeper, 2)
    assert outcome(fresh_database, report_id).removed == 2
    assert outcome(fresh_database, report_id).blocks_removed == 2
    assert outcome(fresh_database, report_id).events == 2
    with job_scopes(later(12)).open(ASHFORD, NAME) as scope:
        assert job_reports.finish(scope, sleeper) is False
        assert job_reports.give_back(scope, sleeper) is None
    assert batch_of(job_scopes(later(13)), taken_over, 100) == 7
    with job_scopes(later(13)).open(ASHFORD, NAME) as scope:
        assert job_reports.finish(scope, taken_over) is True
    assert outcome(fresh_database, report_id) == undisturbed(9, lease=2)
    times = fresh_database.rows("SELECT started_at, ended_at FROM job_report", ASHFORD)
    assert times == [(NOW, NOW + timedelta(seconds=13))]


def test_a_worker_that_wakes_after_another_has_ended_its_run_stops(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 5)
    report_id = put_run(fresh_database)
    steps = iter(range(100))

    def clock() -> datetime:
        if next(steps) == 3:
            assert run(job_scopes(later(11)), ASHFORD, report_id) is None
        return NOW

    assert run(job_scopes(clock), ASHFORD, report_id, batch=1) is None
    assert outcome(fresh_database, report_id) == undisturbed(5, lease=2)


def test_each_batch_renews_the_lease(fresh_database: Database, job_scopes: OpenScopes) -> None:
    put_expired(fresh_database, 4)
    report_id = put_run(fresh_database)
    until: list[datetime] = []
    steps = iter(range(100))

    def clock() -> datetime:
        seconds = 6 * next(steps)
        query = "SELECT leased_until FROM job_report"
        until.extend(row[0] for row in fresh_database.rows(query, ASHFORD) if row[0])
        return NOW + timedelta(seconds=seconds)

    assert run(job_scopes(clock), ASHFORD, report_id, batch=2) is None
    assert until == [NOW + timedelta(seconds=seconds) for seconds in (10, 16, 22, 28)]
    assert outcome(fresh_database, report_id) == undisturbed(4)


def test_a_message_that_comes_while_a_dead_worker_still_holds_the_run_comes_back_in_time(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 3)
    report_id = put_run(fresh_database)
    claimed(job_scopes(), report_id)
    again = run(job_scopes(later(7)), ASHFORD, report_id)
    assert again == timedelta(seconds=3)
    assert run(job_scopes(later(10)), ASHFORD, report_id) is None
    assert outcome(fresh_database, report_id) == undisturbed(3, lease=2)


def test_a_failed_attempt_comes_back_later_each_time_and_goes_on_where_it_was(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 3)
    report_id = put_run(fresh_database)
    with fresh_database.owner() as owner:
        owner.execute(BLOCKS_NOT_WRITABLE)
    assert run(job_scopes(), ASHFORD, report_id) == timedelta(seconds=1)
    assert run(job_scopes(), ASHFORD, report_id) == timedelta(seconds=1)
    assert run(job_scopes(later(1)), ASHFORD, report_id) == timedelta(seconds=2)
    with fresh_database.owner() as owner:
        owner.execute(BLOCKS_WRITABLE)
    assert run(job_scopes(later(3)), ASHFORD, report_id) is None
    assert outcome(fresh_database, report_id) == undisturbed(3, lease=3)


def test_attempts_are_counted_by_what_came_of_them(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    def attempts() -> list[float]:
        name, job = "portcullis_job_seconds_count", JobKind.REMOVE_BLOCKS.value
        return [
            REGISTRY.get_sample_value(name, {"kind": job, "outcome": came}) or 0
            for came in ("ended", "failed")
        ]

    ended, failed = attempts()
    report_id = put_run(fresh_database)
    with fresh_database.owner() as owner:
        owner.execute(BLOCKS_NOT_WRITABLE)
    run(job_scopes(), ASHFORD, report_id)
    assert attempts() == [ended, failed + 1]
    with fresh_database.owner() as owner:
        owner.execute(BLOCKS_WRITABLE)
    for _ in range(2):
        run(job_scopes(later(1)), ASHFORD, report_id)
    assert attempts() == [ended + 1, failed + 1]


def test_a_run_that_fails_for_good_says_so_and_the_job_can_be_run_again(
    fresh_database: Database, job_scopes: OpenScopes, desk: Desk
) -> None:
    put_expired(fresh_database, 3)
    report_id = ask_for_run(desk)
    with fresh_database.owner() as owner:
        owner.execute(BLOCKS_NOT_WRITABLE)
    waits = [run(job_scopes(later(60 * n)), ASHFORD, report_id) for n in range(10)]
    seconds = [None if wait is None else wait.total_seconds() for wait in waits]
    assert seconds == [1, 2, 4, 8, 16, 30, 30, 30, 30, None]
    query = "{ jobReports { nodes { status removed failure } } }"
    assert desk.ask(query)["jobReports"]["nodes"] == [
        {
            "status": "FAILED",
            "removed": 0,
            "failure": (
                "The run was begun 10 times and never came to its end, so it was given up. What "
                "it had done stays done; the log says what went wrong. The job can be run again."
            ),
        }
    ]
    with fresh_database.owner() as owner:
        owner.execute(BLOCKS_WRITABLE)
    assert run(job_scopes(later(900)), ASHFORD, report_id) is None
    assert outcome(fresh_database, report_id).removed == 0
    second = ask_for_run(desk)
    assert run(job_scopes(later(900)), ASHFORD, second) is None
    assert outcome(fresh_database, second) == undisturbed(3)


def test_a_run_that_ends_its_workers_is_given_up_too(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 1)
    report_id = put_run(fresh_database)
    for number in range(10):
        claimed(job_scopes(later(60 * number)), report_id)
    assert run(job_scopes(later(900)), ASHFORD, report_id) is None
    assert outcome(fresh_database, report_id).status == "FAILED"
    assert outcome(fresh_database, report_id).blocks_removed == 0


def test_the_blocks_of_another_institution_are_never_touched(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 2)
    put_expired(fresh_database, 2, CEDAR)
    report_id = put_run(fresh_database)
    assert run(job_scopes(), CEDAR, report_id) is None
    assert outcome(fresh_database, report_id).status == "REQUESTED"
    assert run(job_scopes(), ASHFORD, report_id) is None
    removed = "SELECT count(*) FROM user_block WHERE removed_at IS NOT NULL"
    assert (fresh_database.value(removed, ASHFORD), fresh_database.value(removed, CEDAR)) == (2, 0)


KINDS = (
    {"expires_at": EXPIRED},
    {"expires_at": EXPIRED.replace(microsecond=100_000), "status": "INACTIVE"},
    {"expires_at": EXPIRED.replace(microsecond=123_456), "staff_note": None},
    {"expires_at": EXPIRED, "patron_text": "Zahlen bitte – \u201eheute\u201c 支払い"},
    {
        "expires_at": EXPIRED,
        "origin": "IMPORT",
        "segment": "EXTERNAL",
        "description_id": HOUSES[ASHFORD].description_id("UNDEFINED"),
    },
)


@pytest.mark.parametrize("columns", KINDS)
def test_the_history_says_of_each_block_what_the_rules_would_say(
    fresh_database: Database, job_scopes: OpenScopes, columns: dict[str, object]
) -> None:
    given = {
        "user_id": PIA.id,
        "description_id": HOUSES[ASHFORD].description_id("LOST_CARD"),
        "block_type": "GENERAL",
        "origin": "STAFF",
        "staff_note": "Owes 12.50",
        "created_by": "olive",
        "created_at": EXPIRED.replace(year=2025, microsecond=98_760),
    }
    block_id = fresh_database.put("user_block", ASHFORD, **(given | columns))
    now = NOW.replace(microsecond=500_000)
    scopes = job_scopes(lambda: now)
    with open_read_db(scopes.pool, ASHFORD) as db:
        before = user_blocks.block_by_id(db, block_id)
    run(scopes, ASHFORD, put_run(fresh_database))
    with open_read_db(scopes.pool, ASHFORD) as db:
        after = user_blocks.block_by_id(db, block_id)
        events = history.events_page(
            db, record_type=HistoryRecordType.USER_BLOCK, record_id=block_id, first=9, after=None
        )
    assert before is not None
    assert after is not None
    assert after.removal is not None
    [event] = events.items
    assert (event.before, event.after) == (block_snapshot(before), block_snapshot(after))
    assert after == replace(before, version=2, removal=after.removal)
    assert (after.removal.removed_at, after.removal.removed_by) == (now, NAME)
