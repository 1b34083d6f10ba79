"""Institutions, read by themselves or, in a network scope, as the list of members; and the
libraries, desks and user groups of one."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import TupleRow
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from rules.institutions import CirculationDesk, Institution, Library
from rules.users import UserGroup
from storage.block_rows import uuid_of
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import circulation_desk, institution, library, user_group

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


def _libraries() -> Select[tuple[object, ...]]:
    """Each library with its desks as one array."""
    lib, desk = library, circulation_desk
    array = func.json_build_array(desk.c.id, desk.c.code, desk.c.name)
    desks = (
        select(func.json_agg(aggregate_order_by(array, desk.c.code)))
        .where(own(desk), desk.c.library_id == lib.c.id)
        .scalar_subquery()
    )
    return select(lib.c.id, lib.c.code, lib.c.name, lib.c.time_zone, desks).where(own(lib))


_LIBRARIES = statement(_libraries().order_by(library.c.code))
_LIBRARY_BY_ID = statement(_libraries().where(library.c.id == bindparam("library_id")))
_LIBRARY_OF_DESK = statement(
    _libraries().where(
        library.c.id
        == select(circulation_desk.c.library_id)
        .where(own(circulation_desk), circulation_desk.c.id == bindparam("desk_id"))
        .scalar_subquery()
    )
)
_G = user_group
_GROUPS = statement(select(_G.c.id, _G.c.code, _G.c.name).where(own(_G)).order_by(_G.c.code))
_GROUP_BY_ID = statement(
    select(_G.c.id, _G.c.code, _G.c.name).where(own(_G), _G.c.id == bindparam("group_id"))
)


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


def libraries(db: ReadDb) -> Sequence[Library]:
    """The libraries with their desks, by code."""
    return [_library(row) for row in db.rows(_LIBRARIES)]


def library_by_id(db: ReadDb, library_id: UUID) -> Library | None:
    """The library of an id with its desks, or None."""
    row = db.row(_LIBRARY_BY_ID, library_id=library_id)
    return None if row is None else _library(row)


def library_of_desk(db: ReadDb, desk_id: UUID) -> Library | None:
    """The library in which a desk stands, or None if there is no such desk."""
    row = db.row(_LIBRARY_OF_DESK, desk_id=desk_id)
    return None if row is None else _library(row)


def user_groups(db: ReadDb) -> Sequence[UserGroup]:
    """The user groups, by code."""
    return [_group(row) for row in db.rows(_GROUPS)]


def user_group_by_id(db: ReadDb, group_id: UUID) -> UserGroup | None:
    """The user group of an id, or None."""
    row = db.row(_GROUP_BY_ID, group_id=group_id)
    return None if row is None else _group(row)


def _library(row: TupleRow) -> Library:
    return Library(
        id=row[0],
        code=row[1],
        name=row[2],
        time_zone=row[3],
        desks=tuple(
            CirculationDesk(
                id=uuid_of(number), code=code, name=name, library_id=row[0], library_code=row[1]
            )
            for number, code, name in row[4] or ()
        ),
    )


def _group(row: TupleRow) -> UserGroup:
    return UserGroup(id=row[0], code=row[1], name=row[2])


def _institution(row: TupleRow) -> Institution:
    return Institution(
        code=row[0],
        name=row[1],
        time_zone=row[2],
        currency=row[3],
        languages=tuple(row[4]),
        version=row[5],
    )
