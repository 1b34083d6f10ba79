"""Block definitions as clients see them, and the commands of their table."""

from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import block_definitions
from rules.block_tables import BlockDefinition as DefinitionValue
from rules.block_tables import BlockType, Overridable
from schema.block_descriptions import BlockDescription
from schema.blocked_action_codes import BlockedActionCode
from schema.context import Info
from schema.errors import UserError, Warned, warnings_from
from schema.fields import argument, command, computed, field, given, question
from schema.ids import encoded, number_of
from schema.nodes import Node


@strawberry.type(description="What blocks of one description do.")
class BlockDefinition(Node):
    row_id: str = field("The ID column of the table, fixed after saving.")
    value: strawberry.Private[DefinitionValue]
    block_type: BlockType = field("The type, for information except DEMERIT and CONSORTIAL.")
    overridable: Overridable = field("Who may override its blocks.")
    is_network_block: bool = field("Whether its blocks are copied to linked accounts.")
    version: int = field("Counts the changes, from 1.")

    @computed("The description it defines.")
    def description(self) -> BlockDescription:
        return BlockDescription.of(self.value.description)

    @computed("The actions that its blocks stop.")
    def blocked_action(self) -> BlockedActionCode:
        return BlockedActionCode.of(self.value.blocked_action)

    @classmethod
    def of(cls, value: DefinitionValue) -> "BlockDefinition":
        return cls(
            id=encoded("f", value.id),
            value=value,
            row_id=value.row_id,
            block_type=value.block_type,
            overridable=value.overridable,
            is_network_block=value.is_network_block,
            version=value.version,
        )


@strawberry.input(description="A block definition to add.")
class BlockDefinitionAddInput:
    row_id: str = field("The ID column, from 1 to 50 characters; it cannot be changed later.")
    description: strawberry.ID = field("The description, which has no definition yet.")
    blocked_action: strawberry.ID | None = field(
        "The blocked-action code. Left out for OVERDUE: the code for all actions.", default=None
    )
    block_type: BlockType = field("The type.")
    overridable: Overridable = field("Who may override its blocks.")
    is_network_block: bool = field("Whether its blocks travel to linked accounts.", default=False)


@strawberry.input(
    description="What to change of a block definition; what is left out stays, and so does its ID."
)
class BlockDefinitionChangeInput:
    block_definition: strawberry.ID = field("The definition.")
    description: strawberry.Maybe[strawberry.ID] = field("Another description.")
    blocked_action: strawberry.Maybe[strawberry.ID] = field("Another blocked-action code.")
    block_type: strawberry.Maybe[BlockType] = field("Another type.")
    overridable: strawberry.Maybe[Overridable] = field("Who may override from now on.")
    is_network_block: strawberry.Maybe[bool] = field("Whether its blocks travel from now on.")
    version: int | None = field(
        "The version you saw; the change is refused if there is another by now.", default=None
    )


@strawberry.input(description="The block definition to remove.")
class BlockDefinitionRemoveInput:
    block_definition: strawberry.ID = field("The definition.")


@strawberry.type(description="What came of adding a block definition.")
class BlockDefinitionAddPayload:
    block_definition: BlockDefinition | None = field("The definition; null if refused.")
    warnings: list[Warned] = field("What to know about the definition.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of changing a block definition.")
class BlockDefinitionChangePayload:
    block_definition: BlockDefinition | None = field("The definition; null if refused.")
    warnings: list[Warned] = field("What to know about the change.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of removing a block definition.")
class BlockDefinitionRemovePayload:
    removed: BlockDefinition | None = field("The definition as it was; null if refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class BlockDefinitionQueries:
    @question("The block definitions, in the order of their descriptions.", one_statement=True)
    def block_definitions(self, info: Info) -> list[BlockDefinition]:
        found = block_definitions.definitions(info.context.reading())
        return [BlockDefinition.of(value) for value in found]


@strawberry.type
class BlockDefinitionMutations:
    @command("Adds a block definition: what blocks of a description do.")
    def block_definition_add(
        self, info: Info, input: Annotated[BlockDefinitionAddInput, argument("What to add.")]
    ) -> BlockDefinitionAddPayload:
        code = input.blocked_action
        wanted = block_definitions.NewDefinition(
            row_id=input.row_id,
            description_id=_description_number(input.description),
            blocked_action_id=None if code is None else _code_number(code),
            block_type=input.block_type,
            overridable=input.overridable,
            is_network_block=input.is_network_block,
        )
        added = block_definitions.add_definition(info.context.writing(), wanted)
        return BlockDefinitionAddPayload(
            block_definition=BlockDefinition.of(added.definition),
            warnings=warnings_from(added.notices),
            user_errors=[],
        )

    @command("Changes a block definition; what its blocks do changes at once.")
    def block_definition_change(
        self, info: Info, input: Annotated[BlockDefinitionChangeInput, argument("What to change.")]
    ) -> BlockDefinitionChangePayload:
        changed = block_definitions.change_definition(
            info.context.writing(),
            _number(input.block_definition),
            _changes(input),
            seen_version=input.version,
        )
        return BlockDefinitionChangePayload(
            block_definition=BlockDefinition.of(changed.definition),
            warnings=warnings_from(changed.notices),
            user_errors=[],
        )

    @command("Removes a block definition. Refused while users have blocks that rest on it.")
    def block_definition_remove(
        self, info: Info, input: Annotated[BlockDefinitionRemoveInput, argument("What to remove.")]
    ) -> BlockDefinitionRemovePayload:
        removed = block_definitions.remove_definition(
            info.context.writing(), _number(input.block_definition)
        )
        return BlockDefinitionRemovePayload(removed=BlockDefinition.of(removed), user_errors=[])


def _changes(input: BlockDefinitionChangeInput) -> block_definitions.DefinitionChanges:
    description, code = input.description, input.blocked_action
    return block_definitions.DefinitionChanges(
        description_id=_description_number(description.value) if description else None,
        blocked_action_id=_code_number(code.value) if code else None,
        block_type=given(input.block_type),
        overridable=given(input.overridable),
        is_network_block=given(input.is_network_block),
    )


def _number(definition_id: strawberry.ID) -> UUID:
    number = number_of(definition_id, "BlockDefinition")
    if number is None:
        raise block_definitions.unknown_definition()
    return number


def _description_number(description_id: strawberry.ID) -> UUID:
    number = number_of(description_id, "BlockDescription")
    if number is None:
        raise block_definitions.unknown_description()
    return number


def _code_number(code_id: strawberry.ID) -> UUID:
    number = number_of(code_id, "BlockedActionCode")
    if number is None:
        raise block_definitions.unknown_action_code()
    return number
