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
PASS_HOLDERS = DESK | {Role.FULFILLMENT_SERVICES_OPERATOR}
OVERRIDE_READERS = frozenset(
    {
        Role.CIRCULATION_DESK_MANAGER,
        Role.FULFILLMENT_ADMINISTRATOR,
        Role.GENERAL_SYSTEM_ADMINISTRATOR,
        Role.AUDITOR,
    }
)
NOTE_WRITERS = DESK | BLOCK_EDITORS
USER_KEEPERS = frozenset({Role.USER_MANAGER, Role.USER_ADMINISTRATOR})
PERMISSION_GIVERS = frozenset({Role.USER_ADMINISTRATOR, Role.GENERAL_SYSTEM_ADMINISTRATOR})
CONFIGURATION = frozenset({Role.FULFILLMENT_ADMINISTRATOR, Role.GENERAL_SYSTEM_ADMINISTRATOR})
HISTORY_READERS = BLOCK_EDITORS | CONFIGURATION | {Role.AUDITOR}
ROLE_GIVERS = frozenset({Role.USER_ADMINISTRATOR, Role.GENERAL_SYSTEM_ADMINISTRATOR})
STAFF = frozenset(Role) - {Role.PATRON, Role.NETWORK_ADMINISTRATOR}
EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may call a field. With a permission, the roles alone do not suffice; with one needed
    at times, only for what the note tells."""

    roles: frozenset[Role]
    permission: Permission | None = None
    permission_at_times: Permission | None = None
    note: str = ""


ACCESS: dict[str, Access] = {
    "Query.viewer": Access(roles=EVERYONE),
    "Query.node": Access(roles=STAFF | {Role.PATRON}, note="Patrons: their own record only."),
    "Query.user": Access(roles=STAFF | {Role.PATRON}, note="Patrons: their own record only."),
    "Query.users": Access(
        roles=STAFF,
        permission_at_times=Permission.SEARCH_BY_NAME,
        note="Without the permission: only the list of users with blocks, not searched by name.",
    ),
    "Query.blockDescriptions": Access(roles=STAFF),
    "Query.blockDefinitions": Access(roles=STAFF),
    "Query.blockedActionCodes": Access(roles=STAFF),
    "Query.blockPreferences": Access(roles=STAFF),
    "Mutation.blockDescriptionAdd": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionChange": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionRemove": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionEnable": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionDisable": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionsReorder": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionDefaultSet": Access(roles=CONFIGURATION),
    "Mutation.blockDescriptionsImport": Access(roles=CONFIGURATION),
    "Mutation.blockedActionCodeAdd": Access(roles=CONFIGURATION),
    "Mutation.blockedActionCodeChange": Access(roles=CONFIGURATION),
    "Mutation.blockedActionCodeRemove": Access(roles=CONFIGURATION),
    "Mutation.blockDefinitionAdd": Access(roles=CONFIGURATION),
    "Mutation.blockDefinitionChange": Access(roles=CONFIGURATION),
    "Mutation.blockDefinitionRemove": Access(roles=CONFIGURATION),
    "Mutation.blockDefinitionsImport": Access(roles=CONFIGURATION),
    "Mutation.blockPreferenceChange": Access(roles=CONFIGURATION),
    "Query.institution": Access(roles=STAFF | {Role.PATRON}),
    "Query.blocksToReview": Access(roles=STAFF),
    "Query.permissionGrants": Access(roles=PERMISSION_GIVERS | {Role.AUDITOR}),
    "Mutation.userBlockAdd": Access(roles=BLOCK_EDITORS),
    "Mutation.userBlockChange": Access(roles=BLOCK_EDITORS),
    "Mutation.userBlockActivate": Access(roles=BLOCK_EDITORS),
    "Mutation.userBlockDeactivate": Access(roles=BLOCK_EDITORS),
    "Mutation.userBlockRemove": Access(roles=BLOCK_EDITORS),
    "Mutation.userBlockRestore": Access(roles=BLOCK_EDITORS),
    "Mutation.accountBlockAdd": Access(
        roles=STAFF - {Role.AUDITOR}, permission=Permission.BLOCK_PATRON
    ),
    "Mutation.accountBlockLift": Access(
        roles=STAFF - {Role.AUDITOR}, permission=Permission.BLOCK_PATRON
    ),
    "Mutation.userNoteAdd": Access(roles=NOTE_WRITERS),
    "Mutation.userNoteChange": Access(roles=NOTE_WRITERS),
    "Mutation.userNoteRemove": Access(roles=NOTE_WRITERS),
    "Mutation.userAdd": Access(roles=USER_KEEPERS),
    "Mutation.userChange": Access(
        roles=USER_KEEPERS,
        note="The primary identifier of somebody with a role of staff: USER_ADMINISTRATOR only.",
    ),
    "Mutation.userRoleGive": Access(roles=ROLE_GIVERS, note="Never to oneself."),
    "Mutation.userRoleTake": Access(roles=ROLE_GIVERS),
    "Mutation.permissionGive": Access(roles=PERMISSION_GIVERS),
    "Mutation.permissionTake": Access(roles=PERMISSION_GIVERS),
    "Mutation.actionAuthorize": Access(
        roles=PASS_HOLDERS | {Role.PATRON},
        note="Patrons: for themselves, and never with an override.",
    ),
    "Mutation.passConsume": Access(roles=PASS_HOLDERS),
    "Query.overrideEvents": Access(roles=OVERRIDE_READERS),
    "Query.jobReports": Access(roles=STAFF),
    "Query.jobReport": Access(roles=STAFF),
    "Query.jobRemovedBlocks": Access(roles=STAFF),
    "Query.history": Access(roles=HISTORY_READERS),
    "Query.userAsOf": Access(roles=HISTORY_READERS),
    "Query.apiTokens": Access(roles=frozenset({Role.GENERAL_SYSTEM_ADMINISTRATOR})),
    "Mutation.apiTokenAdd": Access(roles=frozenset({Role.GENERAL_SYSTEM_ADMINISTRATOR})),
    "Mutation.apiTokenRevoke": Access(roles=frozenset({Role.GENERAL_SYSTEM_ADMINISTRATOR})),
    "Mutation.jobRun": Access(roles=CONFIGURATION | {Role.USER_ADMINISTRATOR}),
}

HTTP_ACCESS: dict[str, Access] = {
    "POST /uploads": Access(roles=CONFIGURATION),
    "GET /exports/override-events.csv": Access(roles=OVERRIDE_READERS),
}
"""The same for what is asked outside GraphQL, by method and path."""
