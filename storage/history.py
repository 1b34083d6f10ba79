"""History: events and their values are written in the transaction of the change, and read per
user or per record, or as what stood at an instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from sqlalchemy import DateTime, Text, bindparam, insert, select, tuple_

from rules.history import Channel, HistoryEvent, HistoryRecordType, field_changes
from rules.pages import Page
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, Statement, own, statement
from storage.tables import history_event, history_value

_E, _V = history_event, history_value

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
        values |= {"after_at": datetime.fromisoformat(after[0]), "after_id": UUID(after[1])}
    rows = db.rows(_page(about_user, after is not None), **values)
    items = [_event(row) for row in rows[:first]]
    keys = [(event.at.isoformat(), str(event.id)) for event in items]
    return Page(items, keys, has_more=len(rows) > first)


@lru_cache
def _page(about_user: bool, continued: bool) -> Statement:
    query = (
        select(
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
        )
        .select_from(
            _E.outerjoin(
                _V, (_V.c.institution_code == _E.c.institution_code) & (_V.c.event_id == _E.c.id)
            )
        )
        .where(own(_E))
    )
    if about_user:
        query = query.where(_E.c.user_id == bindparam("record_id"))
    else:
        query = query.where(
            _E.c.record_type == bindparam("record_type", type_=Text()),
            _E.c.record_id == bindparam("record_id"),
        )
    if continued:
        place = tuple_(bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id"))
        query = query.where(tuple_(_E.c.at, _E.c.id) < place)
    return statement(query.order_by(_E.c.at.desc(), _E.c.id.desc()).limit(bindparam("count")))


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
    )
