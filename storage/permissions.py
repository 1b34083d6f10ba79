"""The named permissions that an institution gives to roles and to persons."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import TupleRow
from sqlalchemy import ColumnElement, Text, Uuid, any_, bindparam, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from rules.roles import Permission, PermissionGrant, Role
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import permission_grant, user_account

_G = permission_grant


def _goes_to_person() -> ColumnElement[bool]:
    """Granted to one of the person's roles, or to the person."""
    return or_(
        _G.c.role == any_(bindparam("roles", type_=ARRAY(Text()))),
        _G.c.user_id.in_(
            select(user_account.c.id).where(
                own(user_account),
                user_account.c.primary_id_key == bindparam("subject", type_=Text()),
            )
        ),
    )


_IS_GRANTED = statement(
    select(
        exists(
            select(_G.c.id).where(
                own(_G),
                _G.c.permission == bindparam("permission", type_=Text()),
                _goes_to_person(),
            )
        )
    )
)
_HELD = statement(select(_G.c.permission).where(own(_G), _goes_to_person()))
_GRANTS = select(_G.c.id, _G.c.permission, _G.c.role, _G.c.user_id).where(own(_G))
_ALL = statement(_GRANTS.order_by(_G.c.permission, _G.c.role, _G.c.id))
_BY_ID = statement(_GRANTS.where(_G.c.id == bindparam("grant_id")))
_OF_HOLDER = statement(
    _GRANTS.where(
        _G.c.permission == bindparam("permission", type_=Text()),
        _G.c.role.is_not_distinct_from(bindparam("role", type_=Text())),
        _G.c.user_id.is_not_distinct_from(bindparam("user_id", type_=Uuid())),
    )
)
_GIVE = statement(
    insert(_G)
    .values(
        institution_code=OWN,
        id=bindparam("id"),
        permission=bindparam("permission"),
        role=bindparam("role"),
        user_id=bindparam("user_id"),
    )
    .on_conflict_do_nothing()
)
_TAKE = statement(delete(_G).where(own(_G), _G.c.id == bindparam("grant_id")))


def is_granted(db: ReadDb, permission: Permission, roles: frozenset[Role], subject: str) -> bool:
    """Whether a permission was given to one of the roles, or to the person of that id."""
    granted = db.value(
        _IS_GRANTED,
        permission=permission.value,
        roles=[role.value for role in roles],
        subject=subject.casefold(),
    )
    return granted is True


def held_permissions(db: ReadDb, roles: frozenset[Role], subject: str) -> frozenset[Permission]:
    """Every permission that was given to one of the roles, or to the person of that id."""
    rows = db.rows(_HELD, roles=[role.value for role in roles], subject=subject.casefold())
    return frozenset(Permission(row[0]) for row in rows)


def grants(db: ReadDb) -> Sequence[PermissionGrant]:
    """Every grant of the institution, by permission; those to roles before those to persons."""
    return [_grant(row) for row in db.rows(_ALL)]


def grant_by_id(db: ReadDb, grant_id: UUID) -> PermissionGrant | None:
    """The grant of an id, or None."""
    row = db.row(_BY_ID, grant_id=grant_id)
    return None if row is None else _grant(row)


def grant_to(
    db: ReadDb, permission: Permission, *, role: Role | None, user_id: UUID | None
) -> PermissionGrant | None:
    """The grant of a permission to exactly this role or person, or None."""
    row = db.row(_OF_HOLDER, permission=permission.value, role=role and role.value, user_id=user_id)
    return None if row is None else _grant(row)


def insert_grant(db: WriteDb, grant: PermissionGrant) -> bool:
    """Give a permission; False if it was given already."""
    given = db.execute(
        _GIVE,
        id=grant.id,
        permission=grant.permission.value,
        role=grant.role and grant.role.value,
        user_id=grant.user_id,
    )
    return given == 1


def delete_grant(db: WriteDb, grant_id: UUID) -> bool:
    """Take a permission; False if it was taken already."""
    return db.execute(_TAKE, grant_id=grant_id) == 1


def _grant(row: TupleRow) -> PermissionGrant:
    return PermissionGrant(
        id=row[0],
        permission=Permission(row[1]),
        role=None if row[2] is None else Role(row[2]),
        user_id=row[3],
    )
