"""Users: one statement reads the account and every part that was asked for.

The parts come as JSON beside the account, built by correlated queries, so that a page of fifty
users with their blocks is one statement too.
"""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from rules.pages import Page
from rules.text import folded
from rules.user_records import UserRecord
from rules.users import UserPart
from storage.block_rows import BlockTables
from storage.handles import ReadDb, WriteDb
from storage.statements import Statement, own, statement
from storage.tables import institution, user_account, user_block, user_group, user_identifier
from storage.user_parts import PART_COLUMNS, PART_ORDER, user_record

_U = user_account


def user_by_id(db: ReadDb, user_id: UUID, parts: frozenset[UserPart]) -> UserRecord | None:
    """The user of an id, or None."""
    row = db.row(_by_id(parts), user_id=user_id)
    return None if row is None else user_record(row, parts, BlockTables())


def users_by_identifier(
    db: ReadDb, identifier: str, parts: frozenset[UserPart]
) -> Sequence[UserRecord]:
    """The users who carry the identifier, as primary id or as any other; more than two are
    never needed to know that it is not one person's alone."""
    rows = db.rows(_by_identifier(parts), key=identifier.casefold(), value=identifier)
    tables = BlockTables()
    return [user_record(row, parts, tables) for row in rows]


def users_page(
    db: ReadDb,
    *,
    name: str | None,
    has_blocks: bool | None,
    first: int,
    after: tuple[str, ...] | None,
    parts: frozenset[UserPart],
) -> Page[UserRecord]:
    """Users in the order of their names, filtered by the start of a first or last name."""
    query = _page(parts, name is not None, has_blocks, after is not None)
    values: dict[str, object] = {"count": first + 1}
    if name is not None:
        values["name"] = folded(name)
    if after is not None:
        values |= {"after_name": after[0], "after_id": UUID(after[1])}
    rows = db.rows(query, **values)
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
    return statement(_users(parts).where(_U.c.id == bindparam("user_id")))


@lru_cache(maxsize=256)
def _by_identifier(parts: frozenset[UserPart]) -> Statement:
    named = union_all(
        select(_U.c.id).where(own(_U), _U.c.primary_id_key == bindparam("key", type_=Text())),
        select(user_identifier.c.user_id).where(
            own(user_identifier), user_identifier.c.value == bindparam("value", type_=Text())
        ),
    )
    return statement(_users(parts).where(_U.c.id.in_(named)).limit(literal_column("2")))


@lru_cache(maxsize=1024)
def _page(
    parts: frozenset[UserPart], by_name: bool, has_blocks: bool | None, continued: bool
) -> Statement:
    query = _users(parts)
    if by_name:
        name = bindparam("name", type_=Text())
        query = query.where(or_(_U.c.name_key.op("^@")(name), _U.c.first_name_key.op("^@")(name)))
    if has_blocks is not None:
        query = query.where(_has_blocks() if has_blocks else ~_has_blocks())
    if continued:
        place = tuple_(bindparam("after_name", type_=Text()), bindparam("after_id"))
        query = query.where(tuple_(_U.c.name_key, _U.c.id) > place)
    return statement(query.order_by(_U.c.name_key, _U.c.id).limit(bindparam("count")))


def _users(parts: frozenset[UserPart]) -> Select[tuple[object, ...]]:
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
            _has_blocks(),
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


def _has_blocks() -> ColumnElement[bool]:
    live = user_block.alias("live")
    return exists(
        select(literal_column("1")).where(
            own(live), live.c.user_id == _U.c.id, live.c.removed_at.is_(None)
        )
    )
