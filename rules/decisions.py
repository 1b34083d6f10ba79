"""The decision function of the gate, the same for every caller and channel."""

from collections.abc import Sequence
from datetime import datetime

from rules.actions import Action
from rules.checks import CHECKS, ComputedCheck
from rules.gate import Decision, Reason, ReasonCode, Standing, Verdict
from rules.reasons import (
    account_block_reason,
    block_reason,
    found_reason,
    undefined_block_reason,
    unknown_reason,
)
from rules.user_blocks import UserBlock

ACTIONS: tuple[Action, ...] = tuple(Action)

_PLACE: dict[ReasonCode, int] = {code: place for place, code in enumerate(ReasonCode)}


def reasons_against(
    standing: Standing, now: datetime, *, checks: Sequence[ComputedCheck] = CHECKS
) -> tuple[Reason, ...]:
    """Every reason there is, whatever the action, in the field's order (user-blocks 2.5: find
    all and return all). Expired and inactive blocks are no reasons (section 13, J1). A check
    that cannot be made has its own place in the order; blocks go by the day they were made.

    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> [reason.code.name for reason in reasons_against(BLOCKED_STANDING, NOON)]
    ['USER_BLOCK']
    """
    found: list[Reason] = []
    if standing.account_block is not None:
        found.append(account_block_reason(standing.account_block))
    for check in checks:
        try:
            finding = check.evaluate(standing, now)
        except Exception:  # whatever went wrong, the answer is "unknown", never "no reason"
            found.append(unknown_reason(standing, check))
            continue
        if finding is not None:
            found.append(found_reason(standing, check.code, finding))
    if standing.blocks:
        found += _block_reasons(standing.blocks, now)
    if len(found) > 1:
        found.sort(key=_place)
    return tuple(found)


def decide(standing: Standing, action: Action, now: datetime) -> Decision:
    """May this user do this now? Only the reasons that stop this action stand against it, and
    all of them do (user-blocks 2.4). BLOCKED where at least one reason is known; UNKNOWN where
    nothing is known against it, but something could not be found out.

    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> decide(BLOCKED_STANDING, Action.LOAN, NOON).verdict.name
    'BLOCKED'
    >>> decide(BLOCKED_STANDING, Action.HOLD, NOON).verdict.name
    'ALLOWED'
    """
    return decision_from(reasons_against(standing, now), action)


def decide_all(standing: Standing, now: datetime) -> tuple[Decision, ...]:
    """The decision for each action in the order of Action, from one look at the user
    (user-blocks 2.4).

    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> [d.action.name for d in decide_all(BLOCKED_STANDING, NOON) if d.reasons]
    ['LOAN']
    """
    return decisions_from(reasons_against(standing, now))


def decisions_from(reasons: tuple[Reason, ...]) -> tuple[Decision, ...]:
    """The decision for each action, for callers that have the reasons already."""
    if not reasons:
        return _ALL_ALLOWED
    return tuple([decision_from(reasons, action) for action in ACTIONS])


def decision_from(reasons: tuple[Reason, ...], action: Action) -> Decision:
    """The decision for one action, for callers that have the reasons already."""
    against = tuple([reason for reason in reasons if action in reason.stops])
    if not against:
        return _ALLOWED[action]
    is_unknown = all(reason.is_unknown for reason in against)
    verdict = Verdict.UNKNOWN if is_unknown else Verdict.BLOCKED
    return Decision(action=action, verdict=verdict, reasons=against)


def _block_reasons(blocks: Sequence[UserBlock], now: datetime) -> list[Reason]:
    found: list[Reason] = []
    for block in sorted(blocks, key=_age) if len(blocks) > 1 else blocks:
        try:
            if block.is_in_force(now):
                found.append(block_reason(block))
        except Exception:  # a block nobody can make sense of is no free pass
            found.append(undefined_block_reason(block))
    return found


def _age(block: UserBlock) -> tuple[datetime, str]:
    return block.created_at, block.id.hex


def _place(reason: Reason) -> int:
    return _PLACE[reason.failed_check or reason.code]


_ALLOWED = {
    action: Decision(action=action, verdict=Verdict.ALLOWED, reasons=()) for action in ACTIONS
}
_ALL_ALLOWED = tuple(_ALLOWED[action] for action in ACTIONS)
