"""The commands of the Blocks tab on a block that is there: change, toggle, remove, bring back."""

from datetime import date, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from resolvers import user_block_changes
from resolvers.user_block_changes import BlockChange
from rules.given import Given
from rules.user_blocks import BlockStatus, passed_expiry
from rules.user_blocks import UserBlock as BlockValue
from schema.context import Info
from schema.errors import UserError, Warned
from schema.fields import argument, command, field
from schema.ids import NOBODY, number_of
from schema.user_blocks import UserBlock

T = TypeVar("T")

SEEN = "The version of the record that was seen; the command is refused if it has changed since."


def given(value: strawberry.Maybe[T]) -> Given[T] | None:
    """What a client gave for a field, null included; None where the field was left out."""
    return None if value is None else Given(value.value)


@strawberry.input(description="What to change about a block; what is left out stays as it is.")
class UserBlockChangeInput:
    id: strawberry.ID = field("The block.")
    version: int | None = field(SEEN, default=None)
    expires_at: strawberry.Maybe[datetime | None] = field(
        "The instant at which it ends; null: it does not end by itself.", default=None
    )
    expires_on: strawberry.Maybe[date | None] = field(
        "The last day on which it counts, in the institution's time zone; null: it does not end "
        "by itself.",
        default=None,
    )
    staff_note: strawberry.Maybe[str | None] = field(
        "A note for staff, never shown to the patron; null takes it away.", default=None
    )
    patron_text: strawberry.Maybe[str | None] = field(
        "A text that the patron reads; null takes it away.", default=None
    )


@strawberry.input(description="A block to be made active.")
class UserBlockActivateInput:
    id: strawberry.ID = field("The block.")
    version: int | None = field(SEEN, default=None)


@strawberry.input(description="A block to be made inactive.")
class UserBlockDeactivateInput:
    id: strawberry.ID = field("The block.")
    version: int | None = field(SEEN, default=None)


@strawberry.input(description="A block to be removed.")
class UserBlockRemoveInput:
    id: strawberry.ID = field("The block.")
    reason: str = field("Why; the history keeps it. At most 1,000 characters.")
    version: int | None = field(SEEN, default=None)


@strawberry.input(description="A removed block to be brought back.")
class UserBlockRestoreInput:
    id: strawberry.ID = field("The block.")
    version: int | None = field(SEEN, default=None)


@strawberry.type(description="What came of changing a block.")
class UserBlockChangePayload:
    user_block: UserBlock | None = field("The block as it is now; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of making a block active.")
class UserBlockActivatePayload:
    user_block: UserBlock | None = field("The block as it is now; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")
    warnings: list[Warned] = field("What to know about it.")


@strawberry.type(description="What came of making a block inactive.")
class UserBlockDeactivatePayload:
    user_block: UserBlock | None = field("The block as it is now; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of removing a block.")
class UserBlockRemovePayload:
    user_block: UserBlock | None = field("The removed block; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of bringing back a block.")
class UserBlockRestorePayload:
    user_block: UserBlock | None = field("The block as it is now; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class UserBlockChangeMutations:
    @command("Changes the expiry or the texts of a block.")
    def user_block_change(
        self, info: Info, input: Annotated[UserBlockChangeInput, argument("What to change.")]
    ) -> UserBlockChangePayload:
        wanted = BlockChange(
            expires_at=given(input.expires_at),
            expires_on=given(input.expires_on),
            staff_note=given(input.staff_note),
            patron_text=given(input.patron_text),
        )
        block = user_block_changes.change_block(
            info.context.writing(), _number(input.id), wanted, seen_version=input.version
        )
        return UserBlockChangePayload(user_block=UserBlock.of(block, False), user_errors=[])

    @command("Switches a block on: it is in force again until it expires.")
    def user_block_activate(
        self, info: Info, input: Annotated[UserBlockActivateInput, argument("Which block.")]
    ) -> UserBlockActivatePayload:
        scope = info.context.writing()
        block = user_block_changes.set_status(
            scope, _number(input.id), BlockStatus.ACTIVE, seen_version=input.version
        )
        return UserBlockActivatePayload(
            user_block=UserBlock.of(block, False),
            user_errors=[],
            warnings=_expiry_warnings(block, scope.now),
        )

    @command("Switches a block off: it is kept, and stops nothing.")
    def user_block_deactivate(
        self, info: Info, input: Annotated[UserBlockDeactivateInput, argument("Which block.")]
    ) -> UserBlockDeactivatePayload:
        block = user_block_changes.set_status(
            info.context.writing(),
            _number(input.id),
            BlockStatus.INACTIVE,
            seen_version=input.version,
        )
        return UserBlockDeactivatePayload(user_block=UserBlock.of(block, False), user_errors=[])

    @command("Removes a block with a reason; it can be brought back.")
    def user_block_remove(
        self, info: Info, input: Annotated[UserBlockRemoveInput, argument("Which block, and why.")]
    ) -> UserBlockRemovePayload:
        block = user_block_changes.remove_block(
            info.context.writing(), _number(input.id), input.reason, seen_version=input.version
        )
        return UserBlockRemovePayload(user_block=UserBlock.of(block, False), user_errors=[])

    @command("Brings back a block that was removed.")
    def user_block_restore(
        self, info: Info, input: Annotated[UserBlockRestoreInput, argument("Which block.")]
    ) -> UserBlockRestorePayload:
        block = user_block_changes.restore_block(
            info.context.writing(), _number(input.id), seen_version=input.version
        )
        return UserBlockRestorePayload(user_block=UserBlock.of(block, False), user_errors=[])


def _number(text: strawberry.ID) -> UUID:
    return number_of(text, "UserBlock") or NOBODY


def _expiry_warnings(block: BlockValue, now: datetime) -> list[Warned]:
    if not passed_expiry(block, now):
        return []
    message = "The block has passed its expiry, so it stops nothing; give it a later one."
    return [Warned(message=message, path=["input", "id"])]
