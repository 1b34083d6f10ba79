"""The block tables as clients see them: descriptions, blocked-action codes and definitions."""

import strawberry

from resolvers import block_definitions
from rules.actions import Action
from rules.actions import BlockedActionCode as CodeValue
from rules.block_tables import BlockDefinition as DefinitionValue
from rules.block_tables import BlockDescription as DescriptionValue
from rules.block_tables import BlockType, Overridable
from schema.context import Info
from schema.fields import field, question
from schema.ids import encoded
from schema.nodes import Node


@strawberry.type(description="A reason for blocking, as staff choose it from the list.")
class BlockDescription(Node):
    code: str = field("The code, unique at the institution.")
    text: str = field("What staff and patrons read.")
    is_enabled: bool = field("Whether it is offered for new blocks.")
    is_default: bool = field("Whether the list offers it first.")
    position: int = field("Its place in the list, from 0.")

    @classmethod
    def of(cls, value: DescriptionValue) -> "BlockDescription":
        return cls(
            id=encoded("d", value.id),
            code=value.code,
            text=value.text,
            is_enabled=value.is_enabled,
            is_default=value.is_default,
            position=value.position,
        )


@strawberry.type(description="A code for the set of actions that a block stops.")
class BlockedActionCode(Node):
    code: str = field("The code, such as 03.")
    name: str = field("What the code means, in words.")
    actions: list[Action] = field("The actions that it stops.")

    @classmethod
    def of(cls, value: CodeValue) -> "BlockedActionCode":
        return cls(
            id=encoded("a", value.id),
            code=value.code,
            name=value.name,
            actions=[action for action in Action if action in value.actions],
        )


@strawberry.type(description="What blocks of one description do.")
class BlockDefinition(Node):
    row_id: str = field("The ID column of the table, fixed after saving.")
    description: BlockDescription = field("The description it defines.")
    blocked_action: BlockedActionCode = field("The actions that its blocks stop.")
    block_type: BlockType = field("The type, for information except DEMERIT and CONSORTIAL.")
    overridable: Overridable = field("Who may override its blocks.")
    is_network_block: bool = field("Whether its blocks are copied to linked accounts.")

    @classmethod
    def of(cls, value: DefinitionValue) -> "BlockDefinition":
        return cls(
            id=encoded("f", value.id),
            row_id=value.row_id,
            description=BlockDescription.of(value.description),
            blocked_action=BlockedActionCode.of(value.blocked_action),
            block_type=value.block_type,
            overridable=value.overridable,
            is_network_block=value.is_network_block,
        )


@strawberry.type
class BlockTableQueries:
    @question("The block definitions, in the order of their descriptions.")
    def block_definitions(self, info: Info) -> list[BlockDefinition]:
        found = block_definitions.definitions(info.context.reading())
        return [BlockDefinition.of(value) for value in found]
