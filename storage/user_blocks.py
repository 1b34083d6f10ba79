"""Blocks on users: stored, changed, removed with a reason, and brought back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, bindparam, func, insert, select, update

from rules.user_blocks import UserBlock
from storage.block_rows import BLOCK_COLUMNS, BlockTables, block_from, blocks_with_definitions
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import block_description, user_block

_B = user_block

_BLOCK_BY_ID = (
    select(*BLOCK_COLUMNS)
    .select_from(blocks_with_definitions())
    .where(own(_B), _B.c.id == bindparam("block_id"))
)
_READ = statement(_BLOCK_BY_ID)
_READ_LOCKED = statement(_BLOCK_BY_ID.with_for_update(of=_B))

_INSERT = statement(
    insert(_B).values(
        institution_code=OWN,
        **{
            name: bindparam(name)
            for name in (
                "id",
                "user_id",
                "description_id",
                "block_type",
                "status",
                "expires_at",
                "staff_note",
                "patron_text",
                "origin",
                "segment",
                "created_by",
                "created_at",
            )
        },
    )
)

_CHANGE = statement(
    update(_B)
    .where(own(_B), _B.c.id == bindparam("block_id"), _B.c.version == bindparam("seen_version"))
    .values(
        status=bindparam("new_status", type_=Text()),
        expires_at=bindparam("new_expires_at"),
        staff_note=bindparam("new_staff_note", type_=Text()),
        patron_text=bindparam("new_patron_text", type_=Text()),
        removed_at=bindparam("new_removed_at"),
        removed_by=bindparam("new_removed_by", type_=Text()),
        removal_reason=bindparam("new_removal_reason", type_=Text()),
        version=_B.c.version + 1,
    )
)

_COUNT_LIVE = statement(
    select(func.count())
    .select_from(_B)
    .where(own(_B), _B.c.user_id == bindparam("user_id"), _B.c.removed_at.is_(None))
)


_DEFAULT_DESCRIPTION = statement(
    select(block_description.c.id).where(own(block_description), block_description.c.is_default)
)


def default_description_id(db: ReadDb) -> UUID | None:
    """The description that a block is given when staff choose none, if the list has a default."""
    row = db.row(_DEFAULT_DESCRIPTION)
    return None if row is None else row[0]


def block_by_id(db: ReadDb, block_id: UUID) -> UserBlock | None:
    """The block of an id, removed ones too, or None."""
    row = db.row(_READ, block_id=block_id)
    return None if row is None else block_from(row, BlockTables())


def block_for_change(db: WriteDb, block_id: UUID) -> UserBlock | None:
    """The block of an id, locked until the transaction ends."""
    row = db.row(_READ_LOCKED, block_id=block_id)
    return None if row is None else block_from(row, BlockTables())


def live_block_count(db: ReadDb, user_id: UUID) -> int:
    """How many blocks a user has that were not removed."""
    return int(str(db.value(_COUNT_LIVE, user_id=user_id)))


def insert_blocks(db: WriteDb, blocks: Sequence[UserBlock]) -> None:
    """Store new blocks."""
    db.execute_many(_INSERT, [_values(block) for block in blocks])


def store_change(db: WriteDb, block: UserBlock) -> bool:
    """Store a changed block whose `version` is the one that was read; False if it moved on."""
    removal = block.removal
    changed = db.execute(
        _CHANGE,
        block_id=block.id,
        seen_version=block.version,
        new_status=block.status.value,
        new_expires_at=block.expires_at,
        new_staff_note=block.staff_note,
        new_patron_text=block.patron_text,
        new_removed_at=removal and removal.removed_at,
        new_removed_by=removal and removal.removed_by,
        new_removal_reason=removal and removal.reason,
    )
    return changed == 1


def _values(block: UserBlock) -> dict[str, object]:
    if block.description is None:
        message = "A new block names its description."
        raise ValueError(message)
    return {
        "id": block.id,
        "user_id": block.user_id,
        "description_id": block.description.id,
        "block_type": block.block_type.value,
        "status": block.status.value,
        "expires_at": block.expires_at,
        "staff_note": block.staff_note,
        "patron_text": block.patron_text,
        "origin": block.origin.value,
        "segment": block.segment.value,
        "created_by": block.created_by,
        "created_at": block.created_at,
    }
