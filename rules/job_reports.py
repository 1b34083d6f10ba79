"""Job reports: one run of a job at one institution, its state and its counters."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID


class JobKind(Enum):
    """The jobs by the names that staff know."""

    REMOVE_BLOCKS = "REMOVE_BLOCKS"


JOB_NAMES = {JobKind.REMOVE_BLOCKS: "Users - Remove Blocks"}


class JobStatus(Enum):
    """Where a run stands."""

    REQUESTED = "REQUESTED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """The truth about one run. `scheduled_on` is the local day of a scheduled one."""

    id: UUID
    kind: JobKind
    status: JobStatus
    requested_by: str
    requested_at: datetime
    scheduled_on: date | None
    started_at: datetime | None
    ended_at: datetime | None
    examined: int
    removed: int
    failed: int
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A worker's hold on a run: its lease number, and until when nobody else takes the run."""

    report_id: UUID
    lease: int
    until: datetime
