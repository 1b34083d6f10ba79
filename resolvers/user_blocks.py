"""Commands of the Blocks tab: add, change, remove and bring back blocks on a user."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.block_tables import BlockDefinition
from rules.history import HistoryRecordType
from rules.local_time import expiry_at_end_of, expiry_problem
from rules.problems import Problem
from rules.snapshots import block_snapshot
from rules.text import NOTE_LIMIT, TextProblem, clean
from rules.user_blocks import BlockOrigin, BlockStatus, Segment, UserBlock, why_not_addable
from storage import block_definitions, history, institutions, user_blocks, users
from tenancy.changes import change
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import WritingScope

MOST_BLOCKS_A_USER = 100
MOST_BLOCKS_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDraft:
    """A block as it was asked for; `expires_on` means the end of that local day."""

    description_id: UUID | None
    expires_at: datetime | None = None
    expires_on: date | None = None
    staff_note: str | None = None
    patron_text: str | None = None


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
    expires_at = _expiry(draft, zone, scope.now)
    staff_note = _text(draft.staff_note, "staffNote")
    patron_text = _text(draft.patron_text, "patronText")
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
    if draft.description_id is None:
        return Problem(path=("description",), sentence="There is no such block description.")
    definition = block_definitions.definition_for_block(scope.db, draft.description_id)
    if definition is None:
        return Problem(
            path=("description",),
            sentence="There is no such block description, or it has no block definition yet.",
        )
    return why_not_addable(definition.description, definition) or definition


def _expiry(draft: BlockDraft, zone: ZoneInfo, now: datetime) -> datetime | Problem | None:
    if draft.expires_at is not None and draft.expires_on is not None:
        return Problem(
            path=("expiresOn",), sentence="Give either a day or an instant of expiry, not both."
        )
    name = "expiresAt" if draft.expires_on is None else "expiresOn"
    expires_at: datetime | Problem | None = draft.expires_at
    if draft.expires_on is not None:
        expires_at = expiry_at_end_of(draft.expires_on, zone)
    if isinstance(expires_at, datetime) and expires_at.tzinfo is None:
        return Problem(path=(name,), sentence="The instant of expiry needs a time zone or offset.")
    problem = expires_at if isinstance(expires_at, Problem) else expiry_problem(expires_at, now)
    return expires_at if problem is None else replace(problem, path=(name,))


def _text(text: str | None, name: str) -> str | Problem | None:
    cleaned = None if text is None else clean(text, limit=NOTE_LIMIT, multiline=True)
    if isinstance(cleaned, TextProblem):
        return Problem(path=(name,), sentence=cleaned.sentence)
    return cleaned or None
