"""Opens a job's scopes: one transaction for each step, as the workers' login."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from rules.history import Channel
from storage.ids import new_id
from tenancy.scopes import Pool, Wakeups, WritingScope, open_write_db
from tenancy.system import job_principal


def current_instant() -> datetime:
    """The `now` of a step."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobScopes:
    """What every step of this process shares."""

    pool: Pool
    wakeups: Wakeups
    clock: Callable[[], datetime] = current_instant
    new_id: Callable[[], UUID] = new_id

    @contextmanager
    def open(self, institution_code: str, name: str) -> Iterator[WritingScope]:
        """A writing transaction of the job at one institution."""
        with open_write_db(self.pool, institution_code) as db:
            yield WritingScope(
                db=db,
                institution_code=institution_code,
                principal=job_principal(institution_code, name),
                now=self.clock(),
                channel=Channel.JOB,
                new_id=self.new_id,
                wakeups=self.wakeups,
            )
