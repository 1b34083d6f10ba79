"""One batch of Users - Remove Blocks: the blocks, the history, the records and the counters in one
statement, under the lease of the worker that holds the run."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from rules.history import HistoryRecordType
from rules.job_reports import Hold
from rules.snapshots import block_snapshot
from storage import history, job_reports, user_blocks
from storage.block_removal import remove_expired_batch
from tenancy.scopes import Pool, open_read_db, open_write_db
from tests.cast import ASHFORD, CEDAR, CLARA, HOUSES, NOW, PIA
from tests.database_server import Database

UNTIL = NOW + timedelta(minutes=5)
EXPIRED = NOW - timedelta(minutes=1)
Put = Callable[..., UUID]


@pytest.fixture(autouse=True)
def _no_blocks(database: Database) -> None:
    for code in (ASHFORD, CEDAR):
        with database.owner(code) as connection:
            connection.execute("DELETE FROM user_block")
            connection.execute("DELETE FROM job_report")


def _put(database: Database, expires_at: datetime | None, **columns: object) -> UUID:
    code = str(columns.pop("at", ASHFORD))
    return database.put(
        "user_block",
        code,
        user_id=PIA.id if code == ASHFORD else CLARA.id,
        description_id=HOUSES[code].description_id("UNPAID"),
        block_type="CASH",
        expires_at=expires_at,
        origin="STAFF",
        staff_note="Owes 12.50",
        created_by="olive",
        created_at=NOW - timedelta(days=30),
        **columns,
    )


def _hold(database: Database, pool: Pool) -> Hold:
    report_id = database.put(
        "job_report",
        ASHFORD,
        kind="REMOVE_BLOCKS",
        status="REQUESTED",
        requested_by="olive",
        requested_at=NOW,
    )
    with open_write_db(pool, ASHFORD) as db:
        lease = job_reports.claim(db, report_id, now=NOW, until=UNTIL)
    assert lease == 1
    return Hold(report_id=report_id, lease=lease, until=UNTIL)


def _run(pool: Pool, hold: Hold, size: int = 100) -> int | None:
    with open_write_db(pool, ASHFORD) as db:
        return remove_expired_batch(db, hold, now=NOW, actor="job", size=size)


def test_only_blocks_whose_expiry_has_come_are_removed(
    database: Database, worker_pool: Pool
) -> None:
    gone = {
        _put(database, EXPIRED),
        _put(database, NOW),
        _put(database, EXPIRED, status="INACTIVE"),
    }
    _put(database, NOW + timedelta(seconds=1))
    _put(database, None)
    _put(database, EXPIRED, at=CEDAR)
    assert _run(worker_pool, _hold(database, worker_pool)) == 3
    removed = database.rows(
        "SELECT id, removed_at, removed_by, removal_reason, version FROM user_block"
        " WHERE removed_at IS NOT NULL",
        ASHFORD,
    )
    assert {row[0] for row in removed} == gone
    assert {row[1:] for row in removed} == {(NOW, "job", "The expiry date has passed.", 2)}
    at_cedar = "SELECT count(*) FROM user_block WHERE removed_at IS NULL"
    assert database.value(at_cedar, CEDAR) == 1


def test_the_history_holds_what_the_rules_would_have_noted(
    database: Database, worker_pool: Pool
) -> None:
    block_id = _put(database, EXPIRED, patron_text="Pay at the desk")
    with open_read_db(worker_pool, ASHFORD) as db:
        before = user_blocks.block_by_id(db, block_id)
    assert _run(worker_pool, _hold(database, worker_pool)) == 1
    with open_read_db(worker_pool, ASHFORD) as db:
        after = user_blocks.block_by_id(db, block_id)
        page = history.events_page(
            db,
            record_type=HistoryRecordType.USER_BLOCK,
            record_id=block_id,
            first=10,
            after=None,
        )
    assert before is not None
    assert after is not None
    (event,) = page.items
    assert event.before == block_snapshot(before)
    assert event.after == block_snapshot(after)
    assert (event.deed, event.actor, event.channel.value) == ("user_block.remove", "job", "JOB")
    assert (event.at, event.user_id) == (NOW, PIA.id)
    assert event.fields == ("removal_reason", "removed_at", "removed_by", "version")


def test_a_batch_takes_the_oldest_expiries_and_no_more_than_its_size(
    database: Database, worker_pool: Pool
) -> None:
    blocks = [_put(database, EXPIRED - timedelta(days=days)) for days in range(5)]
    hold = _hold(database, worker_pool)
    assert _run(worker_pool, hold, size=2) == 2
    left = database.rows("SELECT id FROM user_block WHERE removed_at IS NULL", ASHFORD)
    assert {number for (number,) in left} == set(blocks[:3])
    assert [_run(worker_pool, hold, size=2) for _ in range(3)] == [2, 1, 0]


def test_counters_and_records_are_written_with_the_work(
    database: Database, worker_pool: Pool
) -> None:
    blocks = {_put(database, EXPIRED) for _ in range(3)}
    hold = _hold(database, worker_pool)
    _run(worker_pool, hold, size=2)
    _run(worker_pool, hold, size=2)
    counters = database.rows("SELECT examined, removed, failed FROM job_report", ASHFORD)
    assert counters == [(3, 3, 0)]
    records = database.rows("SELECT counter, record_type, record_id FROM job_record", ASHFORD)
    assert set(records) == {("removed", "USER_BLOCK", block) for block in blocks}


def test_a_worker_that_has_lost_its_lease_learns_so_and_undoes_its_batch(
    database: Database, worker_pool: Pool
) -> None:
    block_id = _put(database, EXPIRED)
    hold = _hold(database, worker_pool)
    with open_write_db(worker_pool, ASHFORD) as db:
        later = UNTIL + timedelta(seconds=1)
        assert job_reports.claim(db, hold.report_id, now=later, until=later) == 2
    with pytest.raises(TimeoutError), open_write_db(worker_pool, ASHFORD) as db:
        assert remove_expired_batch(db, hold, now=NOW, actor="job", size=10) is None
        raise TimeoutError
    events = "SELECT count(*) FROM history_event WHERE record_id = %(block_id)s"
    assert database.value(events, ASHFORD, block_id=block_id) == 0
    assert database.value("SELECT removed_at FROM user_block", ASHFORD) is None


def test_two_workers_never_take_the_same_block(database: Database, worker_pool: Pool) -> None:
    _put(database, EXPIRED)
    hold = _hold(database, worker_pool)
    with database.owner(ASHFORD) as somebody:
        somebody.execute("SELECT FROM user_block FOR UPDATE")
        assert _run(worker_pool, hold) == 0
    assert _run(worker_pool, hold) == 1
