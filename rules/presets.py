"""What an institution starts with: its block tables, a library with a desk, and the permissions
its roles hold. Everything here can be changed by the institution afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rules.actions import ALL_ACTIONS_CODE, PRESET_CODES, Action
from rules.block_tables import CONSORTIA, OVERDUE, BlockType, Overridable
from rules.roles import STAFF_ROLES, Permission, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCodeRow:
    """A row of the table from blocked-action code to actions."""

    code: str
    name: str
    actions: frozenset[Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionRow:
    """A row of the block descriptions, in the order of the table."""

    code: str
    text: str
    is_enabled: bool = True
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRow:
    """A row of the block definitions, naming description and blocked action by their codes."""

    row_id: str
    description_code: str
    action_code: str
    block_type: BlockType
    overridable: Overridable
    is_network_block: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTablesPlan:
    """The block tables as somebody writes them down before any row has an id."""

    action_codes: tuple[ActionCodeRow, ...]
    descriptions: tuple[DescriptionRow, ...]
    definitions: tuple[DefinitionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPlan:
    """A library and its circulation desks, by code and name."""

    code: str
    name: str
    desks: tuple[tuple[str, str], ...]


PRESET_TABLES = BlockTablesPlan(
    action_codes=tuple(
        ActionCodeRow(code=code, name=name, actions=actions) for code, name, actions in PRESET_CODES
    ),
    descriptions=(
        DescriptionRow(code="GENERAL", text="General block", is_default=True),
        DescriptionRow(code=OVERDUE, text="Overdue loan"),
        DescriptionRow(code=CONSORTIA, text="Consortial block"),
    ),
    definitions=(
        DefinitionRow(
            row_id="GENERAL",
            description_code="GENERAL",
            action_code="03",
            block_type=BlockType.GENERAL,
            overridable=Overridable.CIRCDESC,
        ),
        DefinitionRow(
            row_id=OVERDUE,
            description_code=OVERDUE,
            action_code=ALL_ACTIONS_CODE,
            block_type=BlockType.LOAN,
            overridable=Overridable.CIRCDESC,
        ),
        DefinitionRow(
            row_id=CONSORTIA,
            description_code=CONSORTIA,
            action_code=ALL_ACTIONS_CODE,
            block_type=BlockType.CONSORTIAL,
            overridable=Overridable.CIRCDESC,
        ),
    ),
)
"""The codes the system looks for are there from the start (user-blocks 2.1), each with what it
stops; overdue blocks stop everything (2.4), and the manager may override, as seed S1 has it."""

PRESET_LIBRARIES = (
    LibraryPlan(code="MAIN", name="Main Library", desks=(("DESK1", "Circulation desk"),)),
)

PRESET_GRANTS: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.BLOCK_PATRON: frozenset(
            {Role.CIRCULATION_DESK_MANAGER, Role.USER_ADMINISTRATOR}
        ),
        Permission.SEARCH_BY_NAME: STAFF_ROLES
        - {Role.CIRCULATION_DESK_OPERATOR_LIMITED, Role.AUDITOR},
        Permission.DELETE_PATRON: frozenset({Role.USER_ADMINISTRATOR}),
        Permission.DOWNLOAD_PATRON_DATA: frozenset({Role.USER_ADMINISTRATOR}),
    }
)
"""Which roles hold the named permissions (seed S3: staff with sufficient clearance search by
name; seed S5: blocking, deleting and downloading need a permission each)."""
