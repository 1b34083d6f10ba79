"""The record of an override: who tried to let which action through, against what, and why. A
refused try is recorded as a granted one is (user-blocks 3.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from rules.actions import Action
from rules.block_tables import BlockType, Overridable
from rules.gate import Decision, Reason, ReasonCode
from rules.institutions import CirculationDesk
from rules.overrides import OverrideRefusal
from rules.roles import Role

WHY_LIMIT = 1000


class OverrideOutcome(Enum):
    """What came of the try."""

    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReason:
    """A reason as it stood at the try, in words that last when the block tables change.
    `is_in_the_way`: the override was refused because of this one."""

    code: ReasonCode
    record_id: UUID | None
    version: int
    description_code: str | None
    description: str | None
    block_type: BlockType | None
    overridable: Overridable
    sentence: str
    is_in_the_way: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideEvent:
    """One try. `roles` are those that allowed it or, where it was refused, those that counted
    at the desk. The user is named by id only: the account may be gone when this is read."""

    id: UUID
    at: datetime
    outcome: OverrideOutcome
    refusal: OverrideRefusal | None
    operator: str
    roles: tuple[Role, ...]
    desk: CirculationDesk | None
    library_name: str | None
    user_id: UUID
    user_primary_id: str | None
    action: Action
    item_barcode: str | None
    reasons: tuple[EventReason, ...]
    why: str
    pass_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideEventFilter:
    """Which events are asked for: from `since` on, before `until`; None asks for all."""

    since: datetime | None = None
    until: datetime | None = None
    operator: str | None = None
    desk_id: UUID | None = None
    user_id: UUID | None = None
    action: Action | None = None
    outcome: OverrideOutcome | None = None


def event_reasons(decision: Decision, in_the_way: Iterable[Reason] = ()) -> tuple[EventReason, ...]:
    """Every reason of the decision as the event keeps it (user-blocks 3.4: every block that was
    overridden, by description and type).

    >>> from rules.decisions import decide
    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> [kept] = event_reasons(decide(BLOCKED_STANDING, Action.LOAN, NOON))
    >>> kept.description, kept.block_type.name, kept.is_in_the_way
    ('Unpaid fees', 'CASH', False)
    """
    refused = {(reason.code, reason.failed_check, reason.record_id) for reason in in_the_way}
    return tuple(
        _event_reason(reason, (reason.code, reason.failed_check, reason.record_id) in refused)
        for reason in decision.reasons
    )


def _event_reason(reason: Reason, is_in_the_way: bool) -> EventReason:
    block = reason.block
    description = None if block is None else block.description
    return EventReason(
        code=reason.code,
        record_id=reason.record_id,
        version=reason.version,
        description_code=None if description is None else description.code,
        description=None if description is None else description.text,
        block_type=None if block is None else block.block_type,
        overridable=reason.overridable,
        sentence=reason.sentence,
        is_in_the_way=is_in_the_way,
    )
