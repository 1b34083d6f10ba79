"""The institution of the scope: its own record, libraries with their desks, user groups."""

from collections.abc import Sequence
from uuid import UUID

from rules.institutions import CirculationDesk, Institution, Library
from rules.users import UserGroup
from storage import institutions
from tenancy.refusals import NotFound
from tenancy.scopes import InstitutionScope


def institution(scope: InstitutionScope) -> Institution:
    """The institution itself. Raises NotFound where a token speaks for none of the network's."""
    found = institutions.own_institution(scope.db)
    if found is None:
        raise NotFound("The network has no such institution.")
    return found


def libraries(scope: InstitutionScope) -> Sequence[Library]:
    """The libraries with their desks, by code."""
    return institutions.libraries(scope.db)


def library_by_id(scope: InstitutionScope, library_id: UUID) -> Library | None:
    """The library of an id at this institution, or None."""
    return institutions.library_by_id(scope.db, library_id)


def desk_by_id(scope: InstitutionScope, desk_id: UUID) -> tuple[CirculationDesk, Library] | None:
    """The desk of an id at this institution and the library it stands in, or None."""
    library = institutions.library_of_desk(scope.db, desk_id)
    if library is None:
        return None
    return next(desk for desk in library.desks if desk.id == desk_id), library


def user_groups(scope: InstitutionScope) -> Sequence[UserGroup]:
    """The user groups, by code."""
    return institutions.user_groups(scope.db)


def user_group_by_id(scope: InstitutionScope, group_id: UUID) -> UserGroup | None:
    """The user group of an id at this institution, or None."""
    return institutions.user_group_by_id(scope.db, group_id)
