"""The history of what the demo network holds, so that it can be asked how things stood."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from rules.history import Channel, HistoryEvent, HistoryRecordType
from rules.roles import RoleGrant
from rules.snapshots import (
    account_block_snapshot,
    block_snapshot,
    note_snapshot,
    role_snapshot,
    user_snapshot,
)
from rules.user_blocks import AccountBlock, UserBlock
from rules.users import UserNote
from service.demo_blocks import BlockLife
from service.demo_people import Person, SeededIds

LOADER = "demo network"


def user_event(person: Person, ids: SeededIds) -> HistoryEvent:
    """That an account was made."""
    return _event(
        ids,
        person.created_at,
        "user.add",
        record=(HistoryRecordType.USER, person.user.id),
        user_id=person.user.id,
        after=user_snapshot(person.user, person.identifiers),
    )


def role_event(person: Person, role_id: UUID, grant: RoleGrant, *, ids: SeededIds) -> HistoryEvent:
    """That a member of staff was given a role."""
    return _event(
        ids,
        person.created_at,
        "role_grant.add",
        record=(HistoryRecordType.ROLE_GRANT, role_id),
        user_id=person.user.id,
        after=role_snapshot(grant),
    )


def block_events(life: BlockLife, ids: SeededIds) -> Iterator[HistoryEvent]:
    """That a block was made, and what happened to it since."""
    made = life.made
    yield _block_event(ids, made.created_at, "user_block.add", (None, made), made.created_by)
    before = made
    for change in life.changes:
        states = (before, change.after)
        yield _block_event(ids, change.at, change.deed, states, change.actor)
        before = change.after


def account_block_event(block: AccountBlock, ids: SeededIds) -> HistoryEvent:
    """That an account was blocked."""
    return _event(
        ids,
        block.blocked_at,
        "account_block.add",
        record=(HistoryRecordType.ACCOUNT_BLOCK, block.id),
        user_id=block.user_id,
        actor=block.blocked_by,
        after=account_block_snapshot(block),
    )


def note_event(user_id: UUID, note: UserNote, ids: SeededIds) -> HistoryEvent:
    """That a note was written."""
    return _event(
        ids,
        note.created_at,
        "user_note.add",
        record=(HistoryRecordType.USER_NOTE, note.id),
        user_id=user_id,
        actor=note.created_by,
        after=note_snapshot(note),
    )


def _block_event(
    ids: SeededIds,
    at: datetime,
    deed: str,
    states: tuple[UserBlock | None, UserBlock],
    actor: str,
) -> HistoryEvent:
    before, after = states
    return _event(
        ids,
        at,
        deed,
        record=(HistoryRecordType.USER_BLOCK, after.id),
        user_id=after.user_id,
        actor=actor,
        before=None if before is None else block_snapshot(before),
        after=block_snapshot(after),
    )


def _event(  # noqa: PLR0913  an event has this many parts, each by name
    ids: SeededIds,
    at: datetime,
    deed: str,
    *,
    record: tuple[HistoryRecordType, UUID],
    user_id: UUID,
    actor: str = LOADER,
    before: dict[str, object] | None = None,
    after: dict[str, object],
) -> HistoryEvent:
    record_type, record_id = record
    return HistoryEvent(
        id=ids.at(at),
        at=at,
        actor=actor,
        channel=Channel.IMPORT,
        deed=deed,
        record_type=record_type,
        record_id=record_id,
        user_id=user_id,
        before=before,
        after=after,
        is_erased=False,
    )
