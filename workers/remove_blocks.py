"""Users - Remove Blocks as an actor: claims its run, one resolver call and one transaction for
each batch, and may run twice without harm."""

from datetime import timedelta
from uuid import UUID

import structlog

from resolvers import block_removal, job_reports
from rules.job_reports import JOB_NAMES, Hold, JobKind
from workers.job_counts import counted
from workers.scopes import JobScopes

BATCH = 1000

NAME = JOB_NAMES[JobKind.REMOVE_BLOCKS]

log = structlog.get_logger(__name__)


def run(
    scopes: JobScopes, institution_code: str, report_id: UUID, *, batch: int = BATCH
) -> timedelta | None:
    """Carry out one run, or leave it to whoever holds it. The answer says after how long to
    look again: another worker may have died with the run, or this attempt has failed; None
    where nothing is left to do."""
    with scopes.open(institution_code, NAME) as scope:
        hold = job_reports.claim(scope, report_id)
        if hold is None:
            return job_reports.busy_for(scope, report_id)
    try:
        with counted(JobKind.REMOVE_BLOCKS):
            _carry_out(scopes, institution_code, hold, batch)
    except Exception:
        log.exception("run failed", report=str(report_id), attempt=hold.lease)
        with scopes.open(institution_code, NAME) as scope:
            return job_reports.give_back(scope, hold)
    return None


def _carry_out(scopes: JobScopes, institution_code: str, hold: Hold, batch: int) -> None:
    try:
        while _batch(scopes, institution_code, hold, batch) == batch:
            pass
        with scopes.open(institution_code, NAME) as scope:
            job_reports.finish(scope, hold)
    except block_removal.HoldLost:
        log.info("run taken over", report=str(hold.report_id))


def _batch(scopes: JobScopes, institution_code: str, hold: Hold, size: int) -> int:
    with scopes.open(institution_code, NAME) as scope:
        hold = job_reports.renewed(scope, hold)
        return block_removal.remove_expired_batch(scope, hold, size=size)
