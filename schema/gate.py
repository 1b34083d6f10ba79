"""The gate's answers as clients see them: every reason, who may override it, what to do."""

from datetime import datetime

import strawberry

from rules.actions import Action
from rules.block_tables import Overridable
from rules.gate import Decision, Reason, ReasonCode, Verdict
from rules.overrides import who_may_override
from rules.roles import Role
from schema.fields import field
from schema.ids import encoded
from schema.user_blocks import UserBlock

RECORD_PREFIX = {ReasonCode.USER_BLOCK: "b", ReasonCode.ACCOUNT_BLOCKED: "k"}


@strawberry.type(description="One reason that stands against an action.")
class GateReason:
    code: ReasonCode = field("The stable code of the reason.")
    sentence: str = field("The reason in a sentence for staff and patron.")
    advice: str = field("What the patron can do about it.")
    until: datetime | None = field("When it ends by itself; null where it does not.")
    is_unknown: bool = field("Whether it stands because something could not be evaluated.")
    stops: list[Action] = field("Every action that this reason stops.")
    overridable: Overridable = field("Who may override it.")
    who_may_override: list[Role] = field("The roles that may override it at a desk.")
    record: strawberry.ID | None = field("The record it rests on, to be named by an override.")
    version: int | None = field("The version of that record that was seen.")
    block: UserBlock | None = field("The block, where the reason is a block on the user.")

    @classmethod
    def of(cls, value: Reason, for_patron: bool) -> "GateReason":
        record = value.record_id
        prefix = RECORD_PREFIX.get(value.code, "u")
        return cls(
            code=value.code,
            sentence=value.sentence,
            advice=value.advice,
            until=value.until,
            is_unknown=value.is_unknown,
            stops=[action for action in Action if action in value.stops],
            overridable=value.overridable,
            who_may_override=list(who_may_override(value.overridable)),
            record=None if record is None else encoded(prefix, record),
            version=value.version,
            block=None if value.block is None else UserBlock.of(value.block, for_patron),
        )


@strawberry.type(description="The gate's answer for one action of one user.")
class GateDecision:
    action: Action = field("The action that was asked about.")
    verdict: Verdict = field("The answer.")
    is_allowed: bool = field("Whether the action may go ahead.")
    reasons: list[GateReason] = field("Every reason against it, in the field's order.")

    @classmethod
    def of(cls, value: Decision, for_patron: bool) -> "GateDecision":
        return cls(
            action=value.action,
            verdict=value.verdict,
            is_allowed=value.verdict is Verdict.ALLOWED,
            reasons=[GateReason.of(reason, for_patron) for reason in value.reasons],
        )
