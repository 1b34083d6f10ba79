"""History: events and their values are written in the transaction of the change, read per user or
per record, and erased by one narrow function that leaves a record of the erasure.

Events are in the order of `seq`, which the database gives out when an event is inserted: by then
its transaction holds the record, so that `seq` follows the changes of a record. `at` does not: it
is the moment at which a command came, before it waited for its turn.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
)

from rules.history import Channel, HistoryEvent, HistoryRecordType, field_changes
from rules.pages import Page
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, Statement, own, statement
from storage.tables import history_event, history_value, metadata

_E, _V = history_event, history_value

_TABLES: dict[HistoryRecordType, Table] = {
    record_type: metadata.tables[name]
    for record_type, name in {
        HistoryRecordType.USER: "user_account",
        HistoryRecordType.USER_BLOCK: "user_block",
        HistoryRecordType.ACCOUNT_BLOCK: "account_block",
        HistoryRecordType.USER_NOTE: "user_note",
        HistoryRecordType.BLOCK_DESCRIPTION: "block_description",
        HistoryRecordType.BLOCK_DEFINITION: "block_definition",
        HistoryRecordType.BLOCKED_ACTION_CODE: "blocked_action_code",
        HistoryRecordType.BLOCK_PREFERENCE: "block_preference",
        HistoryRecordType.PERMISSION_GRANT: "permission_grant",
        HistoryRecordType.ROLE_GRANT: "user_role",
        HistoryRecordType.API_TOKEN: "api_token",
        HistoryRecordType.PASS: "gate_pass",
        HistoryRecordType.OVERRIDE_EVENT: "override_event",
    }.items()
}
"""Where the records stand of which the history tells."""

_ERASE = statement(
    select(
        func.erase_history_values(
            bindparam("user_id", type_=Uuid()),
            bindparam("by", type_=Text()),
            bindparam("why", type_=Text()),
        )
    )
)

_INSERT_EVENT = statement(
    insert(_E).values(
        institution_code=OWN,
        **{
            name: bindparam(name)
            for name in (
                "id",
                "at",
                "actor",
                "channel",
                "deed",
                "record_type",
                "record_id",
                "user_id",
                "fields",
            )
        },
    )
)
_INSERT_VALUE = statement(
    insert(_V).values(
        institution_code=OWN,
        event_id=bindparam("event_id"),
        before=bindparam("before"),
        after=bindparam("after"),
    )
)


def record(db: WriteDb, events: Sequence[HistoryEvent]) -> None:
    """Append events and, apart from them, the values before and after."""
    db.execute_many(_INSERT_EVENT, [_event_values(event) for event in events])
    db.execute_many(
        _INSERT_VALUE,
        [{"event_id": e.id, "before": _json(e.before), "after": _json(e.after)} for e in events],
    )


def events_page(
    db: ReadDb,
    *,
    record_type: HistoryRecordType,
    record_id: UUID,
    first: int,
    after: tuple[str, ...] | None,
) -> Page[HistoryEvent]:
    """The history of one record, newest first; of a user: everything about that user."""
    about_user = record_type is HistoryRecordType.USER
    values: dict[str, object] = {"record_id": record_id, "count": first + 1}
    if not about_user:
        values["record_type"] = record_type.value
    if after is not None:
        values |= {"after_id": UUID(after[0])}
    rows = db.rows(_page(about_user, after is not None), **values)
    items = [_event(row) for row in rows[:first]]
    keys = [(str(event.id),) for event in items]
    return Page(items, keys, has_more=len(rows) > first)


def event_by_id(db: ReadDb, event_id: UUID) -> HistoryEvent | None:
    """One event, or None."""
    row = db.row(_BY_ID, event_id=event_id)
    return None if row is None else _event(row)


def is_known(db: ReadDb, record_type: HistoryRecordType, record_id: UUID) -> bool:
    """Whether there is, or ever was, such a record at this institution."""
    return db.value(_is_known(record_type), record_id=record_id) is True


def erase_values(db: WriteDb, user_id: UUID, *, by: str, why: str) -> int:
    """Erase what was noted before and after every change about a user; how many values. The
    events stay, and so does a record of the erasure."""
    return int(str(db.value(_ERASE, user_id=user_id, by=by, why=why)))


def _events() -> Select[tuple[object, ...]]:
    columns = (
        _E.c.id,
        _E.c.at,
        _E.c.actor,
        _E.c.channel,
        _E.c.deed,
        _E.c.record_type,
        _E.c.record_id,
        _E.c.user_id,
        _V.c.event_id,
        _V.c.before,
        _V.c.after,
        _E.c.fields,
    )
    values = (_V.c.institution_code == _E.c.institution_code) & (_V.c.event_id == _E.c.id)
    query: Select[tuple[object, ...]] = select(*columns)
    return query.select_from(_E.outerjoin(_V, values)).where(own(_E))


_BY_ID = statement(_events().where(_E.c.id == bindparam("event_id")))


@lru_cache
def _page(about_user: bool, continued: bool) -> Statement:
    query = _events()
    if about_user:
        query = query.where(_E.c.user_id == bindparam("record_id"))
    else:
        query = query.where(
            _E.c.record_type == bindparam("record_type", type_=Text()),
            _E.c.record_id == bindparam("record_id"),
        )
    if continued:
        query = query.where(_E.c.seq < _place_of(bindparam("after_id", type_=Uuid())))
    return statement(query.order_by(_E.c.seq.desc()).limit(bindparam("count")))


def _place_of(event_id: ColumnElement[UUID]) -> ScalarSelect[int]:
    """Where an event stands. A cursor names the event and never its number: the numbers are
    given out for all institutions together, so their gaps would tell of the others."""
    last = _E.alias("last")
    return select(last.c.seq).where(own(last), last.c.id == event_id).scalar_subquery()


@lru_cache
def _is_known(record_type: HistoryRecordType) -> Statement:
    wanted = bindparam("record_id", type_=Uuid())
    told = select(_E.c.id).where(own(_E))
    known = [
        exists(told.where(_E.c.record_type == record_type.value, _E.c.record_id == wanted)),
    ]
    if record_type is HistoryRecordType.USER:
        known.append(exists(told.where(_E.c.user_id == wanted)))
    table = _TABLES.get(record_type)
    if table is not None:
        known.append(exists(select(table.c.id).where(own(table), table.c.id == wanted)))
    return statement(select(or_(*known)))


def _event_values(event: HistoryEvent) -> dict[str, object]:
    return {
        "id": event.id,
        "at": event.at,
        "actor": event.actor,
        "channel": event.channel.value,
        "deed": event.deed,
        "record_type": event.record_type.value,
        "record_id": event.record_id,
        "user_id": event.user_id,
        "fields": [change.field for change in field_changes(event.before, event.after)],
    }


def _json(snapshot: Mapping[str, object] | None) -> Jsonb | None:
    return None if snapshot is None else Jsonb(dict(snapshot))


def _event(row: TupleRow) -> HistoryEvent:
    return HistoryEvent(
        id=row[0],
        at=row[1],
        actor=row[2],
        channel=Channel(row[3]),
        deed=row[4],
        record_type=HistoryRecordType(row[5]),
        record_id=row[6],
        user_id=row[7],
        before=row[9],
        after=row[10],
        is_erased=row[8] is None,
        fields=tuple(row[11]),
    )
