"""The parts of a user's record as columns of one statement, and back as values.

Each part is one JSON array of arrays: positional, since it is built and read a million times.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar, cast

from psycopg.rows import TupleRow
from sqlalchemy import ColumnElement, FromClause, ScalarSelect, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from rules.block_tables import Overridable
from rules.gate import BlockPreference, ReasonCode
from rules.institutions import CirculationDesk
from rules.roles import Role, RoleGrant
from rules.user_blocks import AccountBlock
from rules.user_records import UserRecord
from rules.users import (
    AccountStatus,
    AccountType,
    RecordType,
    RoleOfUser,
    User,
    UserGroup,
    UserIdentifier,
    UserNote,
    UserPart,
)
from storage.block_rows import (
    BLOCK_COLUMNS,
    BlockTables,
    actions_of,
    block_from,
    blocks_with_definitions,
    instant_of,
    uuid_of,
)
from storage.statements import own
from storage.tables import (
    account_block,
    block_preference,
    circulation_desk,
    library,
    user_account,
    user_block,
    user_identifier,
    user_note,
    user_role,
)


def _arrays(
    columns: Iterable[ColumnElement[object]],
    source: FromClause,
    *conditions: ColumnElement[bool],
    order: ColumnElement[object],
) -> ScalarSelect[object]:
    array = func.json_build_array(*columns)
    query = select(func.json_agg(aggregate_order_by(array, order)))
    query = query.select_from(source).where(*conditions)
    return query.correlate(user_account).scalar_subquery()


def _identifiers() -> ScalarSelect[object]:
    t = user_identifier
    return _arrays(
        (t.c.type_code, t.c.value), t, own(t), t.c.user_id == user_account.c.id, order=t.c.type_code
    )


def _blocks() -> ScalarSelect[object]:
    t = user_block
    return _arrays(
        BLOCK_COLUMNS,
        blocks_with_definitions(),
        own(t),
        t.c.user_id == user_account.c.id,
        t.c.removed_at.is_(None),
        order=t.c.id,
    )


def _removed_blocks() -> ScalarSelect[object]:
    t = user_block
    newest_first = cast("ColumnElement[object]", tuple_(t.c.removed_at, t.c.id).desc())
    return _arrays(
        BLOCK_COLUMNS,
        blocks_with_definitions(),
        own(t),
        t.c.user_id == user_account.c.id,
        t.c.removed_at.is_not(None),
        order=newest_first,
    )


def _account_block() -> ScalarSelect[object]:
    t = account_block
    columns = (t.c.id, t.c.user_id, t.c.comment, t.c.blocked_by, t.c.blocked_at, t.c.version)
    return _arrays(columns, t, own(t), t.c.user_id == user_account.c.id, order=t.c.id)


def _preferences() -> ScalarSelect[object]:
    t = block_preference
    columns = (t.c.reason, t.c.actions, t.c.overridable, t.c.version)
    return _arrays(columns, t, own(t), order=t.c.reason)


def _notes() -> ScalarSelect[object]:
    t = user_note
    columns = (
        t.c.id,
        t.c.note,
        t.c.is_patron_visible,
        t.c.is_popup,
        t.c.created_by,
        t.c.created_at,
        t.c.version,
    )
    return _arrays(columns, t, own(t), t.c.user_id == user_account.c.id, order=t.c.id)


def _roles() -> ScalarSelect[object]:
    t = user_role
    source = t.outerjoin(
        library,
        (library.c.institution_code == t.c.institution_code) & (library.c.id == t.c.library_id),
    )
    columns = (t.c.role, library.c.code, library.c.name, t.c.expires_at)
    return _arrays(columns, source, own(t), t.c.user_id == user_account.c.id, order=t.c.role)


def _desks() -> ScalarSelect[object]:
    t = circulation_desk
    source = t.join(
        library,
        (library.c.institution_code == t.c.institution_code) & (library.c.id == t.c.library_id),
    )
    columns = (t.c.id, t.c.code, t.c.name, t.c.library_id, library.c.code)
    return _arrays(columns, source, own(t), order=t.c.id)


PART_COLUMNS: dict[UserPart, Callable[[], ScalarSelect[object]]] = {
    UserPart.IDENTIFIERS: _identifiers,
    UserPart.BLOCKS: _blocks,
    UserPart.REMOVED_BLOCKS: _removed_blocks,
    UserPart.ACCOUNT_BLOCK: _account_block,
    UserPart.PREFERENCES: _preferences,
    UserPart.NOTES: _notes,
    UserPart.ROLES: _roles,
    UserPart.DESKS: _desks,
}

PART_ORDER = tuple(PART_COLUMNS)
"""The order in which the asked-for parts follow the account's own columns."""

FIRST_PART = 16
"""How many columns of the account stand before the parts."""


def user_record(row: TupleRow, parts: frozenset[UserPart], tables: BlockTables) -> UserRecord:
    """One row of the users' statement as a value."""
    asked = [part for part in PART_ORDER if part in parts]
    raw = {part: row[FIRST_PART + n] or [] for n, part in enumerate(asked)}
    return UserRecord(
        user=user_from(row),
        time_zone=row[14],
        has_blocks=row[15],
        identifiers=_each(raw, UserPart.IDENTIFIERS, _identifier),
        blocks=_each(raw, UserPart.BLOCKS, lambda r: block_from(r, tables)),
        removed_blocks=_each(raw, UserPart.REMOVED_BLOCKS, lambda r: block_from(r, tables)),
        account_block=_each(raw, UserPart.ACCOUNT_BLOCK, account_block_from),
        preferences=_preferences_of(raw.get(UserPart.PREFERENCES)),
        notes=_each(raw, UserPart.NOTES, note_from),
        roles=_each(raw, UserPart.ROLES, _role),
        desks=_each(raw, UserPart.DESKS, desk_from),
    )


def user_from(row: TupleRow) -> User:
    """The account's own columns: id, name key, then its fields and its group."""
    return User(
        id=row[0],
        primary_id=row[2],
        first_name=row[3],
        last_name=row[4],
        record_type=RecordType(row[5]),
        account_type=AccountType(row[6]),
        status=AccountStatus(row[7]),
        expires_on=row[8],
        preferred_language=row[9],
        version=row[10],
        group=None
        if row[11] is None
        else UserGroup(id=uuid_of(row[11]), code=row[12], name=row[13]),
    )


def account_block_from(row: TupleRow) -> AccountBlock:
    """The value of id, user, comment, by, at, version."""
    return AccountBlock(
        id=uuid_of(row[0]),
        user_id=uuid_of(row[1]),
        comment=row[2],
        blocked_by=row[3],
        blocked_at=instant_of(row[4]),
        version=row[5],
    )


def note_from(row: TupleRow) -> UserNote:
    """The value of id, note, visible, popup, by, at, version."""
    return UserNote(
        id=uuid_of(row[0]),
        text=row[1],
        is_patron_visible=row[2],
        is_popup=row[3],
        created_by=row[4],
        created_at=instant_of(row[5]),
        version=row[6],
    )


def preference_from(row: TupleRow) -> BlockPreference:
    """The value of reason, actions, overridable, version."""
    return BlockPreference(
        reason=ReasonCode(row[0]),
        actions=actions_of(row[1]),
        overridable=Overridable(row[2]),
        version=row[3],
    )


def desk_from(row: TupleRow) -> CirculationDesk:
    """The value of id, code, name, library's id, library's code."""
    return CirculationDesk(
        id=uuid_of(row[0]),
        code=row[1],
        name=row[2],
        library_id=uuid_of(row[3]),
        library_code=row[4],
    )


def _identifier(row: TupleRow) -> UserIdentifier:
    return UserIdentifier(type_code=row[0], value=row[1])


def _role(row: TupleRow) -> RoleOfUser:
    expires_at = None if row[3] is None else instant_of(row[3])
    grant = RoleGrant(role=Role(row[0]), library_code=row[1], expires_at=expires_at)
    return RoleOfUser(grant=grant, library_name=row[2])


def _preferences_of(rows: object) -> dict[ReasonCode, BlockPreference] | None:
    if not isinstance(rows, list):
        return None
    known = {code.value for code in ReasonCode}
    return {ReasonCode(row[0]): preference_from(row) for row in rows if row[0] in known}


T = TypeVar("T")


def _each(
    raw: Mapping[UserPart, Sequence[TupleRow]], part: UserPart, make: Callable[[TupleRow], T]
) -> tuple[T, ...] | None:
    rows = raw.get(part)
    return None if rows is None else tuple(make(row) for row in rows)
