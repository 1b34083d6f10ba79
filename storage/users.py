"""Users: one statement reads the account and every part that was asked for.

The parts come as JSON beside the account, built by correlated queries, so that a page of fifty
users with their blocks is one statement too.
"""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    SelectBase,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from rules.name_keys import search_key
from rules.pages import Page
from rules.user_records import UserRecord
from rules.users import PRIMARY_ID_TYPE, UserFilter, UserPart
from storage.block_rows import BlockTables
from storage.handles import ReadDb, WriteDb
from storage.statements import Statement, own, statement
from storage.tables import institution, user_account, user_block, user_group, user_identifier
from storage.user_parts import PART_COLUMNS, PART_ORDER, user_record

_U = user_account

LAST_CHARACTER = "\U0010ffff"
"""Sorts behind every character that a name can have."""


def user_by_id(db: ReadDb, user_id: UUID, parts: frozenset[UserPart]) -> UserRecord | None:
    """The user of an id, or None."""
    row = db.row(_by_id(parts), user_id=user_id)
    return None if row is None else user_record(row, parts, BlockTables())


def users_by_ids(
    db: ReadDb, user_ids: Sequence[UUID], parts: frozenset[UserPart]
) -> dict[UUID, UserRecord]:
    """Those of the users that exist, by id."""
    tables = BlockTables()
    rows = db.rows(_by_ids(parts), user_ids=list(user_ids))
    return {row[0]: user_record(row, parts, tables) for row in rows}


def users_by_identifier(
    db: ReadDb,
    identifier: str,
    parts: frozenset[UserPart],
    *,
    type_code: str | None = None,
) -> Sequence[UserRecord]:
    """The users who carry the identifier: as primary id or as any other, or as one of the given
    type only. More than two are never needed to know that it is not one person's alone."""
    values: dict[str, object] = {}
    if type_code is None or type_code == PRIMARY_ID_TYPE:
        values["key"] = identifier.casefold()
    if type_code != PRIMARY_ID_TYPE:
        values["value"] = identifier
        if type_code is not None:
            values["type_code"] = type_code
    rows = db.rows(_by_identifier(parts, frozenset(values)), **values)
    tables = BlockTables()
    return [user_record(row, parts, tables) for row in rows]


def users_page(
    db: ReadDb,
    wanted: UserFilter,
    *,
    first: int,
    after: tuple[str, ...] | None,
    parts: frozenset[UserPart],
) -> Page[UserRecord]:
    """Users in the order of their names."""
    values: dict[str, object] = {}
    if wanted.name is not None:
        start = search_key(wanted.name)
        values |= {"name": start, "name_end": start + LAST_CHARACTER}
    if wanted.group_id is not None:
        values["group_id"] = wanted.group_id
    if wanted.status is not None:
        values["status"] = wanted.status.value
    if after is not None:
        values |= {"after_name": after[0], "after_id": UUID(after[1])}
    query = _page(parts, frozenset(values), wanted.has_blocks)
    rows = db.rows(query, **values, count=first + 1)
    tables = BlockTables()
    items = [user_record(row, parts, tables) for row in rows[:first]]
    keys = [(str(row[1]), str(row[0])) for row in rows[:first]]
    return Page(items, keys, has_more=len(rows) > first)


_LOCK = statement(
    select(_U.c.id).where(own(_U), _U.c.id == bindparam("user_id")).with_for_update(key_share=True)
)


def lock_user(db: WriteDb, user_id: UUID) -> bool:
    """Hold a user's row until the transaction ends, so that commands about one user take turns;
    False if there is no such user."""
    return db.row(_LOCK, user_id=user_id) is not None


@lru_cache(maxsize=256)
def _by_id(parts: frozenset[UserPart]) -> Statement:
    return statement(users_query(parts).where(_U.c.id == bindparam("user_id")))


@lru_cache(maxsize=256)
def _by_ids(parts: frozenset[UserPart]) -> Statement:
    user_ids = bindparam("user_ids", type_=ARRAY(Uuid()))
    return statement(users_query(parts).where(_U.c.id == any_(user_ids)))


@lru_cache(maxsize=512)
def _by_identifier(parts: frozenset[UserPart], given: frozenset[str]) -> Statement:
    identifier = user_identifier.c
    by_primary = select(_U.c.id).where(
        own(_U), _U.c.primary_id_key == bindparam("key", type_=Text())
    )
    by_other = select(identifier.user_id).where(
        own(user_identifier), identifier.value == bindparam("value", type_=Text())
    )
    if "type_code" in given:
        type_code = bindparam("type_code", type_=Text())
        by_other = by_other.where(identifier.type_code == type_code)
    named: SelectBase = union_all(by_primary, by_other)
    if len(given & {"key", "value"}) == 1:
        named = by_primary if "key" in given else by_other
    return statement(users_query(parts).where(_U.c.id.in_(named)).limit(literal_column("2")))


@lru_cache(maxsize=1024)
def _page(parts: frozenset[UserPart], given: frozenset[str], has_blocks: bool | None) -> Statement:
    query = users_query(parts)
    if "name" in given:
        query = query.where(or_(_starts(_U.c.name_key), _starts(_U.c.first_name_key)))
    if "group_id" in given:
        query = query.where(_U.c.user_group_id == bindparam("group_id"))
    if "status" in given:
        query = query.where(_U.c.status == bindparam("status", type_=Text()))
    if has_blocks is not None:
        query = query.where(_any_block() if has_blocks else ~_any_block())
    if "after_id" in given:
        place = tuple_(bindparam("after_name", type_=Text()), bindparam("after_id"))
        query = query.where(tuple_(_U.c.name_key, _U.c.id) > place)
    return statement(query.order_by(_U.c.name_key, _U.c.id).limit(bindparam("count")))


def _starts(key: ColumnElement[str]) -> ColumnElement[bool]:
    """A range instead of a prefix operator: an index serves it whatever the plan is kept for."""
    start = bindparam("name", type_=Text())
    return and_(key >= start, key < bindparam("name_end", type_=Text()))


def users_query(parts: frozenset[UserPart]) -> Select[tuple[object, ...]]:
    """Accounts with the asked-for parts, for `user_record`; a caller narrows and orders it."""
    group = user_group
    columns = [PART_COLUMNS[part]() for part in PART_ORDER if part in parts]
    return (
        select(
            _U.c.id,
            _U.c.name_key,
            _U.c.primary_id,
            _U.c.first_name,
            _U.c.last_name,
            _U.c.record_type,
            _U.c.account_type,
            _U.c.status,
            _U.c.expires_on,
            _U.c.preferred_language,
            _U.c.version,
            group.c.id,
            group.c.code,
            group.c.name,
            institution.c.time_zone,
            _any_block(),
            *columns,
        )
        .select_from(_U)
        .join(institution, institution.c.institution_code == _U.c.institution_code)
        .outerjoin(
            group,
            (group.c.institution_code == _U.c.institution_code)
            & (group.c.id == _U.c.user_group_id),
        )
        .where(own(_U))
    )


def _any_block() -> ColumnElement[bool]:
    """Whether there are blocks on the row's user. An EXISTS would be answered from a hash of
    every block of the institution, even for a page of 25; what has a LIMIT is asked for each
    row, in the order of the names, until the page is full."""
    return _live_block().limit(literal_column("1")).scalar_subquery().is_not(None)


def _live_block() -> Select[tuple[object]]:
    live = user_block.alias("live")
    return select(literal_column("1")).where(
        own(live), live.c.user_id == _U.c.id, live.c.removed_at.is_(None)
    )
