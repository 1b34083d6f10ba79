"""Blocks on a user: the stored block, the hard block of an account, and what they stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from rules.block_tables import BlockDefinition, BlockDescription, BlockType
from rules.problems import Problem

MOST_BLOCKS_A_USER = 100
REASON_LIMIT = 1000
"""How many characters may say why a block was removed."""

OLD_AFTER_DAYS = 365
"""After so many days a block is looked at again, unless staff say otherwise."""


class BlockStatus(Enum):
    """The toggle on the Blocks tab."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class BlockOrigin(Enum):
    """What made the block."""

    STAFF = "STAFF"
    IMPORT = "IMPORT"
    OVERDUE_JOB = "OVERDUE_JOB"
    RETURN = "RETURN"
    DEMERIT = "DEMERIT"
    COPY = "COPY"


class Segment(Enum):
    """INTERNAL blocks are the library's; EXTERNAL ones are replaced by the next load."""

    INTERNAL = "INTERNAL"
    EXTERNAL = "EXTERNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """That a block was removed: when, by whom (staff label or job), and why."""

    removed_at: datetime
    removed_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserBlock:
    """A block on a user. It names a description; the definition of that description gives
    its effect. `expires_at` None means until removed by hand. `definition` None: no effect.
    `description` None: deleted from the table since the block was removed."""

    id: UUID
    user_id: UUID
    description: BlockDescription | None
    definition: BlockDefinition | None
    block_type: BlockType
    status: BlockStatus
    expires_at: datetime | None
    staff_note: str | None
    patron_text: str | None
    origin: BlockOrigin
    segment: Segment
    created_by: str
    created_at: datetime
    version: int
    removal: Removal | None = None

    def is_in_force(self, now: datetime) -> bool:
        """Active, not removed and not past its expiry: in force while now < expiry
        (user-blocks section 13, readings A2 and J1)."""
        return (
            self.status is BlockStatus.ACTIVE
            and self.removal is None
            and (self.expires_at is None or now < self.expires_at)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBlock:
    """The hard block: the whole account is stopped at this institution, with a comment,
    until somebody unblocks it (Quria, "Blocking a patron")."""

    id: UUID
    user_id: UUID
    comment: str
    blocked_by: str
    blocked_at: datetime
    version: int


def passed_expiry(block: UserBlock, now: datetime) -> bool:
    """Whether the block's time is over; what expires now has passed already (user-blocks
    section 13, J1). A block without an expiry stays until it is removed by hand.

    >>> from rules.specimens import BLOCK, NOON
    >>> passed_expiry(BLOCK, NOON)
    False
    """
    return block.expires_at is not None and block.expires_at <= now


def removable(block: UserBlock, now: datetime) -> bool:
    """What Users - Remove Blocks takes away: blocks past their expiry, active or not, that are
    not removed yet; a second run finds nothing (user-blocks 7; RMB-01, RMB-02).

    >>> from dataclasses import replace
    >>> from rules.specimens import BLOCK, NOON
    >>> removable(replace(BLOCK, expires_at=NOON), NOON)
    True
    """
    return block.removal is None and passed_expiry(block, now)


def needs_review(block: UserBlock, now: datetime, *, old_after_days: int) -> bool:
    """Whether a block belongs on the review list: it is in force and either open-ended or at
    least `old_after_days` full days old (user-blocks 11.10; seed S1 asks for periodic reviews).

    >>> from rules.specimens import BLOCK, NOON
    >>> needs_review(BLOCK, NOON, old_after_days=365)
    True
    """
    if not block.is_in_force(now):
        return False
    return block.expires_at is None or (now - block.created_at).days >= old_after_days


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReview:
    """Which blocks to review at an instant: those in force that are open-ended or were made by
    `made_by`; with `open_ended_only`, those that are both. None asks nothing."""

    now: datetime
    made_by: datetime | None
    description_code: str | None = None
    open_ended_only: bool = False


def blocks_for_review(
    now: datetime,
    *,
    older_than_days: int | None,
    description_code: str | None = None,
    open_ended_only: bool = False,
) -> BlockReview:
    """The review list that staff ask for. An age narrows a list of open-ended blocks; else
    open-ended ones are listed whatever their age, and others when they are old (user-blocks
    11.10); where staff name no age, a year.

    >>> from rules.specimens import NOON
    >>> blocks_for_review(NOON, older_than_days=None).made_by.isoformat()
    '2025-11-22T12:00:00+00:00'
    """
    if older_than_days is None and not open_ended_only:
        older_than_days = OLD_AFTER_DAYS
    return BlockReview(
        now=now,
        made_by=None if older_than_days is None else now - timedelta(days=older_than_days),
        description_code=description_code,
        open_ended_only=open_ended_only,
    )


def why_not_addable(
    description: BlockDescription, definition: BlockDefinition | None
) -> Problem | None:
    """A block is added by hand only under a description that is enabled and has a definition,
    else nobody could say what it does (user-blocks 2.1 and 2.2).

    >>> from rules.specimens import UNPAID
    >>> why_not_addable(UNPAID, None).sentence
    'Blocks with the description UNPAID cannot be added: it has no block definition yet.'
    """
    why = None
    if not description.is_enabled:
        why = "it is disabled"
    elif definition is None:
        why = "it has no block definition yet"
    if why is None:
        return None
    return Problem(
        path=("description",),
        sentence=f"Blocks with the description {description.code} cannot be added: {why}.",
    )


def why_not_restorable(block: UserBlock, now: datetime) -> Problem | None:
    """A removal can be undone (user-blocks 11.11) while the description is still in the table,
    with a definition unless the block was loaded without one, and the block would not have
    expired anyhow.

    >>> from rules.specimens import BLOCK, NOON
    >>> why_not_restorable(BLOCK, NOON).sentence
    'The block was not removed, so there is nothing to undo.'
    """
    why = None
    if block.removal is None:
        why = "The block was not removed, so there is nothing to undo."
    elif block.description is None:
        why = "The block's description is no longer in the table, so it cannot be brought back."
    elif block.definition is None and block.origin is not BlockOrigin.IMPORT:
        why = "The block's description has no block definition any more."
    elif passed_expiry(block, now):
        why = "The block has expired meanwhile, so bringing it back would stop nothing."
    return None if why is None else Problem(path=("id",), sentence=why)
