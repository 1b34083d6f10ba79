"""Questions about users: by identifier, by id, by name. A patron finds the own record only."""

from uuid import UUID

from rules.pages import Page
from rules.problems import Problem
from rules.text import TextProblem, clean
from rules.user_records import UserRecord
from rules.users import UserFilter, UserPart
from storage import users
from tenancy.own_records import is_own, sees_only_own
from tenancy.refusals import Conflict, InvalidInput
from tenancy.scopes import InstitutionScope

IDENTIFIER_LIMIT = 255


def user_by_identifier(
    scope: InstitutionScope,
    identifier: str,
    parts: frozenset[UserPart],
    *,
    type_code: str | None = None,
) -> UserRecord | None:
    """The one user who carries the identifier, or None. Raises Conflict where several do, and
    InvalidInput for what cannot be an identifier."""
    wanted = _typed(identifier, "identifier")
    wanted_type = None if type_code is None else _typed(type_code, "type")
    found = users.users_by_identifier(scope.db, wanted, parts, type_code=wanted_type)
    if sees_only_own(scope):
        found = [record for record in found if is_own(scope.principal, record.user)]
    if len(found) > 1:
        raise Conflict("Several users carry this identifier; name its type, too.", ["type"])
    return found[0] if found else None


def user_by_id(
    scope: InstitutionScope, user_id: UUID, parts: frozenset[UserPart]
) -> UserRecord | None:
    """The user of an id at this institution, or None."""
    record = users.user_by_id(scope.db, user_id, parts)
    if record is None or not sees_only_own(scope) or is_own(scope.principal, record.user):
        return record
    return None


def users_page(
    scope: InstitutionScope,
    wanted: UserFilter,
    *,
    first: int,
    after: tuple[str, ...] | None,
    parts: frozenset[UserPart],
) -> Page[UserRecord]:
    """A page of users in the order of their names."""
    return users.users_page(scope.db, wanted, first=first, after=after, parts=parts)


def _typed(text: str, name: str) -> str:
    cleaned = clean(text, limit=IDENTIFIER_LIMIT)
    if isinstance(cleaned, TextProblem):
        raise InvalidInput([Problem(path=(name,), sentence=cleaned.sentence)])
    return cleaned
