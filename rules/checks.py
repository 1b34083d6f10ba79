"""The computed checks of the gate, and the preferences that say what each of them stops.
A later reason (a patron limit, say) is one more check here and one more row of preferences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from rules.actions import ALL_ACTIONS, Action
from rules.block_tables import Overridable
from rules.gate import BlockPreference, ReasonCode, Standing
from rules.users import AccountStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found against the user. `until` None: it does not end by itself."""

    sentence: str
    advice: str
    until: datetime | None = None


Evaluate = Callable[[Standing, datetime], Finding | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedCheck:
    """A reason worked out afresh each time and never stored. `question` says what is asked,
    in words that complete "could not tell …". A check that raises counts as unknown."""

    code: ReasonCode
    question: str
    evaluate: Evaluate


def account_inactive(standing: Standing, now: datetime) -> Finding | None:
    """An inactive user is the same as a blocked account (user-blocks 2.3).

    >>> from rules.specimens import NOON, STANDING
    >>> account_inactive(STANDING, NOON) is None
    True
    """
    del now  # an inactive account has no end; every check is asked in the same way
    if standing.user.status is AccountStatus.ACTIVE:
        return None
    return Finding(
        sentence="The account is inactive.",
        advice="Ask at the library desk to have the account made active again.",
    )


def account_expired(standing: Standing, now: datetime) -> Finding | None:
    """An account counts until the end of its last day at the institution, and not at that
    instant (user-blocks 8.6; section 13, reading J1 for the edge). A last day whose end is
    not known cannot be judged: the check raises and so counts as unknown.

    >>> from dataclasses import replace
    >>> from rules.specimens import NOON, STANDING
    >>> account_expired(replace(STANDING, expires_at=NOON), NOON).sentence
    'The account has expired.'
    """
    expires_on = standing.user.expires_on
    if standing.expires_at is None:
        if expires_on is not None:
            raise ValueError("the account has a last day, but the end of that day is not known")
        return None
    if now < standing.expires_at:
        return None
    last_day = f" Its last day was {expires_on.isoformat()}." if expires_on else ""
    return Finding(
        sentence=f"The account has expired.{last_day}",
        advice="Ask at the library desk to have the account extended.",
    )


CHECKS: tuple[ComputedCheck, ...] = (
    ComputedCheck(
        code=ReasonCode.ACCOUNT_INACTIVE,
        question="whether the account is active",
        evaluate=account_inactive,
    ),
    ComputedCheck(
        code=ReasonCode.ACCOUNT_EXPIRED,
        question="whether the account has expired",
        evaluate=account_expired,
    ),
)
"""Every computed check the gate asks. The order of the answers is that of ReasonCode."""


def unsaid_preference(reason: ReasonCode) -> BlockPreference:
    """What a computed reason does where the institution has no row for it, a new reason say: it
    stops everything and nobody may override it (user-blocks 3.3; design, "Fail closed"). Version
    0 says that nobody has decided yet.

    >>> unsaid_preference(ReasonCode.ACCOUNT_EXPIRED).overridable.name
    'NONE'
    """
    return BlockPreference(
        reason=reason, actions=ALL_ACTIONS, overridable=Overridable.NONE, version=0
    )


def default_preferences() -> Mapping[ReasonCode, BlockPreference]:
    """The block preferences an institution starts with, one row for each check (user-blocks
    3.3). An inactive account is a blocked account (2.3): it stops everything and nobody may
    override it. An expired account stops loans and renewals, since a due date may not lie
    beyond the account's end, but not requests, which are stopped only where the library asks
    for it (8.6); the manager of the desk may override it, as seed S1 has it for most blocks.

    >>> row = default_preferences()[ReasonCode.ACCOUNT_EXPIRED]
    >>> sorted(action.name for action in row.actions), row.overridable.name
    (['AUTO_RENEW', 'LOAN', 'RENEW'], 'CIRCDESC')
    """
    return _DEFAULTS


_DEFAULTS: Mapping[ReasonCode, BlockPreference] = MappingProxyType(
    {
        ReasonCode.ACCOUNT_INACTIVE: BlockPreference(
            reason=ReasonCode.ACCOUNT_INACTIVE,
            actions=ALL_ACTIONS,
            overridable=Overridable.NONE,
            version=1,
        ),
        ReasonCode.ACCOUNT_EXPIRED: BlockPreference(
            reason=ReasonCode.ACCOUNT_EXPIRED,
            actions=frozenset({Action.LOAN, Action.RENEW, Action.AUTO_RENEW}),
            overridable=Overridable.CIRCDESC,
            version=1,
        ),
    }
)
