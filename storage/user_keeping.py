"""Users' accounts as staff keep them: made and changed, with their identifiers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union,
    update,
)

from rules.name_keys import name_keys
from rules.users import User, UserIdentifier
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import user_account, user_identifier

_U, _I = user_account, user_identifier

_TEXTS = (
    "primary_id",
    "primary_id_key",
    "first_name",
    "last_name",
    "name_key",
    "first_name_key",
    "record_type",
    "account_type",
    "status",
    "preferred_language",
)
_VALUES = {name: bindparam(f"new_{name}", type_=Text()) for name in _TEXTS} | {
    "user_group_id": bindparam("new_user_group_id", type_=Uuid()),
    "expires_on": bindparam("new_expires_on", type_=Date()),
}
_INSERT = statement(
    insert(_U).values(
        institution_code=OWN, id=bindparam("id"), created_at=bindparam("created_at"), **_VALUES
    )
)
_CHANGE = statement(
    update(_U)
    .where(own(_U), _U.c.id == bindparam("user_id"))
    .values(version=_U.c.version + 1, **_VALUES)
)
_INSERT_IDENTIFIER = statement(
    insert(_I).values(
        institution_code=OWN,
        id=bindparam("id"),
        user_id=bindparam("user_id"),
        type_code=bindparam("type_code"),
        value=bindparam("value"),
        value_key=bindparam("value_key"),
    )
)
_DELETE_IDENTIFIERS = statement(delete(_I).where(own(_I), _I.c.user_id == bindparam("user_id")))

_HOLD = statement(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(literal("identifiers of ", Text()).concat(OWN), 0)
        )
    )
)
_OTHERS = bindparam("user_id", type_=Uuid())


def _any_of(name: str) -> ColumnElement[bool]:
    return any_(bindparam(name, type_=ARRAY(Text())))


_TAKEN = statement(
    union(
        select(_U.c.primary_id_key).where(
            own(_U), _U.c.primary_id_key == _any_of("keys"), _U.c.id != _OTHERS
        ),
        select(_I.c.value_key).where(
            own(_I), _I.c.value_key == _any_of("primary_keys"), _I.c.user_id != _OTHERS
        ),
    )
)
_TAKEN_EXACTLY = statement(
    select(_I.c.value).where(own(_I), _I.c.value == _any_of("values"), _I.c.user_id != _OTHERS)
)


def hold_identifiers(db: WriteDb) -> None:
    """Wait until nobody else is giving out identifiers of this institution, and keep others
    waiting until the transaction ends: what is free after this stays free. No constraint can say
    it, since primary identifiers and the others lie in two tables."""
    db.value(_HOLD)


def is_primary_id_taken(db: ReadDb, user_id: UUID, primary_id: str) -> bool:
    """Whether another user can be found by this text in any case, as the primary identifier is
    looked for: by the own primary identifier, or by any other."""
    key = [primary_id.casefold()]
    return bool(db.rows(_TAKEN, user_id=user_id, keys=key, primary_keys=key))


def taken_identifiers(db: ReadDb, user_id: UUID, values: Sequence[str]) -> frozenset[str]:
    """Those of the values that are another user's identifier to the letter, or another's primary
    identifier in any case."""
    keys = [value.casefold() for value in values]
    taken_keys = {r[0] for r in db.rows(_TAKEN, user_id=user_id, keys=keys, primary_keys=[])}
    exactly = {r[0] for r in db.rows(_TAKEN_EXACTLY, user_id=user_id, values=list(values))}
    return frozenset(v for v in values if v in exactly or v.casefold() in taken_keys)


def insert_user(db: WriteDb, user: User, *, created_at: datetime) -> None:
    """Store a new account."""
    db.execute(_INSERT, id=user.id, created_at=created_at, **_values(user))


def store_user(db: WriteDb, user: User) -> None:
    """Store a changed account that was locked before."""
    db.execute(_CHANGE, user_id=user.id, **_values(user))


def replace_identifiers(
    db: WriteDb, user_id: UUID, identifiers: Sequence[tuple[UUID, UserIdentifier]]
) -> None:
    """Give a user exactly these identifiers beside the primary one."""
    db.execute(_DELETE_IDENTIFIERS, user_id=user_id)
    db.execute_many(
        _INSERT_IDENTIFIER,
        [
            {
                "id": number,
                "user_id": user_id,
                "type_code": one.type_code,
                "value": one.value,
                "value_key": one.value.casefold(),
            }
            for number, one in identifiers
        ],
    )


def _values(user: User) -> dict[str, object]:
    by_last, by_first = name_keys(user.first_name, user.last_name)
    return {
        "new_primary_id": user.primary_id,
        "new_primary_id_key": user.primary_id.casefold(),
        "new_first_name": user.first_name,
        "new_last_name": user.last_name,
        "new_name_key": by_last,
        "new_first_name_key": by_first,
        "new_user_group_id": None if user.group is None else user.group.id,
        "new_record_type": user.record_type.value,
        "new_account_type": user.account_type.value,
        "new_status": user.status.value,
        "new_expires_on": user.expires_on,
        "new_preferred_language": user.preferred_language,
    }
