"""Which of the institution's named permissions a person holds."""

from rules.roles import Permission, roles_in_force
from storage.permissions import is_granted
from tenancy.scopes import InstitutionScope


def holds(scope: InstitutionScope, permission: Permission) -> bool:
    """Whether the permission was given to one of the person's roles, or to the person."""
    principal = scope.principal
    return is_granted(
        scope.db, permission, roles_in_force(principal.grants, scope.now), principal.subject
    )
