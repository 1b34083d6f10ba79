"""The gate's answers as clients see them: every reason, who may override it, what to do; and, for
whoever asks, what the person may override at a desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from rules.actions import Action, in_order
from rules.block_tables import Overridable
from rules.gate import Decision, Reason, ReasonCode, Verdict
from rules.institutions import CirculationDesk
from rules.overrides import may_override_reason, roles_at_desk, verdict_on, who_may_override
from rules.roles import Role
from rules.users import UserPart
from schema.context import Info
from schema.fields import argument, computed, field
from schema.ids import encoded, number_of
from schema.user_blocks import UserBlock

RECORD_PREFIX = {ReasonCode.USER_BLOCK: "b", ReasonCode.ACCOUNT_BLOCKED: "k"}

DeskArgument = Annotated[strawberry.ID, argument("The circulation desk where you stand.")]


@strawberry.type(description="One reason that stands against an action.")
class GateReason:
    value: strawberry.Private[Reason]
    for_patron: strawberry.Private[bool]
    desks: strawberry.Private[Sequence[CirculationDesk] | None]
    code: ReasonCode = field("The stable code of the reason.")
    sentence: str = field("The reason in a sentence for staff and patron.")
    advice: str = field("What the patron can do about it.")
    until: datetime | None = field("When it ends by itself; null where it does not.")
    is_unknown: bool = field("Whether it stands because something could not be evaluated.")
    failed_check: ReasonCode | None = field(
        "What could not be evaluated; null where everything could."
    )
    overridable: Overridable = field("Who may override it.")
    version: int = field("The version of that record that was seen.")

    @computed("Every action that this reason stops.")
    def stops(self) -> list[Action]:
        return list(in_order(self.value.stops))

    @computed("The roles that may override it at a desk.")
    def who_may_override(self) -> list[Role]:
        return list(who_may_override(self.overridable))

    @computed("The record it rests on, to be named by an override.")
    def record(self) -> strawberry.ID | None:
        record = self.value.record_id
        return None if record is None else encoded(RECORD_PREFIX.get(self.code, "u"), record)

    @computed("The block, where the reason is a block on the user.")
    def block(self) -> UserBlock | None:
        block = self.value.block
        return None if block is None else UserBlock.of(block, self.for_patron)

    @computed("Whether you may override it at this desk.", UserPart.DESKS)
    def may_override(self, info: Info, desk: DeskArgument) -> bool:
        return may_override_reason(self.value, _roles_at(info, self.desks, desk))

    @classmethod
    def of(
        cls, value: Reason, for_patron: bool, desks: Sequence[CirculationDesk] | None = None
    ) -> "GateReason":
        return cls(
            value=value,
            for_patron=for_patron,
            desks=desks,
            code=value.code,
            sentence=value.sentence,
            advice=value.advice,
            until=value.until,
            is_unknown=value.is_unknown,
            failed_check=value.failed_check,
            overridable=value.overridable,
            version=value.version,
        )


@strawberry.interface(description="Reasons that stand together, and what you may override of them.")
class GateAnswer:
    desks: strawberry.Private[Sequence[CirculationDesk] | None]
    reasons: list[GateReason] = field("Every reason, in the field's order.")

    @computed(
        "Whether you may override every reason that stops something, and there is one: only then "
        "is an override to be offered.",
        UserPart.DESKS,
    )
    def may_override(self, info: Info, desk: DeskArgument) -> bool:
        values = [reason.value for reason in self.reasons]
        return verdict_on(values, _roles_at(info, self.desks, desk)).is_permitted

    @computed("The reasons that you may not override at this desk.", UserPart.DESKS)
    def in_the_way(self, info: Info, desk: DeskArgument) -> list[GateReason]:
        roles = _roles_at(info, self.desks, desk)
        refused = verdict_on([reason.value for reason in self.reasons], roles).not_overridable
        return [reason for reason in self.reasons if reason.value in refused]


@strawberry.type(description="The gate's answer for one action of one user.")
class GateDecision(GateAnswer):
    action: Action = field("The action that was asked about.")
    verdict: Verdict = field("The answer.")
    is_allowed: bool = field("Whether the action may go ahead.")

    @classmethod
    def of(
        cls, value: Decision, for_patron: bool, desks: Sequence[CirculationDesk] | None = None
    ) -> "GateDecision":
        return cls.of_all([value], for_patron, desks)[0]

    @classmethod
    def of_all(
        cls,
        values: Sequence[Decision],
        for_patron: bool,
        desks: Sequence[CirculationDesk] | None = None,
    ) -> "list[GateDecision]":
        """Decisions about one user share their reasons, so each reason is made once; the values
        hold the reasons, so that their identities stay their own meanwhile."""
        made: dict[int, GateReason] = {}
        for value in values:
            for reason in value.reasons:
                if id(reason) not in made:
                    made[id(reason)] = GateReason.of(reason, for_patron, desks)
        return [
            cls(
                desks=desks,
                action=value.action,
                verdict=value.verdict,
                is_allowed=value.verdict is Verdict.ALLOWED,
                reasons=[made[id(reason)] for reason in value.reasons],
            )
            for value in values
        ]


@strawberry.type(
    description="What to show when a patron is opened: every reason there is, whatever the action. "
    "No reasons, no alert."
)
class UserAlert(GateAnswer):
    @classmethod
    def of(
        cls,
        values: Sequence[Reason],
        for_patron: bool,
        desks: Sequence[CirculationDesk] | None = None,
    ) -> "UserAlert":
        reasons = [GateReason.of(reason, for_patron, desks) for reason in values]
        return cls(desks=desks, reasons=reasons)


def _roles_at(
    info: Info, desks: Sequence[CirculationDesk] | None, desk: strawberry.ID
) -> frozenset[Role]:
    """The viewer's roles that count at the desk; at a desk that is not there, none does."""
    number = number_of(desk, "CirculationDesk")
    library = next((d.library_code for d in desks or () if d.id == number), None)
    context = info.context
    return roles_at_desk(context.principal.grants, library, context.scope.now)
