"""Who may act: the staff roles of the library, where each one counts and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID


class Role(Enum):
    """A role as the library's staff know it; the value is the stable key."""

    CIRCULATION_DESK_OPERATOR_LIMITED = "CIRCULATION_DESK_OPERATOR_LIMITED"
    CIRCULATION_DESK_OPERATOR = "CIRCULATION_DESK_OPERATOR"
    CIRCULATION_DESK_MANAGER = "CIRCULATION_DESK_MANAGER"
    FULFILLMENT_SERVICES_OPERATOR = "FULFILLMENT_SERVICES_OPERATOR"
    FULFILLMENT_ADMINISTRATOR = "FULFILLMENT_ADMINISTRATOR"
    USER_MANAGER = "USER_MANAGER"
    USER_ADMINISTRATOR = "USER_ADMINISTRATOR"
    GENERAL_SYSTEM_ADMINISTRATOR = "GENERAL_SYSTEM_ADMINISTRATOR"
    NETWORK_ADMINISTRATOR = "NETWORK_ADMINISTRATOR"
    PATRON = "PATRON"
    AUDITOR = "AUDITOR"


STAFF_ROLES = frozenset(Role) - {Role.PATRON, Role.NETWORK_ADMINISTRATOR}


class Permission(Enum):
    """A named permission that an institution gives to roles or persons, beside the roles."""

    BLOCK_PATRON = "BLOCK_PATRON"
    DELETE_PATRON = "DELETE_PATRON"
    DOWNLOAD_PATRON_DATA = "DOWNLOAD_PATRON_DATA"
    SEARCH_BY_NAME = "SEARCH_BY_NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionGrant:
    """A permission that was given to all who hold a role, or else to one person."""

    id: UUID
    permission: Permission
    role: Role | None
    user_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """One role of one person. `library_code` None means the whole institution."""

    role: Role
    library_code: str | None = None
    expires_at: datetime | None = None

    def is_in_force(self, now: datetime) -> bool:
        """A role counts until the instant it expires, and not at it."""
        return self.expires_at is None or now < self.expires_at


def roles_in_force(grants: Iterable[RoleGrant], now: datetime) -> frozenset[Role]:
    """The roles that count now anywhere in the institution, whatever their library.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> sorted(r.name for r in roles_in_force(
    ...     [RoleGrant(role=Role.AUDITOR), RoleGrant(role=Role.PATRON, expires_at=noon)], noon))
    ['AUDITOR']
    """
    return frozenset(grant.role for grant in grants if grant.is_in_force(now))
