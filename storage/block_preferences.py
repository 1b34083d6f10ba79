"""The block preferences of an institution: what each computed reason stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, insert, select, update

from rules.block_tables import Overridable
from rules.gate import BlockPreference, ReasonCode
from storage.block_rows import actions_of, uuid_of
from storage.blocked_action_codes import action_names
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import block_preference

_P = block_preference

_ALL = statement(
    select(_P.c.id, _P.c.reason, _P.c.actions, _P.c.overridable, _P.c.version).where(own(_P))
)
_NEW_VALUES = {
    "actions": bindparam("new_actions", type_=ARRAY(Text())),
    "overridable": bindparam("new_overridable", type_=Text()),
}
_INSERT = statement(
    insert(_P).values(
        institution_code=OWN,
        id=bindparam("preference_id"),
        reason=bindparam("new_reason", type_=Text()),
        version=bindparam("new_version"),
        **_NEW_VALUES,
    )
)
_STORE = statement(
    update(_P)
    .where(own(_P), _P.c.id == bindparam("preference_id"))
    .values(version=_P.c.version + 1, **_NEW_VALUES)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPreference:
    """A row of the table, under the id by which the history knows it."""

    id: UUID
    preference: BlockPreference


def preferences(db: ReadDb) -> Mapping[ReasonCode, StoredPreference]:
    """The rows that the institution has; a reason without one goes by the preset."""
    found = [
        StoredPreference(
            id=uuid_of(row[0]),
            preference=BlockPreference(
                reason=ReasonCode(row[1]),
                actions=actions_of(row[2]),
                overridable=Overridable(row[3]),
                version=row[4],
            ),
        )
        for row in db.rows(_ALL)
    ]
    return {one.preference.reason: one for one in found}


def insert_preference(db: WriteDb, stored: StoredPreference) -> None:
    """Store the first row of a reason."""
    reason, version = stored.preference.reason.value, stored.preference.version
    db.execute(_INSERT, new_reason=reason, new_version=version, **_values(stored))


def store_preference(db: WriteDb, stored: StoredPreference) -> None:
    """Store a changed row, and count the change."""
    db.execute(_STORE, **_values(stored))


def _values(stored: StoredPreference) -> dict[str, object]:
    return {
        "preference_id": stored.id,
        "new_actions": action_names(stored.preference.actions),
        "new_overridable": stored.preference.overridable.value,
    }
