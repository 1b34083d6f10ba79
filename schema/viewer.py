"""Who am I, at which institution, and what may I do: so that no front-end guesses roles."""

from collections.abc import Callable
from functools import cache

import strawberry

from resolvers import institutions, permissions
from rules.roles import Permission, Role
from schema.access import ACCESS
from schema.context import Info
from schema.fields import computed, field, question
from schema.institutions import Institution
from schema.users import HeldRole
from tenancy.scopes import InstitutionScope


@strawberry.type(description="The person or program that asks.")
class Viewer:
    held: strawberry.Private[Callable[[], frozenset[Permission]]]
    label: str = field("How the history names you.")
    institution_code: str | None = field("Your institution; null for the network's own sign-in.")
    roles: list[Role] = field("The roles that count now.")
    held_roles: list[HeldRole] = field("Your roles with their scope and expiry, expired ones too.")

    @computed("Your institution; null for the network's own sign-in.")
    def institution(self, info: Info) -> Institution | None:
        scope = info.context.scope
        if not isinstance(scope, InstitutionScope):
            return None
        return Institution.of(institutions.institution(scope))

    @computed("The named permissions that your roles hold, or that were given to you.")
    def permissions(self) -> list[Permission]:
        held = self.held()
        return [permission for permission in Permission if permission in held]

    @computed("The questions and commands that you may use, by name.")
    def may_use(self) -> list[str]:
        roles, held = frozenset(self.roles), self.held()
        return sorted(
            coordinate.partition(".")[2]
            for coordinate, access in ACCESS.items()
            if roles & access.roles and (access.permission is None or access.permission in held)
        )


@strawberry.type
class ViewerQueries:
    @question("Who you are, at which institution, with which roles.")
    def viewer(self, info: Info) -> Viewer:
        principal, now = info.context.principal, info.context.scope.now
        roles = principal.roles(now)
        return Viewer(
            held=cache(lambda: _held(info)),
            label=principal.label,
            institution_code=principal.institution_code,
            roles=[role for role in Role if role in roles],
            held_roles=[HeldRole.of(grant, now) for grant in principal.grants],
        )


def _held(info: Info) -> frozenset[Permission]:
    scope = info.context.scope
    return permissions.held(scope) if isinstance(scope, InstitutionScope) else frozenset()
