"""The review list: blocks in force that are open-ended or old, each with its user, in one
statement."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import DateTime, Text, bindparam, or_, tuple_

from rules.pages import Page
from rules.user_blocks import BlockReview, UserBlock
from rules.user_records import UserRecord
from rules.users import UserPart
from storage.block_rows import BLOCK_COLUMNS, BlockTables, block_from, blocks_with_definitions
from storage.handles import ReadDb
from storage.statements import Statement, own, statement
from storage.tables import block_description, user_account, user_block
from storage.user_parts import FIRST_PART, user_record
from storage.users import users_query

_B, _U = user_block, user_account
_INSTANT = DateTime(timezone=True)


def blocks_to_review(
    db: ReadDb,
    wanted: BlockReview,
    *,
    first: int,
    after: tuple[str, ...] | None,
    parts: frozenset[UserPart],
) -> Page[tuple[UserBlock, UserRecord]]:
    """The blocks to review with their users, oldest first."""
    values: dict[str, object] = {"now": wanted.now}
    if wanted.made_by is not None:
        values["made_by"] = wanted.made_by
    if wanted.description_code is not None:
        values["description_code"] = wanted.description_code
    if after is not None:
        values |= {"after_at": datetime.fromisoformat(after[0]), "after_id": UUID(after[1])}
    query = _query(parts, frozenset(values), wanted.open_ended_only)
    rows = db.rows(query, **values, count=first + 1)
    tables, place = BlockTables(), FIRST_PART + len(parts)
    items = [
        (block_from(row[place:], tables), user_record(row, parts, tables)) for row in rows[:first]
    ]
    keys = [(block.created_at.isoformat(), str(block.id)) for block, _ in items]
    return Page(items, keys, has_more=len(rows) > first)


@lru_cache(maxsize=512)
def _query(parts: frozenset[UserPart], given: frozenset[str], open_ended_only: bool) -> Statement:
    query = (
        users_query(parts)
        .add_columns(*BLOCK_COLUMNS)
        .join(
            blocks_with_definitions(),
            (_B.c.institution_code == _U.c.institution_code) & (_B.c.user_id == _U.c.id),
        )
        .where(
            own(_B),
            _B.c.removed_at.is_(None),
            _B.c.status == "ACTIVE",
            or_(_B.c.expires_at.is_(None), _B.c.expires_at > bindparam("now", type_=_INSTANT)),
        )
    )
    is_old = _B.c.created_at <= bindparam("made_by", type_=_INSTANT)
    if open_ended_only:
        query = query.where(_B.c.expires_at.is_(None))
        query = query.where(is_old) if "made_by" in given else query
    elif "made_by" in given:
        query = query.where(or_(_B.c.expires_at.is_(None), is_old))
    if "description_code" in given:
        code = bindparam("description_code", type_=Text())
        query = query.where(block_description.c.code == code)
    if "after_id" in given:
        place = tuple_(bindparam("after_at", type_=_INSTANT), bindparam("after_id"))
        query = query.where(tuple_(_B.c.created_at, _B.c.id) > place)
    return statement(query.order_by(_B.c.created_at, _B.c.id).limit(bindparam("count")))
