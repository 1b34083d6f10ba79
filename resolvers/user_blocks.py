"""Adding blocks on the Blocks tab, and finding one by its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.block_tables import BlockDefinition
from rules.history import HistoryRecordType
from rules.problems import Problem
from rules.snapshots import block_snapshot
from rules.typed_input import typed_expiry, typed_text
from rules.user_blocks import (
    MOST_BLOCKS_A_USER,
    BlockOrigin,
    BlockStatus,
    Segment,
    UserBlock,
    why_not_addable,
)
from storage import block_definitions, history, institutions, user_blocks, users
from tenancy.changes import change
from tenancy.own_records import is_own, sees_only_own
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope

MOST_BLOCKS_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDraft:
    """A block as it was asked for; `expires_on` means the end of that local day, and no
    description the default one of the list."""

    description_id: UUID | None = None
    expires_at: datetime | None = None
    expires_on: date | None = None
    staff_note: str | None = None
    patron_text: str | None = None


def block_by_id(scope: InstitutionScope, block_id: UUID) -> UserBlock | None:
    """The block of an id at this institution, removed ones too, or None. A patron finds the
    blocks on the own record that were not removed."""
    block = user_blocks.block_by_id(scope.db, block_id)
    if block is None or not sees_only_own(scope):
        return block
    record = users.user_by_id(scope.db, block.user_id, frozenset())
    is_theirs = record is not None and is_own(scope.principal, record.user)
    return block if is_theirs and block.removal is None else None


def add_blocks(
    scope: WritingScope, user_id: UUID, drafts: Sequence[BlockDraft]
) -> Sequence[UserBlock]:
    """Add blocks by hand, all or none (user-blocks 2.3). Raises NotFound for an unknown user,
    InvalidInput for each wrong input, Conflict where the user has too many."""
    if not 1 <= len(drafts) <= MOST_BLOCKS_AT_ONCE:
        sentence = f"Give from 1 to {MOST_BLOCKS_AT_ONCE} blocks at once."
        raise InvalidInput([Problem(path=("blocks",), sentence=sentence)])
    if not users.lock_user(scope.db, user_id):
        raise NotFound("There is no such user.", ["user"])
    if user_blocks.live_block_count(scope.db, user_id) + len(drafts) > MOST_BLOCKS_A_USER:
        raise Conflict(f"A user can have at most {MOST_BLOCKS_A_USER} blocks.", ["blocks"])
    zone = ZoneInfo(institutions.time_zone(scope.db))
    blocks, problems = [], []
    for number, draft in enumerate(drafts):
        made = _block(scope, user_id, draft, zone)
        if isinstance(made, UserBlock):
            blocks.append(made)
        else:
            problems += [
                Problem(path=("blocks", str(number), *p.path), sentence=p.sentence) for p in made
            ]
    if problems:
        raise InvalidInput(problems)
    user_blocks.insert_blocks(scope.db, blocks)
    history.record(
        scope.db,
        [
            change(
                scope,
                "user_block.add",
                HistoryRecordType.USER_BLOCK,
                record_id=block.id,
                user_id=user_id,
                after=block_snapshot(block),
            )
            for block in blocks
        ],
    )
    return blocks


def _block(
    scope: WritingScope, user_id: UUID, draft: BlockDraft, zone: ZoneInfo
) -> UserBlock | list[Problem]:
    definition = _definition(scope, draft)
    expires_at = typed_expiry(draft.expires_at, draft.expires_on, zone=zone, now=scope.now)
    staff_note = typed_text(draft.staff_note, "staffNote")
    patron_text = typed_text(draft.patron_text, "patronText")
    parts = (definition, expires_at, staff_note, patron_text)
    problems = [part for part in parts if isinstance(part, Problem)]
    if problems or isinstance(definition, Problem):
        return problems
    return UserBlock(
        id=scope.new_id(),
        user_id=user_id,
        description=definition.description,
        definition=definition,
        block_type=definition.block_type,
        status=BlockStatus.ACTIVE,
        expires_at=expires_at if isinstance(expires_at, datetime) else None,
        staff_note=staff_note if isinstance(staff_note, str) else None,
        patron_text=patron_text if isinstance(patron_text, str) else None,
        origin=BlockOrigin.STAFF,
        segment=Segment.INTERNAL,
        created_by=scope.principal.label,
        created_at=scope.now,
        version=1,
    )


def _definition(scope: WritingScope, draft: BlockDraft) -> BlockDefinition | Problem:
    description_id = draft.description_id or user_blocks.default_description_id(scope.db)
    if description_id is None:
        sentence = "Choose a block description: the list has no default."
        return Problem(path=("description",), sentence=sentence)
    definition = block_definitions.definition_for_block(scope.db, description_id)
    if definition is None:
        return Problem(
            path=("description",),
            sentence="There is no such block description, or it has no block definition yet.",
        )
    return why_not_addable(definition.description, definition) or definition
