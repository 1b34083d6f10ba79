"""Who am I, at which institution, and what may I do: so that no front-end guesses roles."""

import strawberry

from rules.roles import Role
from schema.context import Info
from schema.fields import field, question


@strawberry.type(description="The person or program that asks.")
class Viewer:
    label: str = field("How the history names you.")
    institution_code: str | None = field("Your institution; null for the network's own sign-in.")
    roles: list[Role] = field("The roles that count now.")


@strawberry.type
class ViewerQueries:
    @question("Who you are, at which institution, with which roles.")
    def viewer(self, info: Info) -> Viewer:
        principal = info.context.principal
        roles = principal.roles(info.context.scope.now)
        return Viewer(
            label=principal.label,
            institution_code=principal.institution_code,
            roles=[role for role in Role if role in roles],
        )
