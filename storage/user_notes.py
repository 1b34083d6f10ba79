"""Notes about users: stored, changed, taken away."""

from uuid import UUID

from sqlalchemy import Boolean, Text, bindparam, delete, func, insert, select, update

from rules.users import UserNote
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import user_note
from storage.user_parts import note_from

_N = user_note
_QUERY = select(
    _N.c.user_id,
    _N.c.id,
    _N.c.note,
    _N.c.is_patron_visible,
    _N.c.is_popup,
    _N.c.created_by,
    _N.c.created_at,
    _N.c.version,
).where(own(_N), _N.c.id == bindparam("note_id"))
_READ = statement(_QUERY)
_READ_LOCKED = statement(_QUERY.with_for_update())
_COUNT = statement(
    select(func.count()).select_from(_N).where(own(_N), _N.c.user_id == bindparam("user_id"))
)
_INSERT = statement(
    insert(_N).values(
        institution_code=OWN,
        id=bindparam("id"),
        user_id=bindparam("user_id"),
        note=bindparam("note"),
        is_patron_visible=bindparam("is_patron_visible"),
        is_popup=bindparam("is_popup"),
        created_by=bindparam("created_by"),
        created_at=bindparam("created_at"),
    )
)
_CHANGE = statement(
    update(_N)
    .where(own(_N), _N.c.id == bindparam("note_id"))
    .values(
        note=bindparam("new_note", type_=Text()),
        is_patron_visible=bindparam("new_is_patron_visible", type_=Boolean()),
        is_popup=bindparam("new_is_popup", type_=Boolean()),
        version=_N.c.version + 1,
    )
)
_DELETE = statement(delete(_N).where(own(_N), _N.c.id == bindparam("note_id")))


def note_by_id(db: ReadDb, note_id: UUID) -> tuple[UUID, UserNote] | None:
    """The user a note is about, and the note; or None."""
    row = db.row(_READ, note_id=note_id)
    return None if row is None else (row[0], note_from(row[1:]))


def note_for_change(db: WriteDb, note_id: UUID) -> tuple[UUID, UserNote] | None:
    """The same, locked until the transaction ends."""
    row = db.row(_READ_LOCKED, note_id=note_id)
    return None if row is None else (row[0], note_from(row[1:]))


def note_count(db: ReadDb, user_id: UUID) -> int:
    """How many notes there are about a user."""
    return int(str(db.value(_COUNT, user_id=user_id)))


def insert_note(db: WriteDb, user_id: UUID, note: UserNote) -> None:
    """Store a new note."""
    db.execute(
        _INSERT,
        id=note.id,
        user_id=user_id,
        note=note.text,
        is_patron_visible=note.is_patron_visible,
        is_popup=note.is_popup,
        created_by=note.created_by,
        created_at=note.created_at,
    )


def store_note(db: WriteDb, note: UserNote) -> None:
    """Store a changed note that was locked before."""
    db.execute(
        _CHANGE,
        note_id=note.id,
        new_note=note.text,
        new_is_patron_visible=note.is_patron_visible,
        new_is_popup=note.is_popup,
    )


def delete_note(db: WriteDb, note_id: UUID) -> None:
    """Take a note away; the history keeps it."""
    db.execute(_DELETE, note_id=note_id)
