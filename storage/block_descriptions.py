"""The block descriptions of an institution, in their order."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Integer, Text, bindparam, delete, func, insert, select, update

from rules.block_tables import BlockDescription
from storage.block_rows import description_from, uuid_of
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import block_description, user_block

_D, _B = block_description, user_block

_QUERY = select(
    _D.c.id, _D.c.code, _D.c.text, _D.c.is_enabled, _D.c.is_default, _D.c.position, _D.c.version
).where(own(_D))
_ALL = statement(_QUERY.order_by(_D.c.position))
_ENABLED = statement(_QUERY.where(_D.c.is_enabled).order_by(_D.c.position))

_WITH_ID = (own(_D), _D.c.id == bindparam("row_id"))
_LOCK = statement(select(_D.c.id).where(*_WITH_ID).with_for_update())

_INSERT = statement(
    insert(_D).values(
        institution_code=OWN,
        id=bindparam("row_id"),
        code=bindparam("new_code", type_=Text()),
        text=bindparam("new_text", type_=Text()),
        is_enabled=bindparam("new_is_enabled"),
        is_default=bindparam("new_is_default"),
        position=bindparam("new_position", type_=Integer()),
    )
)
_STORE = statement(
    update(_D)
    .where(*_WITH_ID)
    .values(
        code=bindparam("new_code", type_=Text()),
        text=bindparam("new_text", type_=Text()),
        is_enabled=bindparam("new_is_enabled"),
        is_default=bindparam("new_is_default"),
        version=_D.c.version + 1,
    )
)
_PLACE = statement(
    update(_D).where(*_WITH_ID).values(position=bindparam("new_position", type_=Integer()))
)
_NO_DEFAULT = statement(
    update(_D).where(own(_D), _D.c.is_default).values(is_default=False, version=_D.c.version + 1)
)
_DELETE = statement(delete(_D).where(*_WITH_ID))
_CLOSE_GAP = statement(
    update(_D)
    .where(own(_D), _D.c.position > bindparam("gap", type_=Integer()))
    .values(position=_D.c.position - 1)
)

_LIVE_COUNTS = (
    select(_B.c.live_description_id, func.count())
    .where(own(_B), _B.c.removed_at.is_(None))
    .group_by(_B.c.live_description_id)
)
_EACH_LIVE_COUNT = statement(_LIVE_COUNTS)
_LIVE_COUNT = statement(
    select(func.count())
    .select_from(_B)
    .where(
        own(_B), _B.c.removed_at.is_(None), _B.c.live_description_id == bindparam("description_id")
    )
)


def descriptions(db: ReadDb, *, enabled_only: bool = False) -> Sequence[BlockDescription]:
    """The descriptions in their order; those that are offered for new blocks, or all."""
    return [description_from(row) for row in db.rows(_ENABLED if enabled_only else _ALL)]


def live_block_count(db: ReadDb, description_id: UUID) -> int:
    """How many blocks of a description users have that were not removed."""
    return int(str(db.value(_LIVE_COUNT, description_id=description_id)))


def live_block_counts(db: ReadDb) -> Mapping[UUID, int]:
    """The same for each description that has any."""
    return {uuid_of(row[0]): row[1] for row in db.rows(_EACH_LIVE_COUNT)}


def lock_description(db: WriteDb, description_id: UUID) -> None:
    """Wait for blocks that are being added with it, and let nobody begin another."""
    db.row(_LOCK, row_id=description_id)


def insert_descriptions(db: WriteDb, added: Iterable[BlockDescription]) -> None:
    """Store new descriptions at their positions."""
    db.execute_many(_INSERT, [_values(one) | {"new_position": one.position} for one in added])


def store_descriptions(db: WriteDb, changed: Iterable[BlockDescription]) -> None:
    """Store everything but positions, and count the change. Of two that exchange the default,
    the old one must come first."""
    db.execute_many(_STORE, [_values(one) for one in changed])


def store_positions(db: WriteDb, moved: Iterable[BlockDescription]) -> None:
    """Store positions alone."""
    db.execute_many(_PLACE, [{"row_id": one.id, "new_position": one.position} for one in moved])


def clear_default(db: WriteDb) -> None:
    """No description is the default."""
    db.execute(_NO_DEFAULT)


def delete_description(db: WriteDb, description: BlockDescription) -> None:
    """Delete a description; those after it move up."""
    db.execute(_DELETE, row_id=description.id)
    db.execute(_CLOSE_GAP, gap=description.position)


def _values(description: BlockDescription) -> dict[str, object]:
    return {
        "row_id": description.id,
        "new_code": description.code,
        "new_text": description.text,
        "new_is_enabled": description.is_enabled,
        "new_is_default": description.is_default,
    }
