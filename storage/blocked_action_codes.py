"""The table from blocked-action codes to the actions that they stop."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, delete, insert, select, update

from rules.actions import Action, BlockedActionCode
from storage.block_rows import action_code_from
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import blocked_action_code

_A = blocked_action_code

_ALL = statement(
    select(_A.c.id, _A.c.code, _A.c.name, _A.c.actions, _A.c.version)
    .where(own(_A))
    .order_by(_A.c.code)
)
_WITH_ID = (own(_A), _A.c.id == bindparam("code_id"))
_NEW_VALUES = {
    "code": bindparam("new_code", type_=Text()),
    "name": bindparam("new_name", type_=Text()),
    "actions": bindparam("new_actions", type_=ARRAY(Text())),
}
_INSERT = statement(insert(_A).values(institution_code=OWN, id=bindparam("code_id"), **_NEW_VALUES))
_STORE = statement(update(_A).where(*_WITH_ID).values(version=_A.c.version + 1, **_NEW_VALUES))
_DELETE = statement(delete(_A).where(*_WITH_ID))


def action_codes(db: ReadDb) -> Sequence[BlockedActionCode]:
    """Every code, in the order of the codes."""
    return [action_code_from(row) for row in db.rows(_ALL)]


def insert_action_code(db: WriteDb, code: BlockedActionCode) -> None:
    """Store a new code."""
    db.execute(_INSERT, **_values(code))


def store_action_code(db: WriteDb, code: BlockedActionCode) -> None:
    """Store a changed code, and count the change."""
    db.execute(_STORE, **_values(code))


def delete_action_code(db: WriteDb, code_id: UUID) -> None:
    """Delete a code."""
    db.execute(_DELETE, code_id=code_id)


def action_names(actions: frozenset[Action]) -> list[str]:
    """A set of actions as it is stored, in the order of Action."""
    return [action.value for action in Action if action in actions]


def _values(code: BlockedActionCode) -> dict[str, object]:
    return {
        "code_id": code.id,
        "new_code": code.code,
        "new_name": code.name,
        "new_actions": action_names(code.actions),
    }
