"""Giving and taking the roles that a person's record holds, at a library or at all of them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.history import HistoryRecordType
from rules.institutions import Library
from rules.problems import Problem
from rules.roles import Role, RoleGrant
from rules.snapshots import role_snapshot
from rules.typed_input import typed_expiry
from rules.user_records import UserRecord
from rules.users import UserPart
from storage import history, institutions, user_roles, users
from tenancy.changes import change
from tenancy.own_records import is_own
from tenancy.refusals import InvalidInput, NotFound, NotPermitted
from tenancy.scopes import WritingScope


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAt:
    """A role of a user, and the library in which alone it counts; None: at all of them."""

    user_id: UUID
    role: Role
    library_id: UUID | None = None


def give_role(
    scope: WritingScope,
    wanted: RoleAt,
    parts: frozenset[UserPart],
    *,
    expires_at: datetime | None,
    expires_on: date | None,
) -> UserRecord:
    """Give a user a role, or another expiry to a role that is held; giving what is held already
    leaves no trace. Raises NotFound and InvalidInput."""
    library = _place(scope, wanted)
    if is_own(scope.principal, _read_again(scope, wanted.user_id, frozenset()).user):
        raise NotPermitted("Nobody gives a role to themselves; ask another administrator.")
    zone = ZoneInfo(institutions.time_zone(scope.db))
    expiry = typed_expiry(expires_at, expires_on, zone=zone, now=scope.now)
    if isinstance(expiry, Problem):
        raise InvalidInput([expiry])
    grant = RoleGrant(
        role=wanted.role, library_code=None if library is None else library.code, expires_at=expiry
    )
    held = user_roles.held_role(scope.db, wanted.user_id, wanted.role, library_id=wanted.library_id)
    if held is None:
        role_id = scope.new_id()
        user_roles.insert_role(
            scope.db, role_id, wanted.user_id, grant=grant, library_id=wanted.library_id
        )
        _record(scope, wanted, role_id, (None, grant))
    elif held[1] != expiry:
        user_roles.store_role_expiry(scope.db, held[0], expiry)
        _record(scope, wanted, held[0], (replace(grant, expires_at=held[1]), grant))
    return _read_again(scope, wanted.user_id, parts)


def take_role(scope: WritingScope, wanted: RoleAt, parts: frozenset[UserPart]) -> UserRecord:
    """Take a role from a user. Raises NotFound where it is not held there."""
    library = _place(scope, wanted)
    held = user_roles.held_role(scope.db, wanted.user_id, wanted.role, library_id=wanted.library_id)
    if held is None:
        raise NotFound("The user does not hold this role there.", ["role"])
    grant = RoleGrant(
        role=wanted.role, library_code=None if library is None else library.code, expires_at=held[1]
    )
    user_roles.delete_role(scope.db, held[0])
    _record(scope, wanted, held[0], (grant, None))
    return _read_again(scope, wanted.user_id, parts)


def _place(scope: WritingScope, wanted: RoleAt) -> Library | None:
    """The library of the role; its user is held until the transaction ends."""
    if wanted.role is Role.NETWORK_ADMINISTRATOR:
        sentence = "This role belongs to the network; no institution gives it."
        raise InvalidInput([Problem(path=("role",), sentence=sentence)])
    if not users.lock_user(scope.db, wanted.user_id):
        raise NotFound("There is no such user.", ["user"])
    if wanted.library_id is None:
        return None
    library = institutions.library_by_id(scope.db, wanted.library_id)
    if library is None:
        raise NotFound("There is no such library.", ["library"])
    return library


def _record(
    scope: WritingScope,
    wanted: RoleAt,
    role_id: UUID,
    grants: tuple[RoleGrant | None, RoleGrant | None],
) -> None:
    before, after = grants
    event = change(
        scope,
        "user_role.take" if after is None else "user_role.give",
        HistoryRecordType.ROLE_GRANT,
        record_id=role_id,
        user_id=wanted.user_id,
        before=None if before is None else role_snapshot(before),
        after=None if after is None else role_snapshot(after),
    )
    history.record(scope.db, [event])


def _read_again(scope: WritingScope, user_id: UUID, parts: frozenset[UserPart]) -> UserRecord:
    record = users.user_by_id(scope.db, user_id, parts)
    if record is None:
        raise NotFound("There is no such user.", ["user"])
    return record
