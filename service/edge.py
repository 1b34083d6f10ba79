"""Opens the scope of one GraphQL operation, in the thread that runs it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from rules.gate import Reason
from rules.history import Channel
from rules.roles import Role
from schema.context import RequestContext
from schema.documents import OperationKind, Prepared
from schema.fields import takes_one_statement
from storage.handles import ReadDb, WriteDb
from storage.ids import new_id
from storage.user_roles import roles_of_person
from tenancy.principal import Principal, Via
from tenancy.scopes import (
    InstitutionScope,
    NetworkScope,
    Pool,
    Wakeups,
    WritingScope,
    not_counted,
    open_read_db,
    open_write_db,
)


def current_instant() -> datetime:
    """The `now` of an operation."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOpener:
    """What every operation of this process shares."""

    pool: Pool
    wakeups: Wakeups
    pass_minutes: int
    clock: Callable[[], datetime] = current_instant
    new_id: Callable[[], UUID] = new_id
    count_unknown: Callable[[Reason], None] = not_counted

    @contextmanager
    def open_context(self, principal: Principal, prepared: Prepared) -> Iterator[RequestContext]:
        """A transaction of the principal's institution: committed when left, undone by any
        exception."""
        if principal.institution_code is None:
            with open_read_db(self.pool, None) as db:
                network = NetworkScope(db=db, now=self.clock())
                yield self._context(principal, prepared, network)
        elif prepared.kind is OperationKind.MUTATION:
            with open_write_db(self.pool, principal.institution_code) as writing_db:
                writing = self._writing(principal, writing_db)
                yield self._context(writing.principal, prepared, writing)
        else:
            one = principal.roles_asserted and takes_one_statement(prepared)
            code = principal.institution_code
            with open_read_db(self.pool, code, ends_after_one=one) as db:
                reading = self._reading(principal, db)
                yield self._context(reading.principal, prepared, reading)

    @contextmanager
    def open_reading(self, principal: Principal) -> Iterator[InstitutionScope]:
        """A question that is asked outside GraphQL, at the principal's institution."""
        with open_read_db(self.pool, str(principal.institution_code)) as db:
            yield self._reading(principal, db)

    @contextmanager
    def open_writing(self, principal: Principal) -> Iterator[WritingScope]:
        """A command that comes in outside GraphQL, at the principal's institution."""
        with open_write_db(self.pool, str(principal.institution_code)) as db:
            yield self._writing(principal, db)

    def _reading(self, principal: Principal, db: ReadDb) -> InstitutionScope:
        return InstitutionScope(
            db=db,
            institution_code=str(principal.institution_code),
            principal=_with_roles(principal, db),
            now=self.clock(),
            channel=_channel(principal),
            count_unknown=self.count_unknown,
        )

    def _writing(self, principal: Principal, db: WriteDb) -> WritingScope:
        return WritingScope(
            db=db,
            institution_code=str(principal.institution_code),
            principal=_with_roles(principal, db),
            now=self.clock(),
            channel=_channel(principal),
            count_unknown=self.count_unknown,
            new_id=self.new_id,
            wakeups=self.wakeups,
        )

    def _context(
        self,
        principal: Principal,
        prepared: Prepared,
        scope: InstitutionScope | NetworkScope,
    ) -> RequestContext:
        return RequestContext(
            principal=principal,
            scope=scope,
            notes=prepared.notes,
            pass_minutes=self.pass_minutes,
        )


def _with_roles(principal: Principal, db: ReadDb) -> Principal:
    """Where the token does not give the roles, the institution's records do."""
    if principal.roles_asserted:
        return principal
    grants = roles_of_person(db, principal.subject)
    return replace(principal, grants=tuple(grants))


def _channel(principal: Principal) -> Channel:
    if principal.via is Via.API_TOKEN:
        return Channel.API
    only_patron = all(grant.role is Role.PATRON for grant in principal.grants)
    return Channel.PATRON if only_patron and principal.grants else Channel.STAFF
