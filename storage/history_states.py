"""The records around a moment: for each the last event up to it, the first after it, and how it
stands now. One statement for everything about a user, one for the block tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from psycopg.rows import TupleRow
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    DateTime,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on

from rules.history import HistoryRecordType
from rules.past import Around, Trace
from storage.block_rows import instant_of
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import (
    account_block,
    block_definition,
    block_description,
    block_preference,
    blocked_action_code,
    history_event,
    history_value,
    institution,
    user_account,
    user_block,
)

_E, _V = history_event, history_value
_AT = bindparam("at", type_=DateTime(timezone=True))
_USER = bindparam("user_id", type_=Uuid())

USER_RECORDS = (
    HistoryRecordType.USER,
    HistoryRecordType.USER_BLOCK,
    HistoryRecordType.ACCOUNT_BLOCK,
)
TABLE_RECORDS = (
    HistoryRecordType.BLOCK_DESCRIPTION,
    HistoryRecordType.BLOCKED_ACTION_CODE,
    HistoryRecordType.BLOCK_DEFINITION,
    HistoryRecordType.BLOCK_PREFERENCE,
)

Traces = Mapping[HistoryRecordType, Sequence[Trace]]


def user_traces(db: ReadDb, user_id: UUID, at: datetime) -> tuple[Traces, str]:
    """Account, blocks and account block of a user around the moment, and the time zone in which
    the institution's days end."""
    rows = db.rows(_USER_TRACES, user_id=user_id, at=at, kinds=_names(USER_RECORDS))
    zone = next(str(row[6]["time_zone"]) for row in rows if row[1] == "INSTITUTION")
    return _traces([row for row in rows if row[1] != "INSTITUTION"]), zone


def table_traces(db: ReadDb, at: datetime) -> Traces:
    """The rows of the block tables around the moment."""
    return _traces(db.rows(_TABLE_TRACES, at=at, kinds=_names(TABLE_RECORDS)))


def _names(kinds: Iterable[HistoryRecordType]) -> list[str]:
    return [kind.value for kind in kinds]


def _around(which: str, *conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """The event of each record that is nearest to the moment, before or after it. Of the events
    on that side it is the outermost by `seq`: of changes that came at once only that is sure."""
    is_last = which == "LAST"
    nearest = _E.c.seq.desc() if is_last else _E.c.seq
    events = (
        select(_E.c.institution_code, _E.c.id, _E.c.record_type, _E.c.record_id, _E.c.deed)
        .where(own(_E), *conditions, _E.c.at <= _AT if is_last else _E.c.at > _AT)
        .where(_E.c.record_type == any_(bindparam("kinds", type_=ARRAY(Text()))))
        .ext(distinct_on(_E.c.record_type, _E.c.record_id))
        .order_by(_E.c.record_type, _E.c.record_id, nearest)
        .subquery()
    )
    values = (_V.c.institution_code == events.c.institution_code) & (_V.c.event_id == events.c.id)
    query: Select[tuple[object, ...]] = select(
        literal_column(f"'{which}'"),
        events.c.record_type,
        events.c.record_id,
        events.c.deed,
        _V.c.event_id.is_(None),
        _V.c.before,
        _V.c.after,
    ).select_from(events.outerjoin(_V, values))
    return query


def _present(
    kind: HistoryRecordType | str,
    table: Table,
    columns: Mapping[str, str],
    *conditions: ColumnElement[bool],
) -> Select[tuple[object, ...]]:
    """The records as they stand now, under the names by which the history keeps their fields."""
    name = kind.value if isinstance(kind, HistoryRecordType) else kind
    pairs: list[object] = []
    for key, column in columns.items():
        pairs += [literal_column(f"'{key}'"), table.c[column]]
    query: Select[tuple[object, ...]] = select(
        literal_column("'PRESENT'"),
        literal_column(f"'{name}'"),
        table.c.id if "id" in table.c else null().cast(Uuid()),
        null().cast(Text()),
        literal_column("false"),
        null().cast(JSONB()),
        func.jsonb_build_object(*pairs),
    ).where(own(table), *conditions)
    return query


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


_BLOCK_FIELDS = _same(
    "description_id block_type status expires_at staff_note patron_text origin segment created_by"
    " created_at version removed_at removed_by removal_reason"
)
_USER_FIELDS = _same(
    "primary_id first_name last_name record_type account_type status expires_on"
    " preferred_language version created_at"
)
_ACCOUNT_BLOCK_FIELDS = _same("comment blocked_by blocked_at version") | {
    "created_at": "blocked_at"
}
_DEFINITION_FIELDS = _same(
    "row_id description_id description_code block_type overridable is_network_block version"
) | {"blocked_action_id": "blocked_action_code_id"}


def _user_query() -> CompoundSelect[tuple[object, ...]]:
    about = _E.c.user_id == _USER
    blocks, hard = user_block, account_block
    return union_all(
        _around("LAST", about),
        _around("NEXT", about),
        _present(HistoryRecordType.USER, user_account, _USER_FIELDS, user_account.c.id == _USER),
        _present(HistoryRecordType.USER_BLOCK, blocks, _BLOCK_FIELDS, blocks.c.user_id == _USER),
        _present(
            HistoryRecordType.ACCOUNT_BLOCK, hard, _ACCOUNT_BLOCK_FIELDS, hard.c.user_id == _USER
        ),
        _present("INSTITUTION", institution, _same("time_zone")),
    )


def _table_query() -> CompoundSelect[tuple[object, ...]]:
    return union_all(
        _around("LAST"),
        _around("NEXT"),
        _present(
            HistoryRecordType.BLOCK_DESCRIPTION,
            block_description,
            _same("code text is_enabled is_default position version"),
        ),
        _present(
            HistoryRecordType.BLOCKED_ACTION_CODE,
            blocked_action_code,
            _same("code name actions version"),
        ),
        _present(HistoryRecordType.BLOCK_DEFINITION, block_definition, _DEFINITION_FIELDS),
        _present(
            HistoryRecordType.BLOCK_PREFERENCE,
            block_preference,
            _same("reason actions overridable version"),
        ),
    )


_USER_TRACES = statement(_user_query())
_TABLE_TRACES = statement(_table_query())


def _traces(rows: Iterable[TupleRow]) -> Traces:
    found: dict[tuple[HistoryRecordType, UUID], dict[str, TupleRow]] = {}
    for row in rows:
        found.setdefault((HistoryRecordType(row[1]), row[2]), {})[row[0]] = row
    traces: dict[HistoryRecordType, list[Trace]] = {}
    for (kind, record_id), parts in found.items():
        traces.setdefault(kind, []).append(_trace(record_id, parts))
    return traces


def _trace(record_id: UUID, parts: Mapping[str, TupleRow]) -> Trace:
    present = parts["PRESENT"][6] if "PRESENT" in parts else None
    made_at = None if present is None else present.get("created_at")
    return Trace(
        record_id=record_id,
        last=_event(parts.get("LAST")),
        following=_event(parts.get("NEXT")),
        present=present,
        made_at=None if made_at is None else instant_of(made_at),
    )


def _event(row: TupleRow | None) -> Around | None:
    if row is None:
        return None
    return Around(deed=row[3], is_erased=row[4], before=row[5], after=row[6])
