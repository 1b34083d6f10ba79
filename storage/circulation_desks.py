"""Circulation desks, where staff meet patrons."""

from uuid import UUID

from sqlalchemy import bindparam, select

from rules.institutions import CirculationDesk
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import circulation_desk, library
from storage.user_parts import desk_from

_D = circulation_desk

_BY_ID = statement(
    select(_D.c.id, _D.c.code, _D.c.name, _D.c.library_id, library.c.code)
    .select_from(
        _D.join(
            library,
            (library.c.institution_code == _D.c.institution_code)
            & (library.c.id == _D.c.library_id),
        )
    )
    .where(own(_D, library), _D.c.id == bindparam("desk_id"))
)


def desk_by_id(db: ReadDb, desk_id: UUID) -> CirculationDesk | None:
    """The desk of an id, or None."""
    row = db.row(_BY_ID, desk_id=desk_id)
    return None if row is None else desk_from(row)
