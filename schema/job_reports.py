"""Job reports as staff see them, and the command that starts a job."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import job_records, job_reports
from rules.job_reports import JOB_NAMES, JobKind, JobStatus
from rules.job_reports import JobReport as ReportValue
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field, question
from schema.ids import encoded, number_of
from schema.nodes import Connection, Node, connection, keys_of, page_size
from schema.user_blocks import UserBlock


@strawberry.type(description="One run of a job at the institution.")
class JobReport(Node):
    kind: JobKind = field("Which job.")
    name: str = field("The job's name as staff know it.")
    status: JobStatus = field("Where the run stands.")
    requested_by: str = field("Who asked for it: a person, or the clock.")
    requested_at: datetime = field("When it was asked for.")
    scheduled_on: date | None = field("The local day of a scheduled run; null for others.")
    started_at: datetime | None = field("When a worker began.")
    ended_at: datetime | None = field("When it ended.")
    examined: int = field("How many records were looked at.")
    removed: int = field("How many blocks were removed.")
    failed: int = field("How many records failed.")
    failure: str | None = field("Why the run was given up.")

    @classmethod
    def of(cls, value: ReportValue) -> "JobReport":
        return cls(
            id=encoded("j", value.id),
            kind=value.kind,
            name=JOB_NAMES[value.kind],
            status=value.status,
            requested_by=value.requested_by,
            requested_at=value.requested_at,
            scheduled_on=value.scheduled_on,
            started_at=value.started_at,
            ended_at=value.ended_at,
            examined=value.examined,
            removed=value.removed,
            failed=value.failed,
            failure=value.failure,
        )


@strawberry.input(description="The job to start.")
class JobRunInput:
    kind: JobKind = field("Which job.")


@strawberry.type(description="What came of starting a job.")
class JobRunPayload:
    job_report: JobReport | None = field("The report of the run; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class JobReportQueries:
    @question("The runs of jobs, newest first.")
    def job_reports(
        self,
        info: Info,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[JobReport]:
        page = job_reports.reports_page(
            info.context.reading(),
            first=page_size(first),
            after=keys_of(after, datetime.fromisoformat, UUID),
        )
        return connection(page, JobReport.of)

    @question("One run of a job.")
    def job_report(
        self, info: Info, id: Annotated[strawberry.ID, argument("The report.")]
    ) -> JobReport | None:
        number = number_of(id, "JobReport")
        found = number and job_reports.report_by_id(info.context.reading(), number)
        return JobReport.of(found) if found else None

    @question("The blocks that a run removed: the list behind its counter.")
    def job_removed_blocks(
        self,
        info: Info,
        job_report: Annotated[strawberry.ID, argument("The report.")],
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[UserBlock] | None:
        number = number_of(job_report, "JobReport")
        scope = info.context.reading()
        if number is None or job_reports.report_by_id(scope, number) is None:
            return None
        page = job_records.removed_blocks_page(
            scope, number, first=page_size(first), after=keys_of(after, UUID)
        )
        return connection(page, lambda block: UserBlock.of(block, False))


@strawberry.type
class JobReportMutations:
    @command("Starts a job now; a worker takes it up.")
    def job_run(
        self, info: Info, input: Annotated[JobRunInput, argument("Which job.")]
    ) -> JobRunPayload:
        report = job_reports.request_job(info.context.writing(), input.kind)
        return JobRunPayload(job_report=JobReport.of(report), user_errors=[])
