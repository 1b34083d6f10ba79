"""The history of what the demo network holds, so that it can be asked how things stood."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from rules.history import Channel, HistoryEvent, HistoryRecordType
from rules.snapshots import block_snapshot
from rules.user_blocks import AccountBlock, UserBlock
from rules.users import User, UserNote
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
        after=_user_snapshot(person.user),
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
        after={
            "comment": block.comment,
            "blocked_by": block.blocked_by,
            "blocked_at": block.blocked_at.isoformat(),
            "version": block.version,
        },
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
        after={
            "text": note.text,
            "is_patron_visible": note.is_patron_visible,
            "is_popup": note.is_popup,
            "version": note.version,
        },
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


def _user_snapshot(user: User) -> dict[str, object]:
    return {
        "primary_id": user.primary_id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "user_group": None if user.group is None else user.group.code,
        "record_type": user.record_type.value,
        "account_type": user.account_type.value,
        "status": user.status.value,
        "expires_on": None if user.expires_on is None else user.expires_on.isoformat(),
        "preferred_language": user.preferred_language,
        "version": user.version,
    }
