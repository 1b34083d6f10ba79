"""Files that somebody sent and that wait for the mutation which uses them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, insert, select

from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import upload

KEPT = timedelta(hours=24)
KEPT_A_PERSON = 5

_U = upload

_INSERT = statement(
    insert(_U).values(
        institution_code=OWN,
        **{name: bindparam(name) for name in ("id", "uploaded_by", "uploaded_at", "file_name")},
        content=bindparam("content"),
    )
)
_CONTENT = statement(
    select(_U.c.content).where(
        own(_U),
        _U.c.id == bindparam("upload_id"),
        _U.c.uploaded_by == bindparam("person", type_=Text()),
    )
)
_DELETE = statement(delete(_U).where(own(_U), _U.c.id == bindparam("upload_id")))
_DELETE_OLD = statement(delete(_U).where(own(_U), _U.c.uploaded_at < bindparam("kept_since")))
_LATER = (
    select(_U.c.id)
    .where(own(_U), _U.c.uploaded_by == bindparam("person", type_=Text()))
    .order_by(_U.c.uploaded_at.desc(), _U.c.id.desc())
    .limit(KEPT_A_PERSON)
    .scalar_subquery()
)
_DELETE_SURPLUS = statement(
    delete(_U).where(
        own(_U), _U.c.uploaded_by == bindparam("person", type_=Text()), _U.c.id.not_in(_LATER)
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came."""

    id: UUID
    uploaded_by: str
    uploaded_at: datetime
    file_name: str
    content: bytes


def insert_upload(db: WriteDb, file: Upload) -> None:
    """Keep a file. What nobody used for a day goes, and so does what is more than a person can
    have waiting."""
    db.execute(
        _INSERT,
        id=file.id,
        uploaded_by=file.uploaded_by,
        uploaded_at=file.uploaded_at,
        file_name=file.file_name,
        content=file.content,
    )
    db.execute(_DELETE_OLD, kept_since=file.uploaded_at - KEPT)
    db.execute(_DELETE_SURPLUS, person=file.uploaded_by)


def upload_content(db: ReadDb, upload_id: UUID, person: str) -> bytes | None:
    """What a person's own upload contains; another person's is not found."""
    content = db.value(_CONTENT, upload_id=upload_id, person=person)
    return None if content is None else bytes(content) if isinstance(content, bytes) else None


def delete_upload(db: WriteDb, upload_id: UUID) -> None:
    """A file that was used goes."""
    db.execute(_DELETE, upload_id=upload_id)
