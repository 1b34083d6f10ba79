"""Passes of the gate: issued, read, and consumed exactly once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import DateTime, Text, bindparam, insert, select, update

from rules.actions import Action
from rules.gate import ReasonCode
from rules.overrides import AnsweredReason
from rules.passes import Pass
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import gate_pass

_P = gate_pass
_INSTANT = DateTime(timezone=True)

_INSERT = statement(
    insert(_P).values(
        institution_code=OWN,
        **{
            name: bindparam(name)
            for name in (
                "id",
                "user_id",
                "action",
                "item_barcode",
                "desk_id",
                "issued_to",
                "issued_at",
                "expires_at",
                "rests_on",
            )
        },
    )
)
_BY_ID = statement(
    select(
        _P.c.id,
        _P.c.user_id,
        _P.c.action,
        _P.c.item_barcode,
        _P.c.desk_id,
        _P.c.issued_to,
        _P.c.issued_at,
        _P.c.expires_at,
        _P.c.consumed_at,
        _P.c.rests_on,
    ).where(own(_P), _P.c.id == bindparam("pass_id"))
)
_CONSUME = statement(
    update(_P)
    .where(
        own(_P),
        _P.c.id == bindparam("pass_id"),
        _P.c.consumed_at.is_(None),
        _P.c.expires_at > bindparam("now", type_=_INSTANT),
    )
    .values(
        consumed_at=bindparam("now", type_=_INSTANT),
        consumed_by=bindparam("new_consumed_by", type_=Text()),
    )
)


def insert_pass(db: WriteDb, issued: Pass) -> None:
    """Store a new pass."""
    db.execute(
        _INSERT,
        id=issued.id,
        user_id=issued.user_id,
        action=issued.action.value,
        item_barcode=issued.item_barcode,
        desk_id=issued.desk_id,
        issued_to=issued.issued_to,
        issued_at=issued.issued_at,
        expires_at=issued.expires_at,
        rests_on=Jsonb([_answer_json(answer) for answer in issued.rests_on]),
    )


def pass_by_id(db: ReadDb, pass_id: UUID) -> Pass | None:
    """The pass of an id, used or not, or None."""
    row = db.row(_BY_ID, pass_id=pass_id)
    if row is None:
        return None
    return Pass(
        id=row[0],
        user_id=row[1],
        action=Action(row[2]),
        item_barcode=row[3],
        desk_id=row[4],
        issued_to=row[5],
        issued_at=row[6],
        expires_at=row[7],
        consumed_at=row[8],
        rests_on=tuple(_answer(answer) for answer in row[9]),
    )


def consume(db: WriteDb, pass_id: UUID, *, now: datetime, by: str) -> bool:
    """Use up a pass that is unused and not past its time; False for any other. Of several at
    once one succeeds: the others wait for its row, and then find it used."""
    return db.execute(_CONSUME, pass_id=pass_id, now=now, new_consumed_by=by) == 1


def _answer_json(answer: AnsweredReason) -> Mapping[str, object]:
    return {
        "code": answer.code.value,
        "record": None if answer.record_id is None else str(answer.record_id),
        "version": answer.version,
    }


def _answer(row: Mapping[str, object]) -> AnsweredReason:
    return AnsweredReason(
        code=ReasonCode(row["code"]),
        record_id=None if row["record"] is None else UUID(str(row["record"])),
        version=int(str(row["version"])),
    )
