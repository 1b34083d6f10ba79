"""How a change of the block tables leaves its trace: the whole row before and after."""

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from rules.actions import BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription
from rules.history import HistoryEvent, HistoryRecordType
from rules.table_snapshots import action_code_snapshot, definition_snapshot, description_snapshot
from tenancy.changes import change
from tenancy.scopes import WritingScope

Row: TypeAlias = BlockDescription | BlockDefinition | BlockedActionCode


def row_change(
    scope: WritingScope, deed: str, before: Row | None, after: Row | None
) -> HistoryEvent:
    """The event of a row that was made (`before` None), changed or taken away (`after` None)."""
    row = after or before
    if row is None:
        message = "A change has a row before or after it."
        raise ValueError(message)
    return change(
        scope,
        deed,
        _record_type(row),
        record_id=row.id,
        before=_snapshot(before),
        after=_snapshot(after),
    )


def _record_type(row: Row) -> HistoryRecordType:
    match row:
        case BlockDescription():
            return HistoryRecordType.BLOCK_DESCRIPTION
        case BlockDefinition():
            return HistoryRecordType.BLOCK_DEFINITION
        case BlockedActionCode():
            return HistoryRecordType.BLOCKED_ACTION_CODE
        case _:
            assert_never(row)


def _snapshot(row: Row | None) -> Mapping[str, object] | None:
    match row:
        case None:
            return None
        case BlockDescription():
            return description_snapshot(row)
        case BlockDefinition():
            return definition_snapshot(row)
        case BlockedActionCode():
            return action_code_snapshot(row)
        case _:
            assert_never(row)
