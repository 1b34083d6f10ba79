"""Real worker processes on the PostgreSQL broker: a run asked for over HTTP, and workers that die
in the middle of one."""

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from schema.ids import encoded
from tests.cast import ADA, ASHFORD, CARL, CEDAR, HOUSES, NOW, OLIVE, PIA
from tests.database_server import Database
from tests.desk import Desk
from tests.workers.processes import small_worker, worker_process
from tests.workers.runs import (
    EXPIRED,
    ask_for_run,
    messages,
    outcome,
    put_expired,
    undisturbed,
    wait_until,
)

REPORT = """
query($id: ID!) {
  jobReport(id: $id) { name status requestedBy examined removed failed failure startedAt endedAt }
  jobReports { nodes { id } }
  jobRemovedBlocks(jobReport: $id, first: 100) {
    nodes { id status version removal { removedBy reason } } } }
"""


def ended(database: Database, report_id: UUID) -> bool:
    return outcome(database, report_id).status in {"COMPLETED", "FAILED"}


def shown(desk: Desk, report_id: UUID) -> dict[str, Any]:
    return desk.ask(REPORT, id=encoded("j", report_id))


def test_a_run_asked_for_over_http_is_carried_out_and_its_counters_and_blocks_can_be_read(
    desk: Desk, fresh_database: Database, data_folder: Path
) -> None:
    gone = put_expired(fresh_database, 5)
    staying = {
        "user_id": PIA.id,
        "description_id": HOUSES[ASHFORD].description_id("UNPAID"),
        "block_type": "CASH",
        "origin": "STAFF",
        "created_by": "olive",
        "created_at": EXPIRED,
    }
    fresh_database.put("user_block", ASHFORD, **staying)
    fresh_database.put("user_block", ASHFORD, **staying, expires_at=NOW.replace(year=2099))
    at_cedar = put_expired(fresh_database, 3, CEDAR)
    report_id = ask_for_run(desk)
    assert shown(desk, report_id)["jobReport"]["status"] == "REQUESTED"
    with worker_process(fresh_database, data_folder):
        wait_until(lambda: ended(fresh_database, report_id))
        wait_until(lambda: messages(fresh_database) == 0)
    answer = shown(desk, report_id)
    report = answer["jobReport"]
    assert report["startedAt"] <= report["endedAt"]
    assert report | {"startedAt": None, "endedAt": None} == {
        "name": "Users - Remove Blocks",
        "status": "COMPLETED",
        "requestedBy": "ada",
        "examined": 5,
        "removed": 5,
        "failed": 0,
        "failure": None,
        "startedAt": None,
        "endedAt": None,
    }
    assert answer["jobRemovedBlocks"]["nodes"] == [
        {
            "id": encoded("b", number),
            "status": "ACTIVE",
            "version": 2,
            "removal": {
                "removedBy": "Users - Remove Blocks",
                "reason": "The expiry date has passed.",
            },
        }
        for number in sorted(gone)
    ]
    left = "SELECT count(*) FROM user_block WHERE removed_at IS NULL"
    assert fresh_database.value(left, ASHFORD) == 2
    assert fresh_database.value(left, CEDAR) == len(at_cedar)


def test_reports_of_another_institution_do_not_exist(
    desk: Desk, fresh_database: Database, data_folder: Path
) -> None:
    put_expired(fresh_database, 2)
    report_id = ask_for_run(desk)
    with worker_process(fresh_database, data_folder):
        wait_until(lambda: ended(fresh_database, report_id))
    assert shown(desk.as_(CARL), report_id) == {
        "jobReport": None,
        "jobReports": {"nodes": []},
        "jobRemovedBlocks": None,
    }
    assert shown(desk.as_(OLIVE), report_id)["jobReports"] == {
        "nodes": [{"id": encoded("j", report_id)}]
    }


def test_two_workers_share_one_run_and_count_nothing_twice(
    desk: Desk, fresh_database: Database
) -> None:
    put_expired(fresh_database, 300)
    with small_worker(fresh_database, 1), small_worker(fresh_database, 1):
        report_id = ask_for_run(desk)
        wait_until(lambda: ended(fresh_database, report_id))
    assert outcome(fresh_database, report_id) == undisturbed(300)


@pytest.mark.timeout(180)
def test_another_worker_ends_the_run_of_one_that_was_killed(
    desk: Desk, fresh_database: Database
) -> None:
    put_expired(fresh_database, 2000)
    report_id = ask_for_run(desk)
    with small_worker(fresh_database, 1) as first:
        wait_until(lambda: outcome(fresh_database, report_id).removed > 20)
        first.kill()
        first.wait()
        left = outcome(fresh_database, report_id)
        assert (left.status, left.lease) == ("RUNNING", 1)
        assert 20 < left.removed < 2000
        assert left.events == left.records == left.blocks_removed == left.removed
    with small_worker(fresh_database, 500):
        wait_until(lambda: ended(fresh_database, report_id))
    assert outcome(fresh_database, report_id) == undisturbed(2000, lease=2)


@pytest.mark.timeout(180)
def test_a_worker_killed_inside_its_transaction_leaves_nothing_half_done(
    desk: Desk, fresh_database: Database
) -> None:
    put_expired(fresh_database, 400)
    report_id = ask_for_run(desk)
    with small_worker(fresh_database, 1) as first:
        wait_until(lambda: outcome(fresh_database, report_id).removed > 5)
        with fresh_database.owner(ASHFORD) as somebody:
            somebody.execute("SELECT FROM job_report FOR UPDATE")
            wait_until(lambda: _waits_for_a_lock(fresh_database))
            first.kill()
            first.wait()
    with small_worker(fresh_database, 100):
        wait_until(lambda: ended(fresh_database, report_id))
    assert outcome(fresh_database, report_id) == undisturbed(400, lease=2)


def _waits_for_a_lock(database: Database) -> bool:
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'portcullis-worker' AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row == (1,)


def test_ada_may_start_the_job_and_olive_may_not(desk: Desk, fresh_database: Database) -> None:
    query = "mutation { jobRun(input: {kind: REMOVE_BLOCKS}) { userErrors { __typename } } }"
    refused = desk.as_(OLIVE).ask(query)["jobRun"]["userErrors"]
    assert refused == [{"__typename": "NotPermittedError"}]
    assert fresh_database.value("SELECT count(*) FROM job_report", ASHFORD) == 0
    assert messages(fresh_database) == 0
    assert desk.as_(ADA).ask(query)["jobRun"]["userErrors"] == []
