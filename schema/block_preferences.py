"""Block preferences as clients see them: what each computed reason stops."""

from typing import Annotated

import strawberry

from resolvers import block_preferences
from rules.actions import Action, in_order
from rules.block_tables import Overridable
from rules.gate import BlockPreference as PreferenceValue
from rules.gate import ReasonCode
from schema.context import Info
from schema.errors import UserError, Warned, warnings_from
from schema.fields import argument, command, field, given, question


@strawberry.type(
    description="What a reason that is computed, and not stored as a block, stops here. As long as "
    "the institution has not said anything, it stops everything and nobody may override it."
)
class BlockPreference:
    reason: ReasonCode = field("The reason, by which the preference is known.")
    actions: list[Action] = field("The actions that it stops; empty: it is only shown.")
    overridable: Overridable = field("Who may override it.")
    version: int = field(
        "Counts the changes, from 1; 0 where the institution has not said anything yet."
    )

    @classmethod
    def of(cls, value: PreferenceValue) -> "BlockPreference":
        return cls(
            reason=value.reason,
            actions=list(in_order(value.actions)),
            overridable=value.overridable,
            version=value.version,
        )


@strawberry.input(description="What to change of a block preference; what is left out stays.")
class BlockPreferenceChangeInput:
    reason: ReasonCode = field("The computed reason.")
    actions: strawberry.Maybe[list[Action]] = field("All the actions that it stops from now on.")
    overridable: strawberry.Maybe[Overridable] = field("Who may override it from now on.")
    version: int | None = field(
        "The version you saw; the change is refused if there is another by now.", default=None
    )


@strawberry.type(description="What came of changing a block preference.")
class BlockPreferenceChangePayload:
    block_preference: BlockPreference | None = field("The preference; null if refused.")
    warnings: list[Warned] = field("What to know about the change.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class BlockPreferenceQueries:
    @question(
        "The block preferences, one for each computed reason, in the order in which the gate "
        "looks.",
        one_statement=True,
    )
    def block_preferences(self, info: Info) -> list[BlockPreference]:
        found = block_preferences.preferences(info.context.reading())
        return [BlockPreference.of(value) for value in found]


@strawberry.type
class BlockPreferenceMutations:
    @command("Changes what a computed reason stops, or who may override it.")
    def block_preference_change(
        self, info: Info, input: Annotated[BlockPreferenceChangeInput, argument("What to change.")]
    ) -> BlockPreferenceChangePayload:
        changed = block_preferences.change_preference(
            info.context.writing(),
            input.reason,
            actions=frozenset(input.actions.value) if input.actions else None,
            overridable=given(input.overridable),
            seen_version=input.version,
        )
        return BlockPreferenceChangePayload(
            block_preference=BlockPreference.of(changed.preference),
            warnings=warnings_from(changed.notices),
            user_errors=[],
        )
