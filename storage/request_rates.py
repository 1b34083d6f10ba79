"""The shared count of operations: how many each principal has taken of its minute. The table is
machinery: it knows a principal by a hash only, and no institution's data."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow
from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from storage.statements import statement

# Apart from the institutions' tables: it is on the list of the machinery by its schema.
_R = Table(
    "request_rate",
    MetaData(schema="machinery"),
    Column("principal_hash", LargeBinary, primary_key=True),
    Column("minute", DateTime(timezone=True), primary_key=True),
    Column("taken", Integer),
)
_TAKEN = insert(_R).values(
    principal_hash=bindparam("principal_hash"),
    minute=bindparam("minute"),
    taken=bindparam("wanted"),
)
_TAKE = statement(
    _TAKEN.on_conflict_do_update(
        index_elements=[_R.c.principal_hash, _R.c.minute],
        set_={"taken": _R.c.taken + _TAKEN.excluded.taken},
        where=_R.c.taken < bindparam("most", type_=Integer()),
    ).returning(_R.c.taken)
)
_FORGET = statement(delete(_R).where(_R.c.minute < bindparam("before")))


def take(
    connection: Connection[TupleRow],
    principal_hash: bytes,
    *,
    minute: datetime,
    wanted: int,
    most: int,
) -> tuple[int, int]:
    """Take up to so many of what is left of a principal's minute, in one statement that is a
    transaction by itself: how many were granted, and how many are taken now by all."""
    row = connection.execute(
        _TAKE.text,
        {"principal_hash": principal_hash, "minute": minute, "wanted": wanted, "most": most},
    ).fetchone()
    if row is None:
        return 0, most
    taken = int(row[0])
    return wanted - max(0, taken - most), min(taken, most)


def forget_before(connection: Connection[TupleRow], before: datetime) -> int:
    """Delete the minutes that are over; how many rows."""
    return connection.execute(_FORGET.text, {"before": before}).rowcount
