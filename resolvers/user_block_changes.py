"""Commands of the Blocks tab on a block that is there: change it, toggle it, remove it with a
reason, and bring it back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.given import Given, given_or
from rules.history import HistoryRecordType
from rules.problems import Problem
from rules.snapshots import block_snapshot
from rules.typed_input import required_text, typed_expiry, typed_text
from rules.user_blocks import (
    MOST_BLOCKS_A_USER,
    REASON_LIMIT,
    BlockStatus,
    Removal,
    UserBlock,
    why_not_restorable,
)
from storage import block_definitions, history, institutions, user_blocks, users
from tenancy.changes import change
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import WritingScope

CHANGED = "The block was changed meanwhile; look at it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockChange:
    """What is to change about a block; what is not given stays as it is."""

    expires_at: Given[datetime | None] | None = None
    expires_on: Given[date | None] | None = None
    staff_note: Given[str | None] | None = None
    patron_text: Given[str | None] | None = None


def change_block(
    scope: WritingScope, block_id: UUID, wanted: BlockChange, *, seen_version: int | None = None
) -> UserBlock:
    """Change expiry and texts (user-blocks 2.3). A change to what stands there already leaves
    no trace. Raises NotFound, Conflict and, for each wrong input, InvalidInput."""
    block = _standing_block(scope, block_id, seen_version)
    parts = (
        _expiry(scope, block, wanted),
        typed_text(given_or(wanted.staff_note, block.staff_note), "staffNote"),
        typed_text(given_or(wanted.patron_text, block.patron_text), "patronText"),
    )
    problems = [part for part in parts if isinstance(part, Problem)]
    if problems:
        raise InvalidInput(problems)
    expires_at, staff_note, patron_text = parts
    changed = replace(
        block,
        expires_at=expires_at if isinstance(expires_at, datetime) else None,
        staff_note=staff_note if isinstance(staff_note, str) else None,
        patron_text=patron_text if isinstance(patron_text, str) else None,
    )
    return _stored(scope, "user_block.change", block, changed)


def set_status(
    scope: WritingScope, block_id: UUID, status: BlockStatus, *, seen_version: int | None = None
) -> UserBlock:
    """The toggle (user-blocks 2.3); setting what is set already leaves no trace. Raises NotFound
    and Conflict."""
    block = _standing_block(scope, block_id, seen_version)
    is_active = status is BlockStatus.ACTIVE
    deed = "user_block.activate" if is_active else "user_block.deactivate"
    return _stored(scope, deed, block, replace(block, status=status))


def remove_block(
    scope: WritingScope, block_id: UUID, reason: str, *, seen_version: int | None = None
) -> UserBlock:
    """Remove a block with a reason, which the history keeps (seed S1, "formalized block
    reasons"). Raises NotFound, Conflict and InvalidInput."""
    block = _standing_block(scope, block_id, seen_version)
    why = required_text(reason, "reason", limit=REASON_LIMIT, asked="Say why the block is removed.")
    if isinstance(why, Problem):
        raise InvalidInput([why])
    removal = Removal(removed_at=scope.now, removed_by=scope.principal.label, reason=why)
    return _stored(scope, "user_block.remove", block, replace(block, removal=removal))


def restore_block(
    scope: WritingScope, block_id: UUID, *, seen_version: int | None = None
) -> UserBlock:
    """Undo a removal (user-blocks 11.11). Raises NotFound, Conflict and InvalidInput."""
    block = _held_block(scope, block_id, seen_version)
    if block.description is not None:
        # Holds the definition in place; the block is then read with what holds.
        block_definitions.definition_for_block(scope.db, block.description.id)
        block = user_blocks.block_for_change(scope.db, block_id) or block
    problem = why_not_restorable(block, scope.now)
    if problem is not None:
        raise InvalidInput([problem])
    if user_blocks.live_block_count(scope.db, block.user_id) >= MOST_BLOCKS_A_USER:
        raise Conflict(f"A user can have at most {MOST_BLOCKS_A_USER} blocks.", ["id"])
    return _stored(scope, "user_block.restore", block, replace(block, removal=None))


def _expiry(
    scope: WritingScope, block: UserBlock, wanted: BlockChange
) -> datetime | Problem | None:
    """The expiry a block is to have. The one it has is no change, even when it has passed."""
    if wanted.expires_at is None and wanted.expires_on is None:
        return block.expires_at
    expires_at = given_or(wanted.expires_at, None)
    expires_on = given_or(wanted.expires_on, None)
    if expires_on is None and expires_at is not None and expires_at == block.expires_at:
        return block.expires_at
    zone = ZoneInfo(institutions.time_zone(scope.db))
    return typed_expiry(expires_at, expires_on, zone=zone, now=scope.now)


def _standing_block(scope: WritingScope, block_id: UUID, seen_version: int | None) -> UserBlock:
    block = _held_block(scope, block_id, seen_version)
    if block.removal is not None:
        raise Conflict("The block was removed; bring it back first.", ["id"])
    return block


def _held_block(scope: WritingScope, block_id: UUID, seen_version: int | None) -> UserBlock:
    """The block, held until the transaction ends: first its user, so that commands about one
    user take turns in one order."""
    found = user_blocks.block_by_id(scope.db, block_id)
    if found is None or not users.lock_user(scope.db, found.user_id):
        raise NotFound("There is no such block.", ["id"])
    block = user_blocks.block_for_change(scope.db, block_id)
    if block is None:
        raise NotFound("There is no such block.", ["id"])
    if seen_version is not None and seen_version != block.version:
        raise Conflict(CHANGED, ["version"])
    return block


def _stored(scope: WritingScope, deed: str, before: UserBlock, after: UserBlock) -> UserBlock:
    if after == before:
        return before
    if not user_blocks.store_change(scope.db, after):
        raise Conflict(CHANGED, ["id"])
    stored = replace(after, version=after.version + 1)
    event = change(
        scope,
        deed,
        HistoryRecordType.USER_BLOCK,
        record_id=before.id,
        user_id=before.user_id,
        before=block_snapshot(before),
        after=block_snapshot(stored),
    )
    history.record(scope.db, [event])
    return stored
