"""Blocked-action codes as clients see them, and the commands of their table."""

from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import blocked_action_codes
from rules.actions import Action, in_order
from rules.actions import BlockedActionCode as CodeValue
from rules.definition_checks import ActionCodeDraft
from schema.context import Info
from schema.errors import UserError, Warned, warnings_from
from schema.fields import argument, command, field, given, question
from schema.ids import encoded, number_of
from schema.nodes import Node


@strawberry.type(description="A code for the set of actions that a block stops.")
class BlockedActionCode(Node):
    code: str = field("The code, such as 03.")
    name: str = field("What the code means, in words.")
    actions: list[Action] = field("The actions that it stops.")
    version: int = field("Counts the changes, from 1.")

    @classmethod
    def of(cls, value: CodeValue) -> "BlockedActionCode":
        return cls(
            id=encoded("a", value.id),
            code=value.code,
            name=value.name,
            actions=list(in_order(value.actions)),
            version=value.version,
        )


@strawberry.input(description="A blocked-action code to add.")
class BlockedActionCodeAddInput:
    code: str = field("The code, from 1 to 50 characters.")
    name: str = field("What it means, from 1 to 200 characters.")
    actions: list[Action] = field("The actions that it stops, one at least.")


@strawberry.input(description="What to change of a blocked-action code; what is left out stays.")
class BlockedActionCodeChangeInput:
    blocked_action_code: strawberry.ID = field("The code.")
    code: strawberry.Maybe[str] = field("Another code; definitions come along.")
    name: strawberry.Maybe[str] = field("Another name.")
    actions: strawberry.Maybe[list[Action]] = field(
        "All the actions that it stops from now on, for blocks that are in force too."
    )
    version: int | None = field(
        "The version you saw; the change is refused if there is another by now.", default=None
    )


@strawberry.input(description="The blocked-action code to remove.")
class BlockedActionCodeRemoveInput:
    blocked_action_code: strawberry.ID = field("The code.")


@strawberry.type(description="What came of adding a blocked-action code.")
class BlockedActionCodeAddPayload:
    blocked_action_code: BlockedActionCode | None = field("The code; null if refused.")
    warnings: list[Warned] = field("What to know about the code.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of changing a blocked-action code.")
class BlockedActionCodeChangePayload:
    blocked_action_code: BlockedActionCode | None = field("The code; null if refused.")
    warnings: list[Warned] = field("What to know about the change.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of removing a blocked-action code.")
class BlockedActionCodeRemovePayload:
    removed: BlockedActionCode | None = field("The code as it was; null if refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class BlockedActionCodeQueries:
    @question("The blocked-action codes, in the order of the codes.", one_statement=True)
    def blocked_action_codes(self, info: Info) -> list[BlockedActionCode]:
        found = blocked_action_codes.action_codes(info.context.reading())
        return [BlockedActionCode.of(value) for value in found]


@strawberry.type
class BlockedActionCodeMutations:
    @command("Adds a blocked-action code.")
    def blocked_action_code_add(
        self, info: Info, input: Annotated[BlockedActionCodeAddInput, argument("What to add.")]
    ) -> BlockedActionCodeAddPayload:
        draft = ActionCodeDraft(code=input.code, name=input.name, actions=frozenset(input.actions))
        added = blocked_action_codes.add_action_code(info.context.writing(), draft)
        return BlockedActionCodeAddPayload(
            blocked_action_code=BlockedActionCode.of(added.code),
            warnings=warnings_from(added.notices),
            user_errors=[],
        )

    @command("Changes a blocked-action code; what blocks stop changes at once.")
    def blocked_action_code_change(
        self,
        info: Info,
        input: Annotated[BlockedActionCodeChangeInput, argument("What to change.")],
    ) -> BlockedActionCodeChangePayload:
        changed = blocked_action_codes.change_action_code(
            info.context.writing(),
            _number(input.blocked_action_code),
            code=given(input.code),
            name=given(input.name),
            actions=frozenset(input.actions.value) if input.actions else None,
            seen_version=input.version,
        )
        return BlockedActionCodeChangePayload(
            blocked_action_code=BlockedActionCode.of(changed.code),
            warnings=warnings_from(changed.notices),
            user_errors=[],
        )

    @command("Removes a blocked-action code. Refused while a definition uses it.")
    def blocked_action_code_remove(
        self,
        info: Info,
        input: Annotated[BlockedActionCodeRemoveInput, argument("What to remove.")],
    ) -> BlockedActionCodeRemovePayload:
        removed = blocked_action_codes.remove_action_code(
            info.context.writing(), _number(input.blocked_action_code)
        )
        return BlockedActionCodeRemovePayload(removed=BlockedActionCode.of(removed), user_errors=[])


def _number(code_id: strawberry.ID) -> UUID:
    number = number_of(code_id, "BlockedActionCode")
    if number is None:
        raise blocked_action_codes.unknown_action_code()
    return number
