"""Notes about users: reminders, which block nothing (seed S1: blocks are not for reminders)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from rules.given import Given, given_or
from rules.history import HistoryRecordType
from rules.problems import Problem
from rules.snapshots import note_snapshot
from rules.text import NOTE_LIMIT
from rules.typed_input import required_text
from rules.users import UserNote
from storage import history, user_notes, users
from tenancy.changes import change
from tenancy.own_records import is_own, sees_only_own
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope

MOST_NOTES_A_USER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteChange:
    """What is to change about a note; what is not given stays as it is."""

    text: Given[str] | None = None
    is_patron_visible: Given[bool] | None = None
    is_popup: Given[bool] | None = None


def note_by_id(scope: InstitutionScope, note_id: UUID) -> UserNote | None:
    """The note of an id at this institution, or None. A patron finds what is meant for patrons
    on the own record."""
    found = user_notes.note_by_id(scope.db, note_id)
    if found is None or not sees_only_own(scope):
        return None if found is None else found[1]
    user_id, note = found
    record = users.user_by_id(scope.db, user_id, frozenset())
    is_theirs = record is not None and is_own(scope.principal, record.user)
    return note if is_theirs and note.is_patron_visible else None


def add_note(
    scope: WritingScope, user_id: UUID, text: str, *, is_patron_visible: bool, is_popup: bool
) -> UserNote:
    """Add a note about a user. Raises NotFound, InvalidInput and Conflict."""
    typed = _text(text)
    if not users.lock_user(scope.db, user_id):
        raise NotFound("There is no such user.", ["user"])
    if user_notes.note_count(scope.db, user_id) >= MOST_NOTES_A_USER:
        raise Conflict(f"A user can have at most {MOST_NOTES_A_USER} notes.", ["user"])
    note = UserNote(
        id=scope.new_id(),
        text=typed,
        is_patron_visible=is_patron_visible,
        is_popup=is_popup,
        created_by=scope.principal.label,
        created_at=scope.now,
        version=1,
    )
    user_notes.insert_note(scope.db, user_id, note)
    _record(scope, "user_note.add", (user_id, note.id), after=note_snapshot(note))
    return note


def change_note(
    scope: WritingScope, note_id: UUID, wanted: NoteChange, *, seen_version: int | None = None
) -> UserNote:
    """Change a note; a change to what stands there already leaves no trace. Raises NotFound,
    Conflict and InvalidInput."""
    user_id, note = _held_note(scope, note_id, seen_version)
    changed = replace(
        note,
        text=_text(given_or(wanted.text, note.text)),
        is_patron_visible=given_or(wanted.is_patron_visible, note.is_patron_visible),
        is_popup=given_or(wanted.is_popup, note.is_popup),
    )
    if changed == note:
        return note
    user_notes.store_note(scope.db, changed)
    stored = replace(changed, version=note.version + 1)
    before, after = note_snapshot(note), note_snapshot(stored)
    _record(scope, "user_note.change", (user_id, note_id), before=before, after=after)
    return stored


def remove_note(scope: WritingScope, note_id: UUID, *, seen_version: int | None = None) -> UserNote:
    """Take a note away; the answer is what it was. Raises NotFound and Conflict."""
    user_id, note = _held_note(scope, note_id, seen_version)
    user_notes.delete_note(scope.db, note_id)
    _record(scope, "user_note.remove", (user_id, note_id), before=note_snapshot(note))
    return note


def _held_note(
    scope: WritingScope, note_id: UUID, seen_version: int | None
) -> tuple[UUID, UserNote]:
    found = user_notes.note_for_change(scope.db, note_id)
    if found is None:
        raise NotFound("There is no such note.", ["id"])
    if seen_version is not None and seen_version != found[1].version:
        raise Conflict("The note was changed meanwhile; look at it again.", ["version"])
    return found


def _text(text: str) -> str:
    typed = required_text(text, "text", limit=NOTE_LIMIT, asked="Write the text of the note.")
    if isinstance(typed, Problem):
        raise InvalidInput([typed])
    return typed


def _record(
    scope: WritingScope,
    deed: str,
    user_and_note: tuple[UUID, UUID],
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    user_id, note_id = user_and_note
    event = change(
        scope,
        deed,
        HistoryRecordType.USER_NOTE,
        record_id=note_id,
        user_id=user_id,
        before=before,
        after=after,
    )
    history.record(scope.db, [event])
