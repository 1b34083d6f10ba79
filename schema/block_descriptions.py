"""Block descriptions as clients see them, and the commands of their table."""

from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import block_descriptions
from rules.block_tables import BlockDescription as DescriptionValue
from rules.description_checks import DescriptionDraft
from schema.context import Info
from schema.errors import UserError, Warned, warnings_from
from schema.fields import argument, command, field, given, question
from schema.ids import encoded, number_of
from schema.nodes import Node


@strawberry.type(description="A reason for blocking, as staff choose it from the list.")
class BlockDescription(Node):
    code: str = field("The code, unique at the institution.")
    text: str = field("What staff and patrons read.")
    is_enabled: bool = field("Whether it is offered for new blocks.")
    is_default: bool = field("Whether the list offers it first.")
    position: int = field("Its place in the list, from 0.")
    version: int = field("Counts the changes of all but the place, from 1.")

    @classmethod
    def of(cls, value: DescriptionValue) -> "BlockDescription":
        return cls(
            id=encoded("d", value.id),
            code=value.code,
            text=value.text,
            is_enabled=value.is_enabled,
            is_default=value.is_default,
            position=value.position,
            version=value.version,
        )


@strawberry.input(description="A description to add at the end of the list.")
class BlockDescriptionAddInput:
    code: str = field("The code, from 1 to 50 characters.")
    text: str = field("What staff and patrons read, from 1 to 200 characters.")
    is_enabled: bool = field("Whether it is offered for new blocks.", default=True)
    is_default: bool = field("Whether it takes the place of the default.", default=False)


@strawberry.input(description="What to change of a description; what is left out stays.")
class BlockDescriptionChangeInput:
    block_description: strawberry.ID = field("The description.")
    code: strawberry.Maybe[str] = field("Another code; blocks and definitions come along.")
    text: strawberry.Maybe[str] = field("Another text.")
    version: int | None = field(
        "The version you saw; the change is refused if there is another by now.", default=None
    )


@strawberry.input(description="The description to remove.")
class BlockDescriptionRemoveInput:
    block_description: strawberry.ID = field("The description.")


@strawberry.input(description="The description to offer for new blocks.")
class BlockDescriptionEnableInput:
    block_description: strawberry.ID = field("The description.")


@strawberry.input(description="The description to offer no longer.")
class BlockDescriptionDisableInput:
    block_description: strawberry.ID = field("The description.")


@strawberry.input(description="The new order of the list.")
class BlockDescriptionsReorderInput:
    order: list[strawberry.ID] = field("Every description, each once, in the new order.")


@strawberry.input(description="The description that the list offers first.")
class BlockDescriptionDefaultSetInput:
    block_description: strawberry.ID | None = field("The description; null for none.")


@strawberry.type(description="What came of adding a description.")
class BlockDescriptionAddPayload:
    block_description: BlockDescription | None = field("The description; null if refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of changing a description.")
class BlockDescriptionChangePayload:
    block_description: BlockDescription | None = field("The description; null if refused.")
    warnings: list[Warned] = field("What to know about the change.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of removing a description.")
class BlockDescriptionRemovePayload:
    removed: BlockDescription | None = field("The description as it was; null if refused.")
    warnings: list[Warned] = field("What to know about the removal.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of offering a description for new blocks.")
class BlockDescriptionEnablePayload:
    block_description: BlockDescription | None = field("The description; null if refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of offering a description no longer.")
class BlockDescriptionDisablePayload:
    block_description: BlockDescription | None = field("The description; null if refused.")
    warnings: list[Warned] = field("What to know about the change.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of bringing the list into another order.")
class BlockDescriptionsReorderPayload:
    block_descriptions: list[BlockDescription] | None = field("The list; null if refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of choosing the default.")
class BlockDescriptionDefaultSetPayload:
    block_descriptions: list[BlockDescription] | None = field("The list; null if refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class BlockDescriptionQueries:
    @question("The block descriptions, in their order.", one_statement=True)
    def block_descriptions(
        self,
        info: Info,
        enabled_only: Annotated[bool, argument("Only those offered for new blocks.")] = False,
    ) -> list[BlockDescription]:
        found = block_descriptions.descriptions(info.context.reading(), enabled_only=enabled_only)
        return [BlockDescription.of(value) for value in found]


@strawberry.type
class BlockDescriptionMutations:
    @command("Adds a description at the end of the list.")
    def block_description_add(
        self, info: Info, input: Annotated[BlockDescriptionAddInput, argument("What to add.")]
    ) -> BlockDescriptionAddPayload:
        draft = DescriptionDraft(
            code=input.code,
            text=input.text,
            is_enabled=input.is_enabled,
            is_default=input.is_default,
        )
        made = block_descriptions.add_description(info.context.writing(), draft)
        return BlockDescriptionAddPayload(
            block_description=BlockDescription.of(made), user_errors=[]
        )

    @command("Changes code or text of a description; blocks and definitions come along.")
    def block_description_change(
        self, info: Info, input: Annotated[BlockDescriptionChangeInput, argument("What to change.")]
    ) -> BlockDescriptionChangePayload:
        changed = block_descriptions.change_description(
            info.context.writing(),
            _number(input.block_description),
            code=given(input.code),
            text=given(input.text),
            seen_version=input.version,
        )
        return BlockDescriptionChangePayload(
            block_description=BlockDescription.of(changed.description),
            warnings=warnings_from(changed.notices),
            user_errors=[],
        )

    @command(
        "Removes a description. Refused while a definition or a block on a user has it; then it "
        "can be disabled."
    )
    def block_description_remove(
        self, info: Info, input: Annotated[BlockDescriptionRemoveInput, argument("What to remove.")]
    ) -> BlockDescriptionRemovePayload:
        removed = block_descriptions.remove_description(
            info.context.writing(), _number(input.block_description)
        )
        return BlockDescriptionRemovePayload(
            removed=BlockDescription.of(removed.description),
            warnings=warnings_from(removed.notices),
            user_errors=[],
        )

    @command("Offers a description for new blocks.")
    def block_description_enable(
        self, info: Info, input: Annotated[BlockDescriptionEnableInput, argument("Which.")]
    ) -> BlockDescriptionEnablePayload:
        enabled = block_descriptions.enable_description(
            info.context.writing(), _number(input.block_description)
        )
        return BlockDescriptionEnablePayload(
            block_description=BlockDescription.of(enabled.description), user_errors=[]
        )

    @command("Offers a description no longer for new blocks; those on users stay in force.")
    def block_description_disable(
        self, info: Info, input: Annotated[BlockDescriptionDisableInput, argument("Which.")]
    ) -> BlockDescriptionDisablePayload:
        disabled = block_descriptions.disable_description(
            info.context.writing(), _number(input.block_description)
        )
        return BlockDescriptionDisablePayload(
            block_description=BlockDescription.of(disabled.description),
            warnings=warnings_from(disabled.notices),
            user_errors=[],
        )

    @command("Brings the whole list into another order.")
    def block_descriptions_reorder(
        self, info: Info, input: Annotated[BlockDescriptionsReorderInput, argument("The order.")]
    ) -> BlockDescriptionsReorderPayload:
        ordered = block_descriptions.reorder_descriptions(
            info.context.writing(), [number_of(one, "BlockDescription") for one in input.order]
        )
        return BlockDescriptionsReorderPayload(
            block_descriptions=[BlockDescription.of(value) for value in ordered], user_errors=[]
        )

    @command("Chooses the description that the list offers first, or none.")
    def block_description_default_set(
        self, info: Info, input: Annotated[BlockDescriptionDefaultSetInput, argument("Which.")]
    ) -> BlockDescriptionDefaultSetPayload:
        chosen = input.block_description
        table = block_descriptions.set_default_description(
            info.context.writing(), None if chosen is None else _number(chosen)
        )
        return BlockDescriptionDefaultSetPayload(
            block_descriptions=[BlockDescription.of(value) for value in table], user_errors=[]
        )


def _number(description_id: strawberry.ID) -> UUID:
    number = number_of(description_id, "BlockDescription")
    if number is None:
        raise block_descriptions.unknown_description()
    return number
