"""What resolvers of fields find in `info.context`: the scope of the operation."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import strawberry

from rules.roles import Role
from schema.masking import PublicError
from tenancy.principal import Principal
from tenancy.scopes import InstitutionScope, NetworkScope, WritingScope

if TYPE_CHECKING:
    from schema.needs import Notes


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One operation, as the edge opened it."""

    principal: Principal
    scope: InstitutionScope | NetworkScope
    notes: "Notes"
    pass_minutes: int = 5

    def reading(self) -> InstitutionScope:
        """The scope of a question at an institution."""
        if isinstance(self.scope, InstitutionScope):
            return self.scope
        raise PublicError("NOT_PERMITTED", "The network's own sign-in sees no institution's data.")

    def writing(self) -> WritingScope:
        """The scope of a command at an institution."""
        if isinstance(self.scope, WritingScope):
            return self.scope
        raise PublicError("NOT_PERMITTED", "The network's own sign-in changes no institution.")

    def is_patron_only(self) -> bool:
        """Whether the person is here as a patron, and so sees no staff notes."""
        roles = self.principal.roles(self.scope.now)
        return roles <= {Role.PATRON}


Info = strawberry.Info[RequestContext, None]
