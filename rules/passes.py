"""The pass: leave to carry out one action once, within minutes, as the gate decided it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from rules.actions import Action
from rules.block_tables import Overridable
from rules.gate import Decision
from rules.overrides import AnsweredReason, answers_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Leave for exactly this user, action and item. `rests_on` are the reasons that were
    overridden when it was issued, none where nothing stood against the action."""

    id: UUID
    user_id: UUID
    action: Action
    item_barcode: str | None
    desk_id: UUID | None
    issued_to: str
    issued_at: datetime
    expires_at: datetime
    consumed_at: datetime | None
    rests_on: tuple[AnsweredReason, ...]


class PassFault(Enum):
    """Why a pass cannot be used."""

    CONSUMED = "CONSUMED"
    EXPIRED = "EXPIRED"
    OTHER_USER = "OTHER_USER"
    OTHER_ACTION = "OTHER_ACTION"
    OTHER_ITEM = "OTHER_ITEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotConsumable:
    """That a pass cannot be used, and why."""

    fault: PassFault
    sentence: str


_SENTENCES = {
    PassFault.CONSUMED: "This pass has been used already; ask for a new one.",
    PassFault.EXPIRED: "This pass has run out; ask for a new one.",
    PassFault.OTHER_USER: "This pass was issued for another user.",
    PassFault.OTHER_ACTION: "This pass was issued for another action.",
    PassFault.OTHER_ITEM: "This pass was issued for another item.",
}


def why_not_consumable(
    issued: Pass, now: datetime, *, user_id: UUID, action: Action, item_barcode: str | None
) -> NotConsumable | None:
    """A pass counts once, before it runs out, for its own user, action and item (user-blocks
    3.2: an override is for one transaction, not for a session).

    >>> from datetime import timedelta
    >>> from rules.specimens import NOON, READER
    >>> issued = Pass(id=UUID(int=8), user_id=READER.id, action=Action.LOAN, item_barcode="B1",
    ...     desk_id=None, issued_to="desk-1", issued_at=NOON,
    ...     expires_at=NOON + timedelta(minutes=5), consumed_at=None, rests_on=())
    >>> why_not_consumable(issued, issued.expires_at, user_id=READER.id, action=Action.LOAN,
    ...     item_barcode="B1").fault.name
    'EXPIRED'
    """
    fault = None
    if issued.user_id != user_id:
        fault = PassFault.OTHER_USER
    elif issued.action is not action:
        fault = PassFault.OTHER_ACTION
    elif issued.item_barcode != item_barcode:
        fault = PassFault.OTHER_ITEM
    elif issued.consumed_at is not None:
        fault = PassFault.CONSUMED
    elif now >= issued.expires_at:
        fault = PassFault.EXPIRED
    return None if fault is None else NotConsumable(fault=fault, sentence=_SENTENCES[fault])


def still_rests(issued: Pass, decision: Decision) -> bool:
    """The check at the moment of the action: each reason that stands now must be among those
    the pass answers to, in the same version, and none may have become unknown or closed to
    everybody meanwhile (user-blocks 3.2, "check again at commit").

    >>> from datetime import timedelta
    >>> from rules.decisions import decide
    >>> from rules.specimens import BLOCKED_STANDING, NOON, READER
    >>> clean = Pass(id=UUID(int=8), user_id=READER.id, action=Action.LOAN, item_barcode="B1",
    ...     desk_id=None, issued_to="desk-1", issued_at=NOON,
    ...     expires_at=NOON + timedelta(minutes=5), consumed_at=None, rests_on=())
    >>> still_rests(clean, decide(BLOCKED_STANDING, Action.LOAN, NOON))
    False
    """
    return (
        decision.action is issued.action
        and _all_in(answers_to(decision), issued.rests_on)
        and not any(
            reason.is_unknown or reason.overridable is Overridable.NONE
            for reason in decision.reasons
        )
    )


def _all_in(answers: Sequence[AnsweredReason], rests_on: Sequence[AnsweredReason]) -> bool:
    return frozenset(answers) <= frozenset(rests_on)
