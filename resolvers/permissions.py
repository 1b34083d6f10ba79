"""The institution's named permissions: who holds them, giving and taking them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from rules.history import HistoryRecordType
from rules.problems import Problem
from rules.roles import STAFF_ROLES, Permission, PermissionGrant, Role, roles_in_force
from rules.snapshots import permission_snapshot
from rules.user_records import UserRecord
from rules.users import UserPart
from storage import history, permissions, users
from tenancy.changes import change
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope


def holds(scope: InstitutionScope, permission: Permission) -> bool:
    """Whether the permission was given to one of the person's roles, or to the person."""
    principal = scope.principal
    return permissions.is_granted(
        scope.db, permission, roles_in_force(principal.grants, scope.now), principal.subject
    )


def held(scope: InstitutionScope) -> frozenset[Permission]:
    """Every permission that was given to one of the person's roles, or to the person."""
    principal = scope.principal
    return permissions.held_permissions(
        scope.db, roles_in_force(principal.grants, scope.now), principal.subject
    )


def grants(
    scope: InstitutionScope, parts: frozenset[UserPart]
) -> tuple[Sequence[PermissionGrant], Mapping[UUID, UserRecord]]:
    """Every grant of the institution, and the persons among those who hold them."""
    found = permissions.grants(scope.db)
    people = [grant.user_id for grant in found if grant.user_id is not None]
    return found, users.users_by_ids(scope.db, people, parts)


def grant_by_id(
    scope: InstitutionScope, grant_id: UUID, parts: frozenset[UserPart]
) -> tuple[PermissionGrant, UserRecord | None] | None:
    """The grant of an id at this institution with the person who holds it, or None."""
    grant = permissions.grant_by_id(scope.db, grant_id)
    if grant is None:
        return None
    if grant.user_id is None:
        return grant, None
    return grant, users.user_by_id(scope.db, grant.user_id, parts)


def give_permission(
    scope: WritingScope,
    permission: Permission,
    *,
    role: Role | None,
    user_id: UUID | None,
    parts: frozenset[UserPart],
) -> tuple[PermissionGrant, UserRecord | None]:
    """Give a permission to all who hold a role, or to one person. Raises InvalidInput, NotFound,
    and Conflict where it was given already."""
    _require_one(role, user_id)
    grant = PermissionGrant(id=scope.new_id(), permission=permission, role=role, user_id=user_id)
    person = None if user_id is None else _held_person(scope, user_id, parts)
    if not permissions.insert_grant(scope.db, grant):
        raise Conflict("This permission was given already.", ["permission"])
    _record(scope, "permission.give", grant, is_taken=False)
    return grant, person


def take_permission(
    scope: WritingScope,
    permission: Permission,
    *,
    role: Role | None,
    user_id: UUID | None,
    parts: frozenset[UserPart],
) -> tuple[PermissionGrant, UserRecord | None]:
    """Take a permission from a role or a person; the answer is what was taken. Raises
    InvalidInput and NotFound."""
    _require_one(role, user_id)
    person = None if user_id is None else _held_person(scope, user_id, parts)
    grant = permissions.grant_to(scope.db, permission, role=role, user_id=user_id)
    if grant is None or not permissions.delete_grant(scope.db, grant.id):
        raise NotFound("This permission was not given.", ["permission"])
    _record(scope, "permission.take", grant, is_taken=True)
    return grant, person


def _require_one(role: Role | None, user_id: UUID | None) -> None:
    problem = None
    if (role is None) == (user_id is None):
        problem = Problem(path=("role",), sentence="Name either a role or a user, not both.")
    elif role is not None and role not in STAFF_ROLES:
        problem = Problem(path=("role",), sentence="Only roles of staff hold permissions.")
    if problem is not None:
        raise InvalidInput([problem])


def _held_person(scope: WritingScope, user_id: UUID, parts: frozenset[UserPart]) -> UserRecord:
    """The person, held until the transaction ends."""
    is_there = users.lock_user(scope.db, user_id)
    record = users.user_by_id(scope.db, user_id, parts) if is_there else None
    if record is None:
        raise NotFound("There is no such user.", ["user"])
    return record


def _record(scope: WritingScope, deed: str, grant: PermissionGrant, *, is_taken: bool) -> None:
    snapshot = permission_snapshot(grant)
    event = change(
        scope,
        deed,
        HistoryRecordType.PERMISSION_GRANT,
        record_id=grant.id,
        user_id=grant.user_id,
        before=snapshot if is_taken else None,
        after=None if is_taken else snapshot,
    )
    history.record(scope.db, [event])
