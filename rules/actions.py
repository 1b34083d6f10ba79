"""What a patron may want to do, and the codes by which blocks name sets of those actions."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from uuid import UUID


class Action(Enum):
    """A thing a patron does at the library that a block can stop."""

    LOAN = "LOAN"
    RENEW = "RENEW"
    AUTO_RENEW = "AUTO_RENEW"
    HOLD = "HOLD"
    RESOURCE_SHARING = "RESOURCE_SHARING"


ALL_ACTIONS = frozenset(Action)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedActionCode:
    """One row of an institution's table from code to the actions it stops."""

    id: UUID
    code: str
    name: str
    actions: frozenset[Action]
    version: int = 1


PRESET_CODES: tuple[tuple[str, str, frozenset[Action]], ...] = (
    ("01", "Loan", frozenset({Action.LOAN})),
    ("02", "Loan, renew", frozenset({Action.LOAN, Action.RENEW, Action.AUTO_RENEW})),
    (
        "03",
        "Loan, renew, hold",
        frozenset({Action.LOAN, Action.RENEW, Action.AUTO_RENEW, Action.HOLD}),
    ),
    ("ALL", "Loan, renew, hold, resource sharing request", ALL_ACTIONS),
)
"""The codes every institution starts with; renewal covers automatic renewal (user-blocks 2.4)."""

ALL_ACTIONS_CODE = "ALL"


@lru_cache(maxsize=64)
def actions_stopped_by(actions: frozenset[Action]) -> frozenset[Action]:
    """What a set of actions stops when it is enforced: automatic renewal is renewal, so what
    stops renewals stops automatic ones too (user-blocks 2.4). The reverse does not hold: a
    library may stop automatic renewal alone.

    >>> sorted(action.name for action in actions_stopped_by(frozenset({Action.RENEW})))
    ['AUTO_RENEW', 'RENEW']
    """
    return actions | {Action.AUTO_RENEW} if Action.RENEW in actions else actions


@lru_cache(maxsize=64)
def in_order(actions: frozenset[Action]) -> tuple[Action, ...]:
    """The actions in the order of Action, in which people read them.

    >>> [action.name for action in in_order(frozenset({Action.HOLD, Action.LOAN}))]
    ['LOAN', 'HOLD']
    """
    return tuple(action for action in Action if action in actions)


@lru_cache(maxsize=64)
def in_words(actions: frozenset[Action]) -> str:
    """The actions as staff name them, in the order of Action.

    >>> in_words(frozenset({Action.HOLD, Action.LOAN, Action.RENEW}))
    'loan, renewal and hold'
    """
    words = [_WORDS[action] for action in in_order(actions)]
    if len(words) < 2:
        return "".join(words) or "nothing"
    return f"{', '.join(words[:-1])} and {words[-1]}"


_WORDS = {
    Action.LOAN: "loan",
    Action.RENEW: "renewal",
    Action.AUTO_RENEW: "automatic renewal",
    Action.HOLD: "hold",
    Action.RESOURCE_SHARING: "resource sharing request",
}
