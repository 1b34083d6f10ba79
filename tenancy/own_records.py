"""Whose record a patron may see: the own one, and nobody else's."""

from rules.roles import Role, roles_in_force
from rules.users import User
from tenancy.principal import Principal
from tenancy.scopes import InstitutionScope


def sees_only_own(scope: InstitutionScope) -> bool:
    """Whether the person is here as a patron, without any role of staff."""
    return roles_in_force(scope.principal.grants, scope.now) <= {Role.PATRON}


def is_own(principal: Principal, user: User) -> bool:
    """Whether the record is that of the person who asks: an issuer names people by primary
    identifier or by the id of the record."""
    return (
        principal.subject.casefold() == user.primary_id.casefold()
        or principal.subject == str(user.id)
        or principal.user_id == user.id
    )
