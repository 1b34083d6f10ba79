"""The hard block of an account: at most one a user, stored and taken away."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from rules.user_blocks import AccountBlock
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, own, statement
from storage.tables import account_block
from storage.user_parts import account_block_from

_K = account_block
_COLUMNS = (_K.c.id, _K.c.user_id, _K.c.comment, _K.c.blocked_by, _K.c.blocked_at, _K.c.version)
_BY_ID = statement(select(*_COLUMNS).where(own(_K), _K.c.id == bindparam("block_id")))
_OF_USER = statement(
    select(*_COLUMNS).where(own(_K), _K.c.user_id == bindparam("user_id")).with_for_update()
)
_INSERT = statement(
    insert(_K)
    .values(
        institution_code=OWN,
        id=bindparam("id"),
        user_id=bindparam("user_id"),
        comment=bindparam("comment"),
        blocked_by=bindparam("blocked_by"),
        blocked_at=bindparam("blocked_at"),
    )
    .on_conflict_do_nothing()
)
_DELETE = statement(delete(_K).where(own(_K), _K.c.id == bindparam("block_id")))


def account_block_by_id(db: ReadDb, block_id: UUID) -> AccountBlock | None:
    """The account block of an id, or None."""
    row = db.row(_BY_ID, block_id=block_id)
    return None if row is None else account_block_from(row)


def account_block_for_change(db: WriteDb, user_id: UUID) -> AccountBlock | None:
    """The account block of a user, locked until the transaction ends, or None."""
    row = db.row(_OF_USER, user_id=user_id)
    return None if row is None else account_block_from(row)


def insert_account_block(db: WriteDb, block: AccountBlock) -> bool:
    """Store a new account block; False if the user has one already."""
    stored = db.execute(
        _INSERT,
        id=block.id,
        user_id=block.user_id,
        comment=block.comment,
        blocked_by=block.blocked_by,
        blocked_at=block.blocked_at,
    )
    return stored == 1


def delete_account_block(db: WriteDb, block_id: UUID) -> None:
    """Take an account block away; the history keeps it."""
    db.execute(_DELETE, block_id=block_id)
