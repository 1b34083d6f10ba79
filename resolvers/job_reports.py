"""Jobs as staff ask for them and as workers carry them out: requested, claimed, ended."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from rules.job_reports import Hold, JobKind, JobReport, JobStatus
from rules.pages import Page
from storage import job_reports
from tenancy.refusals import Conflict
from tenancy.scopes import InstitutionScope, WritingScope

LEASE_SECONDS = 10
"""A worker that says nothing for this long has lost its run; each batch renews it."""

MOST_ATTEMPTS = 10
"""A run that was begun so often without coming to its end is given up."""

_FIRST_DELAY_SECONDS = 1
_LONGEST_DELAY_SECONDS = 30
_GIVEN_UP = (
    f"The run was begun {MOST_ATTEMPTS} times and never came to its end, so it was given up. What "
    "it had done stays done; the log says what went wrong. The job can be run again."
)


def request_job(
    scope: WritingScope, kind: JobKind, *, scheduled_on: date | None = None
) -> JobReport:
    """Ask for a run; a worker is woken with the same transaction. Raises Conflict where one of
    the kind waits or runs already, or the day's own was asked for before."""
    report = JobReport(
        id=scope.new_id(),
        kind=kind,
        status=JobStatus.REQUESTED,
        requested_by=scope.principal.label,
        requested_at=scope.now,
        scheduled_on=scheduled_on,
        started_at=None,
        ended_at=None,
        examined=0,
        removed=0,
        failed=0,
        failure=None,
    )
    if not job_reports.request_job(scope.db, report):
        raise Conflict("This job is waiting or running already.", ["kind"])
    scope.wakeups.wake(scope.db, kind, report.id)
    return report


def wake_forgotten(scope: WritingScope, *, after_seconds: int) -> int:
    """Wake workers again for runs that nobody picked up; how many."""
    asked_before = scope.now - timedelta(seconds=after_seconds)
    waiting = job_reports.waiting_jobs(scope.db, asked_before=asked_before, now=scope.now)
    for report_id, kind in waiting:
        scope.wakeups.wake(scope.db, kind, report_id)
    return len(waiting)


def claim(scope: WritingScope, report_id: UUID) -> Hold | None:
    """Take a run for this worker, or None if it is over, somebody else's, or was begun too
    often: then it ends as failed, since it may be what ends its workers."""
    until = _lease_from(scope)
    lease = job_reports.claim(scope.db, report_id, now=scope.now, until=until)
    if lease is None:
        return None
    hold = Hold(report_id=report_id, lease=lease, until=until)
    if lease > MOST_ATTEMPTS:
        finish(scope, hold, _GIVEN_UP)
        return None
    return hold


def busy_for(scope: WritingScope, report_id: UUID) -> timedelta | None:
    """For how long a run that could not be claimed is somebody else's; None if it is over."""
    until = job_reports.leased_until(scope.db, report_id)
    return None if until is None else max(until - scope.now, timedelta())


def renewed(scope: WritingScope, hold: Hold) -> Hold:
    """The hold with a lease that begins now, to be stored with the batch that is done now."""
    return replace(hold, until=_lease_from(scope))


def give_back(scope: WritingScope, hold: Hold) -> timedelta | None:
    """After a failure: after how long the run may be taken up again, later each time; None if
    it is no longer this worker's, or was the last attempt and has ended as failed."""
    if hold.lease >= MOST_ATTEMPTS:
        finish(scope, hold, _GIVEN_UP)
        return None
    seconds = min(_FIRST_DELAY_SECONDS * 2 ** (hold.lease - 1), _LONGEST_DELAY_SECONDS)
    delay = timedelta(seconds=seconds)
    is_ours = job_reports.postpone(
        scope.db, hold.report_id, lease=hold.lease, until=scope.now + delay
    )
    return delay if is_ours else None


def finish(scope: WritingScope, hold: Hold, failure: str | None = None) -> bool:
    """End a run; False if it was no longer this worker's."""
    return job_reports.finish(
        scope.db, hold.report_id, lease=hold.lease, now=scope.now, failure=failure
    )


def report_by_id(scope: InstitutionScope, report_id: UUID) -> JobReport | None:
    """The report of an id at this institution, or None."""
    return job_reports.report_by_id(scope.db, report_id)


def reports_page(
    scope: InstitutionScope, *, first: int, after: tuple[str, ...] | None
) -> Page[JobReport]:
    """The reports, newest first."""
    return job_reports.reports_page(scope.db, first=first, after=after)


def _lease_from(scope: WritingScope) -> datetime:
    return scope.now + timedelta(seconds=LEASE_SECONDS)
