"""The hard block: a whole account stopped at this institution, with a comment, until it is lifted
(Quria, "Blocking a patron")."""

from uuid import UUID

from rules.history import HistoryRecordType
from rules.problems import Problem
from rules.snapshots import account_block_snapshot
from rules.text import NOTE_LIMIT
from rules.typed_input import required_text
from rules.user_blocks import AccountBlock
from storage import account_blocks, history, users
from tenancy.changes import change
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope


def account_block_by_id(scope: InstitutionScope, block_id: UUID) -> AccountBlock | None:
    """The account block of an id at this institution, or None."""
    return account_blocks.account_block_by_id(scope.db, block_id)


def add_account_block(scope: WritingScope, user_id: UUID, comment: str) -> AccountBlock:
    """Block a whole account, whatever other blocks, loans or debts there are. Raises NotFound,
    InvalidInput without a comment, Conflict where the account is blocked already."""
    typed = required_text(
        comment, "comment", limit=NOTE_LIMIT, asked="Say in a comment why the account is blocked."
    )
    if isinstance(typed, Problem):
        raise InvalidInput([typed])
    if not users.lock_user(scope.db, user_id):
        raise NotFound("There is no such user.", ["user"])
    block = AccountBlock(
        id=scope.new_id(),
        user_id=user_id,
        comment=typed,
        blocked_by=scope.principal.label,
        blocked_at=scope.now,
        version=1,
    )
    if not account_blocks.insert_account_block(scope.db, block):
        raise Conflict("The account is blocked already.", ["user"])
    _record(scope, "account_block.add", block, is_lifted=False)
    return block


def lift_account_block(
    scope: WritingScope, user_id: UUID, *, seen_version: int | None = None
) -> AccountBlock:
    """Unblock an account; the answer is what was lifted, and the history keeps it. Raises
    NotFound and Conflict."""
    if not users.lock_user(scope.db, user_id):
        raise NotFound("There is no such user.", ["user"])
    block = account_blocks.account_block_for_change(scope.db, user_id)
    if block is None:
        raise Conflict("The account is not blocked.", ["user"])
    if seen_version is not None and seen_version != block.version:
        raise Conflict("The account block was changed meanwhile; look at it again.", ["version"])
    account_blocks.delete_account_block(scope.db, block.id)
    _record(scope, "account_block.lift", block, is_lifted=True)
    return block


def _record(scope: WritingScope, deed: str, block: AccountBlock, *, is_lifted: bool) -> None:
    snapshot = account_block_snapshot(block)
    event = change(
        scope,
        deed,
        HistoryRecordType.ACCOUNT_BLOCK,
        record_id=block.id,
        user_id=block.user_id,
        before=snapshot if is_lifted else None,
        after=None if is_lifted else snapshot,
    )
    history.record(scope.db, [event])
