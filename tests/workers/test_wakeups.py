"""The message that wakes a worker: there with the command that caused it, or not at all."""

from pathlib import Path

import pytest

from resolvers import job_reports
from rules.job_reports import JobKind
from tests.cast import ADA, ASHFORD, NOW
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.undone import undoing_pool
from tests.workers.conftest import OpenScopes
from tests.workers.runs import JOB_RUN, ask_for_run, messages, put_run
from workers.remove_blocks import NAME

MESSAGE = "SELECT message_id, queue_name, state::text, message FROM dramatiq.queue"


def test_a_message_carries_the_institution_the_report_and_its_version_and_nothing_else(
    desk: Desk, fresh_database: Database
) -> None:
    report_id = ask_for_run(desk)
    [(message_id, queue, state, message)] = fresh_database.rows(MESSAGE, ASHFORD)
    assert (message_id, queue, state) == (report_id, "jobs", "queued")
    assert {name: message[name] for name in ("actor_name", "args", "kwargs", "options")} == {
        "actor_name": "remove_blocks",
        "args": [1, "ASHFORD", str(report_id)],
        "kwargs": {},
        "options": {},
    }


def test_a_command_that_is_undone_leaves_neither_message_nor_report(
    fresh_database: Database, data_folder: Path
) -> None:
    pool = undoing_pool(fresh_database.app_url)
    with open_desk(fresh_database, data_folder, pool=pool) as desk:
        answered = desk.as_(ADA).ask(JOB_RUN)["jobRun"]
    assert (answered["jobReport"]["status"], answered["userErrors"]) == ("REQUESTED", [])
    assert messages(fresh_database) == 0
    assert fresh_database.value("SELECT count(*) FROM job_report", ASHFORD) == 0


def test_a_step_that_raises_after_asking_for_a_run_leaves_neither(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    with pytest.raises(TimeoutError), job_scopes().open(ASHFORD, NAME) as scope:
        job_reports.request_job(scope, JobKind.REMOVE_BLOCKS)
        raise TimeoutError
    assert messages(fresh_database) == 0
    assert fresh_database.value("SELECT count(*) FROM job_report", ASHFORD) == 0


def test_a_second_run_is_refused_while_one_waits_and_sends_nothing(
    desk: Desk, fresh_database: Database
) -> None:
    ask_for_run(desk)
    assert desk.as_(ADA).ask(JOB_RUN)["jobRun"] == {
        "jobReport": None,
        "userErrors": [
            {
                "__typename": "ConflictError",
                "message": "This job is waiting or running already.",
                "path": ["input", "kind"],
            }
        ],
    }
    assert messages(fresh_database) == 1
    assert fresh_database.value("SELECT count(*) FROM job_report", ASHFORD) == 1


def test_a_forgotten_run_is_woken_again_with_the_one_message_it_has(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    report_id = put_run(fresh_database)
    for _ in range(3):
        with job_scopes().open(ASHFORD, NAME) as scope:
            assert job_reports.wake_forgotten(scope, after_seconds=0) == 1
    assert [row[0] for row in fresh_database.rows(MESSAGE, ASHFORD)] == [report_id]


def test_a_run_that_is_young_over_or_in_work_is_not_woken(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_run(fresh_database, status="COMPLETED", requested_at=NOW.replace(day=1))
    report_id = put_run(fresh_database)
    with job_scopes().open(ASHFORD, NAME) as scope:
        assert job_reports.wake_forgotten(scope, after_seconds=15) == 0
    with job_scopes().open(ASHFORD, NAME) as scope:
        assert job_reports.claim(scope, report_id) is not None
    with job_scopes().open(ASHFORD, NAME) as scope:
        assert job_reports.wake_forgotten(scope, after_seconds=0) == 0
    assert messages(fresh_database) == 0
