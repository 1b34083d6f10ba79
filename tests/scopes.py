"""Opens scopes for people of the cast, as the edge and the workers do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from rules.history import Channel
from rules.job_reports import JobKind
from storage.handles import WriteDb
from storage.ids import new_id
from tenancy.principal import Principal, Via
from tenancy.scopes import (
    InstitutionScope,
    NetworkScope,
    Pool,
    WritingScope,
    open_network_scope,
    open_read_db,
    open_write_db,
)
from tests.cast import NOW, Person


@dataclass(slots=True)
class RecordedWakeups:
    """Keeps what a command asked to be woken, instead of a broker."""

    woken: list[tuple[JobKind, UUID]] = field(default_factory=list)

    def wake(self, db: WriteDb, kind: JobKind, report_id: UUID) -> None:
        self.woken.append((kind, report_id))


@dataclass(frozen=True, slots=True)
class Scopes:
    """Scopes over one pool. Leaving one commits, an exception undoes."""

    pool: Pool
    wakeups: RecordedWakeups = field(default_factory=RecordedWakeups)
    new_id: Callable[[], UUID] = new_id

    @contextmanager
    def reading(self, person: Person, now: datetime = NOW) -> Iterator[InstitutionScope]:
        principal = principal_of(person)
        code = str(principal.institution_code)
        with open_read_db(self.pool, code) as db:
            yield InstitutionScope(
                db=db, institution_code=code, principal=principal, now=now, channel=Channel.STAFF
            )

    @contextmanager
    def writing(self, person: Person, now: datetime = NOW) -> Iterator[WritingScope]:
        principal = principal_of(person)
        code = str(principal.institution_code)
        with open_write_db(self.pool, code) as db:
            yield WritingScope(
                db=db,
                institution_code=code,
                principal=principal,
                now=now,
                channel=Channel.STAFF,
                new_id=self.new_id,
                wakeups=self.wakeups,
            )

    @contextmanager
    def network(self, now: datetime = NOW) -> Iterator[NetworkScope]:
        with open_network_scope(self.pool, now) as scope:
            yield scope


def principal_of(person: Person) -> Principal:
    """A person of the cast as a verified token has them."""
    return Principal(
        subject=person.primary_id,
        institution_code=person.institution_code,
        grants=person.grants,
        roles_asserted=True,
        via=Via.JWT,
        issuer="cast",
        token_id=None,
        expires_at=None,
        user_id=None,
        label=person.primary_id,
    )
