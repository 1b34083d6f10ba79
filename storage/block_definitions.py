"""The block definitions of an institution, each with its description and blocked action."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, insert, select, update

from rules.block_tables import BlockDefinition
from storage.block_rows import definition_from, description_from
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import block_definition, block_description, blocked_action_code

_F, _D, _A = block_definition, block_description, blocked_action_code

_COLUMNS = (
    _D.c.id,
    _D.c.code,
    _D.c.text,
    _D.c.is_enabled,
    _D.c.is_default,
    _D.c.position,
    _D.c.version,
    _F.c.id,
    _F.c.row_id,
    _F.c.block_type,
    _F.c.overridable,
    _F.c.is_network_block,
    _F.c.version,
    _A.c.id,
    _A.c.code,
    _A.c.name,
    _A.c.actions,
    _A.c.version,
)

_QUERY = (
    select(*_COLUMNS)
    .select_from(
        _F.join(
            _D, (_D.c.institution_code == _F.c.institution_code) & (_D.c.id == _F.c.description_id)
        ).join(
            _A,
            (_A.c.institution_code == _F.c.institution_code)
            & (_A.c.id == _F.c.blocked_action_code_id),
        )
    )
    .where(own(_F))
)
_ALL = statement(_QUERY.order_by(_D.c.position, _F.c.row_id))
_BY_DESCRIPTION = statement(
    _QUERY.where(_D.c.id == bindparam("description_id")).with_for_update(read=True, of=_F)
)

_WITH_ID = (own(_F), _F.c.id == bindparam("definition_id"))
_LOCK = statement(select(_F.c.id).where(*_WITH_ID).with_for_update())
_LOCK_ALL = statement(select(_F.c.id).where(own(_F)).order_by(_F.c.id).with_for_update())
_NEW_VALUES = {
    "description_id": bindparam("new_description_id"),
    "description_code": bindparam("new_description_code", type_=Text()),
    "blocked_action_code_id": bindparam("new_blocked_action_code_id"),
    "block_type": bindparam("new_block_type", type_=Text()),
    "overridable": bindparam("new_overridable", type_=Text()),
    "is_network_block": bindparam("new_is_network_block"),
}
_INSERT = statement(
    insert(_F).values(
        institution_code=OWN,
        id=bindparam("definition_id"),
        row_id=bindparam("new_row_id", type_=Text()),
        version=bindparam("new_version"),
        **_NEW_VALUES,
    )
)
_STORE = statement(update(_F).where(*_WITH_ID).values(version=_F.c.version + 1, **_NEW_VALUES))
_DELETE = statement(delete(_F).where(*_WITH_ID))


def definitions(db: ReadDb) -> Sequence[BlockDefinition]:
    """Every definition, in the order of the descriptions."""
    return [definition_from(row[7:], description_from(row)) for row in db.rows(_ALL)]


def definition_for_block(db: ReadDb, description_id: UUID) -> BlockDefinition | None:
    """The definition of a description, held in place until the transaction ends, so that it
    cannot be deleted under a block that is being made."""
    row = db.row(_BY_DESCRIPTION, description_id=description_id)
    return None if row is None else definition_from(row[7:], description_from(row))


def lock_definition(db: WriteDb, definition_id: UUID) -> None:
    """Wait for blocks that are being added with it, and let nobody begin another."""
    db.row(_LOCK, definition_id=definition_id)


def lock_definitions(db: WriteDb) -> None:
    """The same for all of them."""
    db.rows(_LOCK_ALL)


def insert_definitions(db: WriteDb, added: Iterable[BlockDefinition]) -> None:
    """Store new definitions."""
    db.execute_many(
        _INSERT,
        [_values(one) | {"new_row_id": one.row_id, "new_version": one.version} for one in added],
    )


def store_definitions(db: WriteDb, changed: Iterable[BlockDefinition]) -> None:
    """Store everything but the ID column, which never changes, and count the change."""
    db.execute_many(_STORE, [_values(one) for one in changed])


def delete_definitions(db: WriteDb, deleted: Iterable[BlockDefinition]) -> None:
    """Delete definitions."""
    db.execute_many(_DELETE, [{"definition_id": one.id} for one in deleted])


def _values(definition: BlockDefinition) -> dict[str, object]:
    return {
        "definition_id": definition.id,
        "new_description_id": definition.description.id,
        "new_description_code": definition.description.code,
        "new_blocked_action_code_id": definition.blocked_action.id,
        "new_block_type": definition.block_type.value,
        "new_overridable": definition.overridable.value,
        "new_is_network_block": definition.is_network_block,
    }
