"""The block tables of an institution: block descriptions and block definitions."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from rules.actions import BlockedActionCode

OVERDUE = "OVERDUE"
"""The description code the system looks for when it makes overdue blocks."""

CONSORTIA = "CONSORTIA"
"""The description code under which copies of network blocks arrive."""


class BlockType(Enum):
    """The type of a block definition; for information, except DEMERIT and CONSORTIAL."""

    CASH = "CASH"
    CONSORTIAL = "CONSORTIAL"
    DEMERIT = "DEMERIT"
    GENERAL = "GENERAL"
    LOAN = "LOAN"
    RESOURCE_SHARING = "RESOURCE_SHARING"
    USER = "USER"


class Overridable(Enum):
    """Who may override: ALL desk roles, OPERATOR and manager, CIRCDESC manager only, NONE."""

    ALL = "ALL"
    OPERATOR = "OPERATOR"
    CIRCDESC = "CIRCDESC"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDescription:
    """A reason for blocking, as staff choose it from the list. `position` counts from 0; the
    `version` counts changes of all else, from 1."""

    id: UUID
    code: str
    text: str
    is_enabled: bool
    is_default: bool
    position: int
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDefinition:
    """What blocks of one description do. `row_id` is the ID column, fixed after saving."""

    id: UUID
    row_id: str
    description: BlockDescription
    blocked_action: BlockedActionCode
    block_type: BlockType
    overridable: Overridable
    is_network_block: bool
    version: int = 1
