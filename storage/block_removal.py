"""Users - Remove Blocks, one batch: removal, history, job records and counters in one statement.

The last part compares the lease: where it is no longer this worker's, no row comes back, and the
caller undoes the whole batch.
"""

from datetime import datetime

from sqlalchemy import (
    CTE,
    ClauseElement,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    bindparam,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from rules.history import Channel, HistoryRecordType
from rules.job_reports import Hold
from storage.handles import WriteDb
from storage.statements import OWN, own, statement
from storage.tables import (
    block_description,
    history_event,
    history_value,
    job_record,
    job_report,
    user_block,
)

COUNTER = "removed"
_B, _D, _J = user_block, block_description, job_report
_NOW = bindparam("now", type_=DateTime(timezone=True))
_ACTOR = bindparam("actor", type_=Text())
_REASON = bindparam("reason", type_=Text())
_CHANGED = ["removal_reason", "removed_at", "removed_by", "version"]


def remove_expired_batch(
    db: WriteDb, hold: Hold, *, now: datetime, actor: str, size: int
) -> int | None:
    """Remove up to `size` blocks whose expiry has passed; how many, or None if the lease is
    another's by now."""
    removed = db.value(
        _BATCH,
        report_id=hold.report_id,
        seen_lease=hold.lease,
        now=now,
        until=hold.until,
        actor=actor,
        reason="The expiry date has passed.",
        size=size,
    )
    return None if removed is None else int(str(removed))


def _due() -> CTE:
    return (
        select(_B.c.id)
        .where(own(_B), _B.c.removed_at.is_(None), _B.c.expires_at <= _NOW)
        .order_by(_B.c.expires_at, _B.c.id)
        .limit(bindparam("size", type_=Integer()))
        .with_for_update(skip_locked=True)
        .cte("due")
    )


def _removed(due: CTE) -> CTE:
    return (
        update(_B)
        .where(own(_B), _B.c.id == due.c.id)
        .values(
            removed_at=_NOW, removed_by=_ACTOR, removal_reason=_REASON, version=_B.c.version + 1
        )
        .returning(
            _B.c.id,
            _B.c.user_id,
            func.uuid_v7().label("event_id"),
            _snapshot().label("after"),
        )
        .cte("removed")
    )


def _snapshot() -> ColumnElement[object]:
    """The same fields as rules.snapshots.block_snapshot; a test holds the two together."""
    described = {
        name: select(column).where(own(_D), _D.c.id == _B.c.description_id).scalar_subquery()
        for name, column in (("description_code", _D.c.code), ("description_text", _D.c.text))
    }
    plain = (
        "description_id",
        "block_type",
        "status",
        "expires_at",
        "staff_note",
        "patron_text",
        "origin",
        "segment",
        "created_by",
        "created_at",
        "version",
        "removed_at",
        "removed_by",
        "removal_reason",
    )
    pairs: list[object] = []
    for name in plain:
        column = _B.c[name]
        value = _instant(column) if isinstance(column.type, DateTime) else column
        pairs += [literal_column(f"'{name}'"), value]
    for name, query in described.items():
        pairs += [literal_column(f"'{name}'"), query]
    built: ColumnElement[object] = func.jsonb_build_object(*pairs)
    return built


def _instant(column: ColumnElement[datetime]) -> ColumnElement[str]:
    """An instant as Python writes one: six digits after the second, or none where it is whole."""
    utc = func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US')
    text: ColumnElement[str] = func.replace(utc, ".000000", "").concat("+00:00")
    return text


def _events(removed: CTE) -> CTE:
    columns = {
        "institution_code": OWN,
        "id": removed.c.event_id,
        "at": _NOW,
        "actor": _ACTOR,
        "channel": literal(Channel.JOB.value),
        "deed": literal("user_block.remove"),
        "record_type": literal(HistoryRecordType.USER_BLOCK.value),
        "record_id": removed.c.id,
        "user_id": removed.c.user_id,
        "fields": bindparam("changed", value=_CHANGED, type_=ARRAY(Text())),
    }
    source = select(*(column.label(name) for name, column in columns.items())).select_from(removed)
    return (
        insert(history_event)
        .from_select(list(columns), source)
        .returning(history_event.c.id)
        .cte("events")
    )


def _values(removed: CTE) -> CTE:
    undone = func.jsonb_build_object(
        literal_column("'removed_at'"),
        null(),
        literal_column("'removed_by'"),
        null(),
        literal_column("'removal_reason'"),
        null(),
        literal_column("'version'"),
        removed.c.after.op("->")(literal_column("'version'")).cast(Integer) - 1,
    )
    columns = {
        "institution_code": OWN,
        "event_id": removed.c.event_id,
        "before": removed.c.after.op("||", return_type=JSONB())(undone),
        "after": removed.c.after,
    }
    source = select(*(column.label(name) for name, column in columns.items())).select_from(removed)
    return (
        insert(history_value)
        .from_select(list(columns), source)
        .returning(history_value.c.event_id)
        .cte("kept")
    )


def _records(removed: CTE) -> CTE:
    columns = {
        "institution_code": OWN,
        "id": func.uuid_v7(),
        "report_id": bindparam("report_id"),
        "counter": literal(COUNTER),
        "record_type": literal(HistoryRecordType.USER_BLOCK.value),
        "record_id": removed.c.id,
    }
    source = select(*(column.label(name) for name, column in columns.items())).select_from(removed)
    return (
        insert(job_record)
        .from_select(list(columns), source)
        .returning(job_record.c.id)
        .cte("records")
    )


def _batch() -> ClauseElement:
    removed = _removed(_due())
    count = select(func.count()).select_from(removed).scalar_subquery()
    return (
        update(_J)
        .where(
            own(_J),
            _J.c.id == bindparam("report_id"),
            _J.c.lease == bindparam("seen_lease"),
            _J.c.status == "RUNNING",
        )
        .values(
            examined=_J.c.examined + count,
            removed=_J.c.removed + count,
            leased_until=bindparam("until", type_=DateTime(timezone=True)),
        )
        .returning(count)
        .add_cte(_events(removed), _values(removed), _records(removed))
    )


_BATCH = statement(_batch())
