"""Notes about users as clients see them, and the commands that write them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import user_notes
from resolvers.user_notes import NoteChange
from rules.users import UserNote as NoteValue
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field
from schema.ids import NOBODY, encoded, number_of
from schema.nodes import Node
from schema.user_block_changes import SEEN, given


@strawberry.type(description="A reminder about a user. It blocks nothing.")
class UserNote(Node):
    text: str = field("What it says.")
    is_patron_visible: bool = field("Whether the patron reads it.")
    is_popup: bool = field("Whether it is shown as soon as staff open the patron.")
    created_by: str | None = field("Who wrote it; patrons read null.")
    created_at: datetime = field("When it was written.")
    version: int = field("Counts the changes of the note, from 1.")

    @classmethod
    def of(cls, value: NoteValue, for_patron: bool) -> "UserNote":
        return cls(
            id=encoded("n", value.id),
            text=value.text,
            is_patron_visible=value.is_patron_visible,
            is_popup=value.is_popup,
            created_by=None if for_patron else value.created_by,
            created_at=value.created_at,
            version=value.version,
        )


@strawberry.input(description="A note to add about a user.")
class UserNoteAddInput:
    user: strawberry.ID = field("The user.")
    text: str = field("What it says. At most 4,000 characters.")
    is_patron_visible: bool = field("Whether the patron reads it.", default=False)
    is_popup: bool = field("Whether it is shown as soon as staff open the patron.", default=False)


@strawberry.input(description="What to change about a note; what is left out stays as it is.")
class UserNoteChangeInput:
    id: strawberry.ID = field("The note.")
    version: int | None = field(SEEN, default=None)
    text: strawberry.Maybe[str] = field("What it says.", default=None)
    is_patron_visible: strawberry.Maybe[bool] = field("Whether the patron reads it.", default=None)
    is_popup: strawberry.Maybe[bool] = field(
        "Whether it is shown as soon as staff open the patron.", default=None
    )


@strawberry.input(description="A note to take away.")
class UserNoteRemoveInput:
    id: strawberry.ID = field("The note.")
    version: int | None = field(SEEN, default=None)


@strawberry.type(description="What came of adding a note.")
class UserNoteAddPayload:
    user_note: UserNote | None = field("The new note; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of changing a note.")
class UserNoteChangePayload:
    user_note: UserNote | None = field("The note as it is now; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of taking away a note.")
class UserNoteRemovePayload:
    user_note: UserNote | None = field("What was taken away; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class UserNoteMutations:
    @command("Adds a note about a user.")
    def user_note_add(
        self, info: Info, input: Annotated[UserNoteAddInput, argument("The note.")]
    ) -> UserNoteAddPayload:
        note = user_notes.add_note(
            info.context.writing(),
            number_of(input.user, "User") or NOBODY,
            input.text,
            is_patron_visible=input.is_patron_visible,
            is_popup=input.is_popup,
        )
        return UserNoteAddPayload(user_note=UserNote.of(note, False), user_errors=[])

    @command("Changes a note.")
    def user_note_change(
        self, info: Info, input: Annotated[UserNoteChangeInput, argument("What to change.")]
    ) -> UserNoteChangePayload:
        wanted = NoteChange(
            text=given(input.text),
            is_patron_visible=given(input.is_patron_visible),
            is_popup=given(input.is_popup),
        )
        note = user_notes.change_note(
            info.context.writing(), _number(input.id), wanted, seen_version=input.version
        )
        return UserNoteChangePayload(user_note=UserNote.of(note, False), user_errors=[])

    @command("Takes a note away; the history keeps it.")
    def user_note_remove(
        self, info: Info, input: Annotated[UserNoteRemoveInput, argument("Which note.")]
    ) -> UserNoteRemovePayload:
        note = user_notes.remove_note(
            info.context.writing(), _number(input.id), seen_version=input.version
        )
        return UserNoteRemovePayload(user_note=UserNote.of(note, False), user_errors=[])


def _number(text: strawberry.ID) -> UUID:
    return number_of(text, "UserNote") or NOBODY
