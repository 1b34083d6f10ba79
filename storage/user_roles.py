"""The roles of users at the institution, as its records have them: read, given, taken."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, bindparam, delete, insert, select, update

from rules.roles import Role, RoleGrant
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import library, user_account, user_role

_R, _U = user_role, user_account

_OF_PERSON = statement(
    select(_R.c.role, library.c.code, _R.c.expires_at)
    .select_from(
        _R.join(
            _U, (_U.c.institution_code == _R.c.institution_code) & (_U.c.id == _R.c.user_id)
        ).outerjoin(
            library,
            (library.c.institution_code == _R.c.institution_code)
            & (library.c.id == _R.c.library_id),
        )
    )
    .where(
        own(_R),
        own(_U),
        _U.c.primary_id_key == bindparam("subject", type_=Text()),
        _U.c.status == "ACTIVE",
    )
)


def roles_of_person(db: ReadDb, primary_id: str) -> Sequence[RoleGrant]:
    """The roles of the active user with this primary identifier; none if there is none."""
    rows = db.rows(_OF_PERSON, subject=primary_id.casefold())
    return [
        RoleGrant(role=Role(role), library_code=code, expires_at=expires_at)
        for role, code, expires_at in rows
    ]


_IS_SAME_LIBRARY = _R.c.library_id.is_not_distinct_from(bindparam("library_id", type_=Uuid()))
_HELD = statement(
    select(_R.c.id, _R.c.expires_at)
    .where(
        own(_R),
        _R.c.user_id == bindparam("user_id"),
        _R.c.role == bindparam("role", type_=Text()),
        _IS_SAME_LIBRARY,
    )
    .with_for_update()
)
_GIVE = statement(
    insert(_R).values(
        institution_code=OWN,
        id=bindparam("id"),
        user_id=bindparam("user_id"),
        role=bindparam("role"),
        library_id=bindparam("library_id"),
        expires_at=bindparam("expires_at"),
    )
)
_EXPIRE = statement(
    update(_R)
    .where(own(_R), _R.c.id == bindparam("role_id"))
    .values(expires_at=bindparam("new_expires_at", type_=DateTime(timezone=True)))
)
_TAKE = statement(delete(_R).where(own(_R), _R.c.id == bindparam("role_id")))


def held_role(
    db: WriteDb, user_id: UUID, role: Role, *, library_id: UUID | None
) -> tuple[UUID, datetime | None] | None:
    """The row by which a user holds a role at a library, or at all of them, and its expiry."""
    row = db.row(_HELD, user_id=user_id, role=role.value, library_id=library_id)
    return None if row is None else (row[0], row[1])


def insert_role(
    db: WriteDb, role_id: UUID, user_id: UUID, *, grant: RoleGrant, library_id: UUID | None
) -> None:
    """Give a user a role that the user does not hold there."""
    db.execute(
        _GIVE,
        id=role_id,
        user_id=user_id,
        role=grant.role.value,
        library_id=library_id,
        expires_at=grant.expires_at,
    )


def store_role_expiry(db: WriteDb, role_id: UUID, expires_at: datetime | None) -> None:
    """Let a role that is held end at another time."""
    db.execute(_EXPIRE, role_id=role_id, new_expires_at=expires_at)


def delete_role(db: WriteDb, role_id: UUID) -> None:
    """Take a role from a user."""
    db.execute(_TAKE, role_id=role_id)
