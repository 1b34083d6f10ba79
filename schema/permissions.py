"""Whether the person of a request holds a named permission of the institution."""

from resolvers.permissions import holds
from rules.roles import Permission
from schema.context import RequestContext


def holds_permission(context: RequestContext, permission: Permission) -> bool:
    """By one of the person's roles, or given to the person."""
    return holds(context.reading(), permission)
