"""The roles of users at the institution, as its records have them."""

from collections.abc import Sequence

from sqlalchemy import Text, bindparam, select

from rules.roles import Role, RoleGrant
from storage.handles import ReadDb
from storage.statements import own, statement
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
