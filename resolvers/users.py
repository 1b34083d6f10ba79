"""Questions about users: by identifier, by id, by name; and what the gate says of one."""

from uuid import UUID

from rules.pages import Page
from rules.user_records import UserRecord
from rules.users import UserPart
from storage import users
from tenancy.refusals import Conflict
from tenancy.scopes import InstitutionScope


def user_by_identifier(
    scope: InstitutionScope, identifier: str, parts: frozenset[UserPart]
) -> UserRecord | None:
    """The one user who carries the identifier, or None. Raises Conflict where several do."""
    found = users.users_by_identifier(scope.db, identifier, parts)
    if len(found) > 1:
        raise Conflict("Several users carry this identifier; use one that is theirs alone.")
    return found[0] if found else None


def user_by_id(
    scope: InstitutionScope, user_id: UUID, parts: frozenset[UserPart]
) -> UserRecord | None:
    """The user of an id at this institution, or None."""
    return users.user_by_id(scope.db, user_id, parts)


def users_page(
    scope: InstitutionScope,
    *,
    name: str | None,
    has_blocks: bool | None,
    first: int,
    after: tuple[str, ...] | None,
    parts: frozenset[UserPart],
) -> Page[UserRecord]:
    """A page of users by name."""
    return users.users_page(
        scope.db, name=name, has_blocks=has_blocks, first=first, after=after, parts=parts
    )
