"""The one table of who may call which field, and the check that every root field makes.

A row names the roles that may call; `permission` names, beside them, the permission that an
institution gives to roles or persons. docs/roles.md is generated from this table, and a test
walks every root field with every role.
"""

from dataclasses import dataclass

from rules.roles import Permission, Role

DESK = frozenset(
    {
        Role.CIRCULATION_DESK_OPERATOR_LIMITED,
        Role.CIRCULATION_DESK_OPERATOR,
        Role.CIRCULATION_DESK_MANAGER,
    }
)
BLOCK_EDITORS = frozenset(
    {
        Role.CIRCULATION_DESK_OPERATOR,
        Role.CIRCULATION_DESK_MANAGER,
        Role.FULFILLMENT_SERVICES_OPERATOR,
        Role.USER_MANAGER,
        Role.USER_ADMINISTRATOR,
    }
)
CONFIGURATION = frozenset({Role.FULFILLMENT_ADMINISTRATOR, Role.GENERAL_SYSTEM_ADMINISTRATOR})
STAFF = frozenset(Role) - {Role.PATRON, Role.NETWORK_ADMINISTRATOR}
EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may call a field. With a permission, the roles alone do not suffice."""

    roles: frozenset[Role]
    permission: Permission | None = None
    note: str = ""


ACCESS: dict[str, Access] = {
    "Query.viewer": Access(roles=EVERYONE),
    "Query.node": Access(roles=STAFF | {Role.PATRON}, note="Patrons: their own record only."),
    "Query.user": Access(roles=STAFF | {Role.PATRON}, note="Patrons: their own record only."),
    "Query.users": Access(
        roles=STAFF, note="Searching by name also needs the permission SEARCH_BY_NAME."
    ),
    "Query.blockDefinitions": Access(roles=STAFF),
    "Mutation.userBlockAdd": Access(roles=BLOCK_EDITORS),
    "Query.jobReports": Access(roles=STAFF),
    "Query.jobReport": Access(roles=STAFF),
    "Query.jobRemovedBlocks": Access(roles=STAFF),
    "Mutation.jobRun": Access(roles=CONFIGURATION | {Role.USER_ADMINISTRATOR}),
}
