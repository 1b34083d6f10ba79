"""The block definitions of an institution, each with its description and blocked action."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from rules.block_tables import BlockDefinition
from storage.block_rows import definition_from, description_from
from storage.handles import ReadDb
from storage.statements import own, statement
from storage.tables import block_definition, block_description, blocked_action_code

_F, _D, _A = block_definition, block_description, blocked_action_code

_COLUMNS = (
    _D.c.id,
    _D.c.code,
    _D.c.text,
    _D.c.is_enabled,
    _D.c.is_default,
    _D.c.position,
    _F.c.id,
    _F.c.row_id,
    _F.c.block_type,
    _F.c.overridable,
    _F.c.is_network_block,
    _A.c.id,
    _A.c.code,
    _A.c.name,
    _A.c.actions,
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
    _QUERY.where(_D.c.id == bindparam("description_id")).with_for_update(read=True)
)


def definitions(db: ReadDb) -> Sequence[BlockDefinition]:
    """Every definition, in the order of the descriptions."""
    return [definition_from(row[6:], description_from(row)) for row in db.rows(_ALL)]


def definition_for_block(db: ReadDb, description_id: UUID) -> BlockDefinition | None:
    """The definition of a description, held in place until the transaction ends, so that it
    cannot be deleted under a block that is being made."""
    row = db.row(_BY_DESCRIPTION, description_id=description_id)
    return None if row is None else definition_from(row[6:], description_from(row))
