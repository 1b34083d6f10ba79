"""The records behind the counters of a job report."""

from uuid import UUID

from sqlalchemy import bindparam, select

from rules.pages import Page
from rules.user_blocks import UserBlock
from storage.block_removal import COUNTER
from storage.block_rows import BLOCK_COLUMNS, BlockTables, block_from, blocks_with_definitions
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import job_record, user_block

_R, _B = job_record, user_block

_REMOVED = (
    select(*BLOCK_COLUMNS)
    .select_from(
        blocks_with_definitions().join(
            _R, (_R.c.institution_code == _B.c.institution_code) & (_R.c.record_id == _B.c.id)
        )
    )
    .where(own(_B), own(_R), _R.c.report_id == bindparam("report_id"), _R.c.counter == COUNTER)
    .order_by(_R.c.record_id)
    .limit(bindparam("count"))
)
_FIRST = statement(_REMOVED)
_NEXT = statement(_REMOVED.where(_R.c.record_id > bindparam("after_id")))


def removed_blocks_page(
    db: ReadDb, report_id: UUID, *, first: int, after: tuple[str, ...] | None
) -> Page[UserBlock]:
    """The removed blocks of a run, in the order of their ids."""
    if after is None:
        rows = db.rows(_FIRST, report_id=report_id, count=first + 1)
    else:
        rows = db.rows(_NEXT, report_id=report_id, count=first + 1, after_id=UUID(after[0]))
    tables = BlockTables()
    items = [block_from(row, tables) for row in rows[:first]]
    return Page(items, [(str(item.id),) for item in items], has_more=len(rows) > first)
