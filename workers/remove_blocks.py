"""Users - Remove Blocks as an actor: claims its run, one resolver call and one transaction for
each batch, and may run twice without harm."""

from uuid import UUID

import structlog

from resolvers import block_removal, job_reports
from rules.job_reports import JOB_NAMES, Hold, JobKind
from workers.scopes import JobScopes

BATCH = 1000

NAME = JOB_NAMES[JobKind.REMOVE_BLOCKS]

log = structlog.get_logger(__name__)


def run(scopes: JobScopes, institution_code: str, report_id: UUID) -> None:
    """Carry out one run, or leave it to whoever holds it."""
    with scopes.open(institution_code, NAME) as scope:
        hold = job_reports.claim(scope, report_id)
    if hold is None:
        return
    try:
        while _batch(scopes, institution_code, hold) == BATCH:
            pass
        with scopes.open(institution_code, NAME) as scope:
            job_reports.finish(scope, hold)
    except block_removal.HoldLost:
        log.info("run taken over", report=str(report_id))


def _batch(scopes: JobScopes, institution_code: str, hold: Hold) -> int:
    with scopes.open(institution_code, NAME) as scope:
        return block_removal.remove_expired_batch(scope, hold, size=BATCH)
