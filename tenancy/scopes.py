"""A scope is one operation: who asks, for which institution, at what instant, and in which
transaction. It is opened at the edge and passed first; whoever holds one never commits."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from rules.gate import Reason
from rules.history import Channel
from rules.job_reports import JobKind
from rules.roles import Role, roles_in_force
from storage.handles import ReadDb, WriteDb
from storage.pools import lent
from tenancy.principal import Principal

Pool = ConnectionPool[Connection[TupleRow]]


class Wakeups(Protocol):
    """Where a command asks for a worker to be woken, in its own transaction."""

    def wake(self, db: WriteDb, kind: JobKind, report_id: UUID) -> None:
        """Send ids only; the report row is the truth."""


def not_counted(reason: Reason) -> None:
    """For scopes whose unknown reasons nobody counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionScope:
    """A read-only operation at one institution."""

    db: ReadDb
    institution_code: str
    principal: Principal
    now: datetime
    channel: Channel
    count_unknown: Callable[[Reason], None] = not_counted
    """Told of each reason that stands because something could not be evaluated."""

    def note_unknown(self, reasons: Iterable[Reason]) -> None:
        """Have the reasons counted that stand because something could not be evaluated."""
        for reason in reasons:
            if reason.is_unknown:
                self.count_unknown(reason)

    def has_any_role(self, roles: frozenset[Role]) -> bool:
        """Whether the person holds one of the roles now, anywhere in the institution."""
        return not roles.isdisjoint(roles_in_force(self.principal.grants, self.now))


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingScope(InstitutionScope):
    """A command at one institution: the same, with a handle that writes."""

    db: WriteDb
    new_id: Callable[[], UUID]
    wakeups: Wakeups


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkScope:
    """A question about the network itself: members and issuers, never anyone's patrons."""

    db: ReadDb
    now: datetime


@contextmanager
def open_read_db(
    pool: Pool, institution_code: str | None, *, ends_after_one: bool = False
) -> Iterator[ReadDb]:
    """A read-only transaction on a connection of the pool, ended whatever happens.
    Raises DatabaseAway where there is none or it is lost."""
    with lent(pool) as connection:
        db = ReadDb(connection, institution_code, ends_after_one=ends_after_one)
        try:
            yield db
        except BaseException:
            db.rollback()
            raise
        db.commit()


@contextmanager
def open_write_db(pool: Pool, institution_code: str) -> Iterator[WriteDb]:
    """A writing transaction: committed at the end, undone by any exception. Raises DatabaseAway
    where there is no connection or it is lost."""
    with lent(pool) as connection:
        db = WriteDb(connection, institution_code)
        try:
            yield db
        except BaseException:
            db.rollback()
            raise
        db.commit()


@contextmanager
def open_network_scope(pool: Pool, now: datetime) -> Iterator[NetworkScope]:
    """A look at the network's own tables."""
    with open_read_db(pool, None) as db:
        yield NetworkScope(db=db, now=now)
