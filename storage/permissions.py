"""The named permissions that an institution gives to roles and to persons."""

from sqlalchemy import Text, any_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from rules.roles import Permission, Role
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import permission_grant, user_account

_G = permission_grant

_IS_GRANTED = statement(
    select(
        exists(
            select(_G.c.id).where(
                own(_G),
                _G.c.permission == bindparam("permission", type_=Text()),
                or_(
                    _G.c.role == any_(bindparam("roles", type_=ARRAY(Text()))),
                    _G.c.user_id.in_(
                        select(user_account.c.id).where(
                            own(user_account),
                            user_account.c.primary_id_key == bindparam("subject", type_=Text()),
                        )
                    ),
                ),
            )
        )
    )
)


def is_granted(db: ReadDb, permission: Permission, roles: frozenset[Role], subject: str) -> bool:
    """Whether a permission was given to one of the roles, or to the person of that id."""
    granted = db.value(
        _IS_GRANTED,
        permission=permission.value,
        roles=[role.value for role in roles],
        subject=subject.casefold(),
    )
    return granted is True
