"""The pass: leave to carry out one action once, within minutes, as the gate decided it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from rules.actions import Action
from rules.block_tables import Overridable
from rules.gate import Decision, Reason
from rules.overrides import AnsweredReason, answer_to
from rules.problems import Problem

BARCODE_LIMIT = 100

_WITHOUT_ITEM = frozenset({Action.HOLD, Action.RESOURCE_SHARING})


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
    return decision.action is issued.action and not reasons_against_pass(issued, decision)


def reasons_against_pass(issued: Pass, decision: Decision) -> tuple[Reason, ...]:
    """The reasons of the decision that the pass does not answer to: new ones, changed ones, and
    those that nobody may override any more (user-blocks 3.2).

    >>> from datetime import timedelta
    >>> from rules.decisions import decide
    >>> from rules.specimens import BLOCKED_STANDING, NOON, READER
    >>> clean = Pass(id=UUID(int=8), user_id=READER.id, action=Action.LOAN, item_barcode="B1",
    ...     desk_id=None, issued_to="desk-1", issued_at=NOON,
    ...     expires_at=NOON + timedelta(minutes=5), consumed_at=None, rests_on=())
    >>> decision = decide(BLOCKED_STANDING, Action.LOAN, NOON)
    >>> [reason.code.name for reason in reasons_against_pass(clean, decision)]
    ['USER_BLOCK']
    """
    answered = frozenset(issued.rests_on)
    return tuple(
        reason
        for reason in decision.reasons
        if reason.is_unknown
        or reason.overridable is Overridable.NONE
        or answer_to(reason) not in answered
    )


def item_problem(action: Action, item_barcode: str | None) -> Problem | None:
    """A pass for a loan or a renewal names the item; a request may be for a title of which no
    item is chosen yet (user-blocks 3.2: an override is for one transaction).

    >>> item_problem(Action.LOAN, None).sentence
    'Name the item by its barcode: a pass is for one item.'
    >>> item_problem(Action.HOLD, None) is None
    True
    """
    if item_barcode is not None or action in _WITHOUT_ITEM:
        return None
    sentence = "Name the item by its barcode: a pass is for one item."
    return Problem(path=("itemBarcode",), sentence=sentence)
