"""Job reports: asked for, claimed under a lease number, finished."""

from datetime import date, datetime
from uuid import UUID

from psycopg.rows import TupleRow
from sqlalchemy import DateTime, Text, bindparam, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from rules.job_reports import JobKind, JobReport, JobStatus
from rules.pages import Page
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import job_report

_J = job_report
_INSTANT = DateTime(timezone=True)
_COLUMNS = (
    _J.c.id,
    _J.c.kind,
    _J.c.status,
    _J.c.requested_by,
    _J.c.requested_at,
    _J.c.scheduled_on,
    _J.c.started_at,
    _J.c.ended_at,
    _J.c.examined,
    _J.c.removed,
    _J.c.failed,
    _J.c.failure,
)
_IS_OPEN = or_(_J.c.status == "REQUESTED", _J.c.status == "RUNNING")
_REQUEST = statement(
    insert(_J)
    .values(
        institution_code=OWN,
        id=bindparam("id"),
        kind=bindparam("kind"),
        status="REQUESTED",
        requested_by=bindparam("requested_by"),
        requested_at=bindparam("requested_at"),
        scheduled_on=bindparam("scheduled_on"),
    )
    .on_conflict_do_nothing()
)
_CLAIM = statement(
    update(_J)
    .where(
        own(_J),
        _J.c.id == bindparam("report_id"),
        _IS_OPEN,
        or_(_J.c.leased_until.is_(None), _J.c.leased_until <= bindparam("now", type_=_INSTANT)),
    )
    .values(
        status="RUNNING",
        lease=_J.c.lease + 1,
        leased_until=bindparam("until", type_=_INSTANT),
        started_at=func.coalesce(_J.c.started_at, bindparam("now", type_=_INSTANT)),
    )
    .returning(_J.c.lease)
)
_POSTPONE = statement(
    update(_J)
    .where(
        own(_J),
        _J.c.id == bindparam("report_id"),
        _J.c.lease == bindparam("seen_lease"),
        _IS_OPEN,
    )
    .values(leased_until=bindparam("until", type_=_INSTANT))
)
_LEASED_UNTIL = statement(
    select(_J.c.leased_until).where(own(_J), _J.c.id == bindparam("report_id"), _IS_OPEN)
)
_FINISH = statement(
    update(_J)
    .where(
        own(_J),
        _J.c.id == bindparam("report_id"),
        _J.c.lease == bindparam("seen_lease"),
        _IS_OPEN,
    )
    .values(
        status=bindparam("new_status", type_=Text()),
        ended_at=bindparam("now", type_=_INSTANT),
        leased_until=None,
        failure=bindparam("new_failure", type_=Text()),
    )
)
_BY_ID = statement(select(*_COLUMNS).where(own(_J), _J.c.id == bindparam("report_id")))
_PAGE = select(*_COLUMNS).where(own(_J))
_ORDERED = (_J.c.requested_at.desc(), _J.c.id.desc())
_FIRST_PAGE = statement(_PAGE.order_by(*_ORDERED).limit(bindparam("count")))
_NEXT_PAGE = statement(
    _PAGE.where(
        tuple_(_J.c.requested_at, _J.c.id)
        < tuple_(bindparam("after_at", type_=_INSTANT), bindparam("after_id"))
    )
    .order_by(*_ORDERED)
    .limit(bindparam("count"))
)
_WAITING = statement(
    select(_J.c.id, _J.c.kind).where(
        own(_J),
        _IS_OPEN,
        _J.c.requested_at <= bindparam("asked_before", type_=_INSTANT),
        or_(_J.c.leased_until.is_(None), _J.c.leased_until <= bindparam("now", type_=_INSTANT)),
    )
)


def request_job(db: WriteDb, report: JobReport) -> bool:
    """Store that a job was asked for; False if one of its kind waits or runs already, or the
    day's scheduled one was asked for before."""
    return (
        db.execute(
            _REQUEST,
            id=report.id,
            kind=report.kind.value,
            requested_by=report.requested_by,
            requested_at=report.requested_at,
            scheduled_on=report.scheduled_on,
        )
        == 1
    )


def claim(db: WriteDb, report_id: UUID, *, now: datetime, until: datetime) -> int | None:
    """Take the run for this worker: a new lease number, or None if it is over or another's."""
    lease = db.value(_CLAIM, report_id=report_id, now=now, until=until)
    return None if lease is None else int(str(lease))


def finish(db: WriteDb, report_id: UUID, *, lease: int, now: datetime, failure: str | None) -> bool:
    """End the run, if the lease is still this worker's."""
    status = JobStatus.COMPLETED if failure is None else JobStatus.FAILED
    return (
        db.execute(
            _FINISH,
            report_id=report_id,
            seen_lease=lease,
            now=now,
            new_status=status.value,
            new_failure=failure,
        )
        == 1
    )


def postpone(db: WriteDb, report_id: UUID, *, lease: int, until: datetime) -> bool:
    """Let nobody take up the run before an instant, if the lease is still this worker's."""
    return db.execute(_POSTPONE, report_id=report_id, seen_lease=lease, until=until) == 1


def leased_until(db: ReadDb, report_id: UUID) -> datetime | None:
    """Until when a run that is not over is somebody's; None where it is nobody's, or over."""
    row = db.row(_LEASED_UNTIL, report_id=report_id)
    return None if row is None else row[0]


def report_by_id(db: ReadDb, report_id: UUID) -> JobReport | None:
    """The report of an id, or None."""
    row = db.row(_BY_ID, report_id=report_id)
    return None if row is None else _report(row)


def reports_page(db: ReadDb, *, first: int, after: tuple[str, ...] | None) -> Page[JobReport]:
    """The reports, newest first."""
    if after is None:
        rows = db.rows(_FIRST_PAGE, count=first + 1)
    else:
        at, number = datetime.fromisoformat(after[0]), UUID(after[1])
        rows = db.rows(_NEXT_PAGE, count=first + 1, after_at=at, after_id=number)
    items = [_report(row) for row in rows[:first]]
    keys = [(item.requested_at.isoformat(), str(item.id)) for item in items]
    return Page(items, keys, has_more=len(rows) > first)


def waiting_jobs(
    db: ReadDb, *, asked_before: datetime, now: datetime
) -> list[tuple[UUID, JobKind]]:
    """Jobs that nobody works on though they were asked for a while ago."""
    rows = db.rows(_WAITING, asked_before=asked_before, now=now)
    return [(row[0], JobKind(row[1])) for row in rows]


def _report(row: TupleRow) -> JobReport:
    scheduled_on: date | None = row[5]
    return JobReport(
        id=row[0],
        kind=JobKind(row[1]),
        status=JobStatus(row[2]),
        requested_by=row[3],
        requested_at=row[4],
        scheduled_on=scheduled_on,
        started_at=row[6],
        ended_at=row[7],
        examined=row[8],
        removed=row[9],
        failed=row[10],
        failure=row[11],
    )
