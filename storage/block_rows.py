"""A user block with its description and definition, as columns of a statement and as a value.

The same columns serve as a row of their own and, as JSON, inside a user's row.
"""

from datetime import datetime
from uuid import UUID

from psycopg.rows import TupleRow
from sqlalchemy import ColumnElement, FromClause

from rules.actions import Action, BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription, BlockType, Overridable
from rules.user_blocks import BlockOrigin, BlockStatus, Removal, Segment, UserBlock
from storage.tables import block_definition, block_description, blocked_action_code, user_block

B, D, F, A = user_block, block_description, block_definition, blocked_action_code

BLOCK_COLUMNS: tuple[ColumnElement[object], ...] = (
    B.c.id,
    B.c.user_id,
    B.c.block_type,
    B.c.status,
    B.c.expires_at,
    B.c.staff_note,
    B.c.patron_text,
    B.c.origin,
    B.c.segment,
    B.c.created_by,
    B.c.created_at,
    B.c.version,
    B.c.removed_at,
    B.c.removed_by,
    B.c.removal_reason,
    D.c.id,
    D.c.code,
    D.c.text,
    D.c.is_enabled,
    D.c.is_default,
    D.c.position,
    D.c.version,
    F.c.id,
    F.c.row_id,
    F.c.block_type,
    F.c.overridable,
    F.c.is_network_block,
    F.c.version,
    A.c.id,
    A.c.code,
    A.c.name,
    A.c.actions,
    A.c.version,
)

_TYPES = {kind.value: kind for kind in BlockType}
_STATUSES = {status.value: status for status in BlockStatus}
_ORIGINS = {origin.value: origin for origin in BlockOrigin}
_SEGMENTS = {segment.value: segment for segment in Segment}
_OVERRIDABLE = {value.value: value for value in Overridable}
_ACTIONS = {action.value: action for action in Action}


class BlockTables:
    """The descriptions and definitions met so far in one answer, each made once."""

    __slots__ = ("definitions", "descriptions")

    def __init__(self) -> None:
        self.descriptions: dict[object, BlockDescription] = {}
        self.definitions: dict[object, BlockDefinition] = {}


def blocks_with_definitions() -> FromClause:
    """Blocks beside their description and definition; a block without either still appears."""
    return (
        B.outerjoin(
            D, (D.c.institution_code == B.c.institution_code) & (D.c.id == B.c.description_id)
        )
        .outerjoin(
            F,
            (F.c.institution_code == B.c.institution_code)
            & (F.c.description_id == B.c.description_id),
        )
        .outerjoin(
            A,
            (A.c.institution_code == F.c.institution_code) & (A.c.id == F.c.blocked_action_code_id),
        )
    )


def block_from(row: TupleRow, tables: BlockTables) -> UserBlock:
    """The value of one row of BLOCK_COLUMNS, whether it came as columns or as JSON."""
    expires_at, removed_at = row[4], row[12]
    return UserBlock(
        id=uuid_of(row[0]),
        user_id=uuid_of(row[1]),
        description=None if row[15] is None else _description(row, tables),
        definition=None if row[22] is None else _definition(row, tables),
        block_type=_TYPES[row[2]],
        status=_STATUSES[row[3]],
        expires_at=None if expires_at is None else instant_of(expires_at),
        staff_note=row[5],
        patron_text=row[6],
        origin=_ORIGINS[row[7]],
        segment=_SEGMENTS[row[8]],
        created_by=row[9],
        created_at=instant_of(row[10]),
        version=row[11],
        removal=None
        if removed_at is None
        else Removal(removed_at=instant_of(removed_at), removed_by=row[13], reason=row[14]),
    )


def description_from(row: TupleRow) -> BlockDescription:
    """The value of id, code, text, is_enabled, is_default, position, version."""
    return BlockDescription(
        id=uuid_of(row[0]),
        code=row[1],
        text=row[2],
        is_enabled=row[3],
        is_default=row[4],
        position=row[5],
        version=row[6],
    )


def action_code_from(row: TupleRow) -> BlockedActionCode:
    """The value of id, code, name, actions, version."""
    return BlockedActionCode(
        id=uuid_of(row[0]), code=row[1], name=row[2], actions=actions_of(row[3]), version=row[4]
    )


def actions_of(codes: object) -> frozenset[Action]:
    """The set of actions stored as an array of their names."""
    return (
        frozenset(_ACTIONS[str(code)] for code in codes) if isinstance(codes, list) else frozenset()
    )


def definition_from(row: TupleRow, description: BlockDescription) -> BlockDefinition:
    """The value of id, row_id, type, overridable, network, version, then the blocked action's
    columns."""
    return BlockDefinition(
        id=uuid_of(row[0]),
        row_id=row[1],
        description=description,
        blocked_action=action_code_from(row[6:]),
        block_type=_TYPES[row[2]],
        overridable=_OVERRIDABLE[row[3]],
        is_network_block=row[4],
        version=row[5],
    )


def uuid_of(value: object) -> UUID:
    """A UUID out of a column, or out of JSON as text."""
    return value if isinstance(value, UUID) else UUID(str(value))


def instant_of(value: object) -> datetime:
    """An instant out of a column, or out of JSON as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _description(row: TupleRow, tables: BlockTables) -> BlockDescription:
    known = tables.descriptions.get(row[15])
    if known is None:
        known = tables.descriptions[row[15]] = description_from(row[15:22])
    return known


def _definition(row: TupleRow, tables: BlockTables) -> BlockDefinition:
    known = tables.definitions.get(row[22])
    if known is None:
        description = _description(row, tables)
        known = tables.definitions[row[22]] = definition_from(row[22:33], description)
    return known
