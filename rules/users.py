"""Users of an institution: who they are, how long their account counts, and notes about them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from rules.roles import RoleGrant


class AccountStatus(Enum):
    """Whether the account is in use; an inactive account stops every action."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class RecordType(Enum):
    """What kind of person the record stands for."""

    PUBLIC = "PUBLIC"
    STAFF = "STAFF"
    CONTACT = "CONTACT"


class AccountType(Enum):
    """INTERNAL accounts are kept here, EXTERNAL ones come from the student system."""

    INTERNAL = "INTERNAL"
    EXTERNAL = "EXTERNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group of the institution, such as undergraduate or visiting researcher."""

    id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIdentifier:
    """An additional identifier (barcode, student id), case-sensitive."""

    type_code: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user account. `expires_on` is a local day; the account counts until its end."""

    id: UUID
    primary_id: str
    first_name: str
    last_name: str
    group: UserGroup | None
    record_type: RecordType
    account_type: AccountType
    status: AccountStatus
    expires_on: date | None
    preferred_language: str | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserNote:
    """A reminder about a user, which blocks nothing. Patrons see it only if it says so."""

    id: UUID
    text: str
    is_patron_visible: bool
    is_popup: bool
    created_by: str
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOfUser:
    """A role that a user holds at this institution."""

    grant: RoleGrant
    library_name: str | None


PRIMARY_ID_TYPE = "PRIMARY_ID"
"""The type under which the primary identifier is looked for, beside those of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which users a list is to show; None asks nothing. `name` is the start of a first or last
    name, or of both in either order."""

    name: str | None = None
    group_id: UUID | None = None
    status: AccountStatus | None = None
    has_blocks: bool | None = None


class UserPart(Enum):
    """A part of a user's record that a question may need beside the account itself."""

    IDENTIFIERS = "IDENTIFIERS"
    BLOCKS = "BLOCKS"
    REMOVED_BLOCKS = "REMOVED_BLOCKS"
    ACCOUNT_BLOCK = "ACCOUNT_BLOCK"
    PREFERENCES = "PREFERENCES"
    NOTES = "NOTES"
    ROLES = "ROLES"
    DESKS = "DESKS"
