"""Institutions, read by themselves or, in a network scope, as the list of members."""

from collections.abc import Sequence

from psycopg.rows import TupleRow
from sqlalchemy import select

from rules.institutions import Institution
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import institution

_I = institution
_COLUMNS = (
    _I.c.institution_code,
    _I.c.name,
    _I.c.time_zone,
    _I.c.currency,
    _I.c.languages,
    _I.c.version,
)
_OWN = statement(select(*_COLUMNS).where(own(_I)))
_MEMBERS = statement(select(*_COLUMNS).order_by(_I.c.institution_code))


def own_institution(db: ReadDb) -> Institution | None:
    """The institution of the scope, or None if the network has none of that code."""
    row = db.row(_OWN)
    return None if row is None else _institution(row)


def time_zone(db: ReadDb) -> str:
    """The IANA name of the institution's time zone."""
    found = own_institution(db)
    if found is None:
        message = "The institution of this scope does not exist."
        raise LookupError(message)
    return found.time_zone


def members(db: ReadDb) -> Sequence[Institution]:
    """Every institution of the network; in a network scope only."""
    return [_institution(row) for row in db.rows(_MEMBERS)]


def _institution(row: TupleRow) -> Institution:
    return Institution(
        code=row[0],
        name=row[1],
        time_zone=row[2],
        currency=row[3],
        languages=tuple(row[4]),
        version=row[5],
    )
