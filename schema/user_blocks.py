"""Blocks on users as clients see them, and the commands of the Blocks tab."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from resolvers import user_blocks
from rules.actions import Action
from rules.block_tables import BlockType, Overridable
from rules.reasons import block_reason
from rules.user_blocks import BlockOrigin, BlockStatus, Segment
from rules.user_blocks import UserBlock as BlockValue
from schema.block_definitions import BlockDefinition
from schema.block_descriptions import BlockDescription
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, computed, field
from schema.ids import NOBODY, encoded, number_of
from schema.nodes import Node
from tenancy.refusals import NotFound


@strawberry.type(description="When, by whom and why a block was removed.")
class BlockRemoval:
    removed_at: datetime = field("When it was removed.")
    removed_by: str | None = field(
        "Who removed it: a person's primary identifier, or a job; patrons read null."
    )
    reason: str | None = field("Why it was removed; patrons read null.")


@strawberry.type(description="A block on a user.")
class UserBlock(Node):
    value: strawberry.Private[BlockValue]
    for_patron: strawberry.Private[bool]
    block_type: BlockType = field("The type the block was made with.")
    status: BlockStatus = field("The toggle on the Blocks tab.")
    expires_at: datetime | None = field("Until when; null means until removed by hand.")
    staff_note: str | None = field("A note for staff; patrons always read null.")
    patron_text: str | None = field("A text for the patron.")
    origin: BlockOrigin = field("What made the block.")
    segment: Segment = field("Whether the library or an outside system keeps it.")
    created_by: str | None = field(
        "Who made it: a person's primary identifier, or a job; patrons read null."
    )
    created_at: datetime = field("When it was made.")
    version: int = field("Counts the changes of the block, from 1.")

    @computed("The reason; null where it was deleted from the table since the block was removed.")
    def description(self) -> BlockDescription | None:
        found = self.value.description
        return None if found is None else BlockDescription.of(found)

    @computed("What the block does; null for an imported block that has no effect.")
    def definition(self) -> BlockDefinition | None:
        found = self.value.definition
        return None if found is None else BlockDefinition.of(found)

    @computed("How it was removed; null while it is on the record.")
    def removal(self) -> BlockRemoval | None:
        found = self.value.removal
        if found is None:
            return None
        return BlockRemoval(
            removed_at=found.removed_at,
            removed_by=None if self.for_patron else found.removed_by,
            reason=None if self.for_patron else found.reason,
        )

    @computed("The actions that it stops while it is in force.")
    def stops(self) -> list[Action]:
        stopped = block_reason(self.value).stops
        return [action for action in Action if action in stopped]

    @computed("Who may override it while it is in force.")
    def overridable(self) -> Overridable:
        return block_reason(self.value).overridable

    @computed("Whether it is in force now: active, not removed, and not past its expiry.")
    def is_in_force(self, info: Info) -> bool:
        return self.value.is_in_force(info.context.scope.now)

    @classmethod
    def of(cls, value: BlockValue, for_patron: bool) -> "UserBlock":
        return cls(
            value=value,
            for_patron=for_patron,
            id=encoded("b", value.id),
            block_type=value.block_type,
            status=value.status,
            expires_at=value.expires_at,
            staff_note=None if for_patron else value.staff_note,
            patron_text=value.patron_text,
            origin=value.origin,
            segment=value.segment,
            created_by=None if for_patron else value.created_by,
            created_at=value.created_at,
            version=value.version,
        )


@strawberry.input(description="One block to add.")
class NewUserBlock:
    description: strawberry.ID | None = field(
        "The description, from the list; left out, the default one of the list.", default=None
    )
    expires_at: datetime | None = field("The instant at which it ends.", default=None)
    expires_on: date | None = field(
        "The last day on which it counts, in the institution's time zone.", default=None
    )
    staff_note: str | None = field("A note for staff; never shown to the patron.", default=None)
    patron_text: str | None = field("A text that the patron reads.", default=None)


@strawberry.input(description="The user to block, and one or several blocks.")
class UserBlockAddInput:
    user: strawberry.ID = field("The user.")
    blocks: list[NewUserBlock] = field("The blocks to add, all or none.")


@strawberry.type(description="What came of adding blocks.")
class UserBlockAddPayload:
    user_blocks: list[UserBlock] | None = field("The new blocks; null if they were refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class UserBlockMutations:
    @command("Adds one or several blocks to a user.")
    def user_block_add(
        self, info: Info, input: Annotated[UserBlockAddInput, argument("What to add.")]
    ) -> UserBlockAddPayload:
        user_id = number_of(input.user, "User")
        if user_id is None:
            raise NotFound("There is no such user.", ["user"])
        drafts = [_draft(block) for block in input.blocks]
        added = user_blocks.add_blocks(info.context.writing(), user_id, drafts)
        return UserBlockAddPayload(
            user_blocks=[UserBlock.of(block, False) for block in added], user_errors=[]
        )


def _draft(block: NewUserBlock) -> user_blocks.BlockDraft:
    return user_blocks.BlockDraft(
        description_id=None
        if block.description is None
        else number_of(block.description, "BlockDescription") or NOBODY,
        expires_at=block.expires_at,
        expires_on=block.expires_on,
        staff_note=block.staff_note,
        patron_text=block.patron_text,
    )
