"""Override events: appended in the transaction of the try, listed newest first."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from sqlalchemy import ColumnElement, DateTime, Select, Text, bindparam, insert, select, tuple_

from rules.actions import Action
from rules.block_tables import BlockType, Overridable
from rules.gate import ReasonCode
from rules.institutions import CirculationDesk
from rules.override_events import (
    EventReason,
    OverrideEvent,
    OverrideEventFilter,
    OverrideOutcome,
)
from rules.overrides import OverrideRefusal
from rules.pages import Page
from rules.roles import Role
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, Statement, own, statement
from storage.tables import circulation_desk, library, override_event, user_account

_E, _D, _L, _U = override_event, circulation_desk, library, user_account
_INSTANT = DateTime(timezone=True)

_INSERT = statement(
    insert(_E).values(
        institution_code=OWN,
        **{column.name: bindparam(column.name) for column in _E.c if column is not _E.c[0]},
    )
)

_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "since": _E.c.at >= bindparam("since", type_=_INSTANT),
    "until": _E.c.at < bindparam("until", type_=_INSTANT),
    "operator": _E.c.operator == bindparam("operator", type_=Text()),
    "desk_id": _E.c.desk_id == bindparam("desk_id"),
    "user_id": _E.c.user_id == bindparam("user_id"),
    "action": _E.c.action == bindparam("action", type_=Text()),
    "outcome": _E.c.outcome == bindparam("outcome", type_=Text()),
    "after": tuple_(_E.c.at, _E.c.id)
    < tuple_(bindparam("after_at", type_=_INSTANT), bindparam("after_id")),
}


def insert_event(db: WriteDb, event: OverrideEvent) -> None:
    """Append an event; nothing ever changes one."""
    desk = event.desk
    db.execute(
        _INSERT,
        id=event.id,
        at=event.at,
        outcome=event.outcome.value,
        refusal=None if event.refusal is None else event.refusal.value,
        operator=event.operator,
        roles=[role.value for role in event.roles],
        desk_id=None if desk is None else desk.id,
        library_id=None if desk is None else desk.library_id,
        user_id=event.user_id,
        action=event.action.value,
        item_barcode=event.item_barcode,
        reasons=Jsonb([_reason_json(reason) for reason in event.reasons]),
        why=event.why,
        pass_id=event.pass_id,
    )


def event_by_id(db: ReadDb, event_id: UUID) -> OverrideEvent | None:
    """The event of an id, or None."""
    row = db.row(_BY_ID, event_id=event_id)
    return None if row is None else _event(row)


def events_page(
    db: ReadDb, asked: OverrideEventFilter, *, first: int, after: tuple[str, ...] | None
) -> Page[OverrideEvent]:
    """Events that the filter admits, newest first."""
    values = _values(asked)
    conditions = frozenset(values)
    if after is not None:
        conditions |= {"after"}
        values |= {"after_at": datetime.fromisoformat(after[0]), "after_id": UUID(after[1])}
    rows = db.rows(_page(conditions), count=first + 1, **values)
    items = [_event(row) for row in rows[:first]]
    keys = [(event.at.isoformat(), str(event.id)) for event in items]
    return Page(items, keys, has_more=len(rows) > first)


def _events() -> Select[tuple[object, ...]]:
    """An event beside the names that still exist: desk, library and account may be gone."""
    code = _E.c.institution_code
    return (
        select(
            _E.c.id,
            _E.c.at,
            _E.c.outcome,
            _E.c.refusal,
            _E.c.operator,
            _E.c.roles,
            _E.c.user_id,
            _E.c.action,
            _E.c.item_barcode,
            _E.c.reasons,
            _E.c.why,
            _E.c.pass_id,
            _D.c.id,
            _D.c.code,
            _D.c.name,
            _L.c.id,
            _L.c.code,
            _L.c.name,
            _U.c.primary_id,
        )
        .select_from(
            _E.outerjoin(_D, (_D.c.institution_code == code) & (_D.c.id == _E.c.desk_id))
            .outerjoin(_L, (_L.c.institution_code == code) & (_L.c.id == _E.c.library_id))
            .outerjoin(_U, (_U.c.institution_code == code) & (_U.c.id == _E.c.user_id))
        )
        .where(own(_E))
    )


_BY_ID = statement(_events().where(_E.c.id == bindparam("event_id")))


@lru_cache(maxsize=256)
def _page(conditions: frozenset[str]) -> Statement:
    query = _events().where(*(_CONDITIONS[name] for name in sorted(conditions)))
    return statement(query.order_by(_E.c.at.desc(), _E.c.id.desc()).limit(bindparam("count")))


def _values(asked: OverrideEventFilter) -> dict[str, object]:
    values = {
        "since": asked.since,
        "until": asked.until,
        "operator": asked.operator,
        "desk_id": asked.desk_id,
        "user_id": asked.user_id,
        "action": None if asked.action is None else asked.action.value,
        "outcome": None if asked.outcome is None else asked.outcome.value,
    }
    return {name: value for name, value in values.items() if value is not None}


def _event(row: TupleRow) -> OverrideEvent:
    held = frozenset(row[5])
    desk = None
    if row[12] is not None:
        desk = CirculationDesk(
            id=row[12], code=row[13], name=row[14], library_id=row[15], library_code=row[16]
        )
    return OverrideEvent(
        id=row[0],
        at=row[1],
        outcome=OverrideOutcome(row[2]),
        refusal=None if row[3] is None else OverrideRefusal(row[3]),
        operator=row[4],
        roles=tuple(role for role in Role if role.value in held),
        desk=desk,
        library_name=row[17],
        user_id=row[6],
        user_primary_id=row[18],
        action=Action(row[7]),
        item_barcode=row[8],
        reasons=tuple(_reason(reason) for reason in row[9]),
        why=row[10],
        pass_id=row[11],
    )


def _reason_json(reason: EventReason) -> Mapping[str, object]:
    return {
        "code": reason.code.value,
        "record": None if reason.record_id is None else str(reason.record_id),
        "version": reason.version,
        "description_code": reason.description_code,
        "description": reason.description,
        "block_type": None if reason.block_type is None else reason.block_type.value,
        "overridable": reason.overridable.value,
        "sentence": reason.sentence,
        "is_in_the_way": reason.is_in_the_way,
    }


def _reason(row: Mapping[str, object]) -> EventReason:
    code, text = row["description_code"], row["description"]
    return EventReason(
        code=ReasonCode(row["code"]),
        record_id=None if row["record"] is None else UUID(str(row["record"])),
        version=int(str(row["version"])),
        description_code=None if code is None else str(code),
        description=None if text is None else str(text),
        block_type=None if row["block_type"] is None else BlockType(row["block_type"]),
        overridable=Overridable(row["overridable"]),
        sentence=str(row["sentence"]),
        is_in_the_way=row["is_in_the_way"] is True,
    )
