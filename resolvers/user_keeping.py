"""Keeping users' accounts: adding one, and changing what stands in it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from rules.given import Given
from rules.history import HistoryRecordType
from rules.problems import Problem
from rules.roles import Role
from rules.snapshots import user_snapshot
from rules.user_drafts import UserDraft, drafted_identifiers, drafted_user
from rules.user_records import UserRecord
from rules.users import (
    AccountStatus,
    AccountType,
    RecordType,
    User,
    UserGroup,
    UserIdentifier,
    UserPart,
)
from storage import history, institutions, user_keeping, users
from tenancy.changes import change
from tenancy.refusals import Conflict, InvalidInput, NotFound, NotPermitted
from tenancy.scopes import WritingScope

Identifiers = tuple[UserIdentifier, ...]


def group_of(scope: WritingScope, group_id: UUID | None) -> UserGroup | None:
    """The user group of an id. Raises InvalidInput for one that the institution does not have."""
    if group_id is None:
        return None
    group = institutions.user_group_by_id(scope.db, group_id)
    if group is None:
        problem = Problem(path=("userGroup",), sentence="There is no such user group.")
        raise InvalidInput([problem])
    return group


def add_user(
    scope: WritingScope, draft: UserDraft, identifiers: Identifiers, parts: frozenset[UserPart]
) -> UserRecord:
    """Add an account. Raises InvalidInput for each wrong input, Conflict for an identifier that
    somebody else carries."""
    blank = User(
        id=scope.new_id(),
        primary_id="",
        first_name="",
        last_name="",
        group=None,
        record_type=RecordType.PUBLIC,
        account_type=AccountType.INTERNAL,
        status=AccountStatus.ACTIVE,
        expires_on=None,
        preferred_language=None,
        version=1,
    )
    user, kept = _checked(blank, draft, identifiers)
    _refuse_taken(scope, user.id, user.primary_id, kept)
    user_keeping.insert_user(scope.db, user, created_at=scope.now)
    _put_identifiers(scope, user.id, kept)
    _record(scope, "user.add", None, (user, kept))
    return _read_again(scope, user.id, parts)


def change_user(
    scope: WritingScope,
    user_id: UUID,
    wanted: tuple[UserDraft, Given[Identifiers] | None],
    parts: frozenset[UserPart],
    *,
    seen_version: int | None = None,
) -> UserRecord:
    """Change an account; identifiers, where given, replace all there were. A change to what
    stands there already leaves no trace. Raises NotFound, InvalidInput and Conflict."""
    if not users.lock_user(scope.db, user_id):
        raise NotFound("There is no such user.", ["id"])
    before = _read_again(scope, user_id, frozenset({UserPart.IDENTIFIERS, UserPart.ROLES}))
    if seen_version is not None and seen_version != before.user.version:
        raise Conflict("The user was changed meanwhile; look at it again.", ["version"])
    draft, identifiers = wanted
    present = before.identifiers or ()
    user, kept = _checked(before.user, draft, () if identifiers is None else identifiers.value)
    if identifiers is None:
        kept = present
    moves = user.primary_id.casefold() != before.user.primary_id.casefold()
    new = tuple(one for one in kept if one not in present)
    _refuse_taken(scope, user_id, user.primary_id if moves else None, new)
    _guard_sign_in(scope, before, user)
    if user != before.user or set(kept) != set(present):
        user_keeping.store_user(scope.db, user)
        if set(kept) != set(present):
            _put_identifiers(scope, user_id, kept)
        changed = replace(user, version=user.version + 1)
        _record(scope, "user.change", (before.user, present), (changed, kept))
    return _read_again(scope, user_id, parts)


def _checked(user: User, draft: UserDraft, identifiers: Identifiers) -> tuple[User, Identifiers]:
    drafted, kept = drafted_user(user, draft), drafted_identifiers(identifiers)
    problems = [p for part in (drafted, kept) if isinstance(part, list) for p in part]
    if isinstance(drafted, list) or isinstance(kept, list):
        raise InvalidInput(problems)
    return drafted, kept


def _refuse_taken(
    scope: WritingScope, user_id: UUID, primary_id: str | None, identifiers: Identifiers
) -> None:
    """Whatever is scanned at a desk finds one person: none of these new identifiers is anybody
    else's. A scan finds primary identifiers in any case and the others to the letter. So a
    primary identifier may not equal anybody's identifier in any case, nor the other way round;
    but of two identifiers that differ in case only, each scan finds one, and both may be given.
    What an account carries already is not asked about."""
    if primary_id is None and not identifiers:
        return
    user_keeping.hold_identifiers(scope.db)
    if primary_id is not None and user_keeping.is_primary_id_taken(scope.db, user_id, primary_id):
        raise _taken(primary_id, "primaryId")
    values = [one.value for one in identifiers]
    taken = user_keeping.taken_identifiers(scope.db, user_id, values) if values else frozenset()
    for value in values:
        if value in taken:
            raise _taken(value, "identifiers")


def _taken(value: str, name: str) -> Conflict:
    return Conflict(f"Another user carries the identifier {value} already.", [name])


def _guard_sign_in(scope: WritingScope, before: UserRecord, after: User) -> None:
    """Sign-in finds a person's roles by the primary identifier: who moves it moves the roles."""
    if after.primary_id.casefold() == before.user.primary_id.casefold():
        return
    is_staff = any(role.grant.role is not Role.PATRON for role in before.roles or ())
    if is_staff and not scope.has_any_role(frozenset({Role.USER_ADMINISTRATOR})):
        raise NotPermitted(
            "Only a user administrator changes the primary identifier of staff.", ["primaryId"]
        )


def _put_identifiers(scope: WritingScope, user_id: UUID, kept: Sequence[UserIdentifier]) -> None:
    rows = [(scope.new_id(), one) for one in kept]
    user_keeping.replace_identifiers(scope.db, user_id, rows)


def _record(
    scope: WritingScope,
    deed: str,
    before: tuple[User, Identifiers] | None,
    after: tuple[User, Identifiers],
) -> None:
    event = change(
        scope,
        deed,
        HistoryRecordType.USER,
        record_id=after[0].id,
        user_id=after[0].id,
        before=None if before is None else user_snapshot(*before),
        after=user_snapshot(*after),
    )
    history.record(scope.db, [event])


def _read_again(scope: WritingScope, user_id: UUID, parts: frozenset[UserPart]) -> UserRecord:
    record = users.user_by_id(scope.db, user_id, parts)
    if record is None:
        raise NotFound("There is no such user.", ["id"])
    return record
