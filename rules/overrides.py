"""Who may override what: an override lets one action through and leaves every block as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from uuid import UUID

from rules.block_tables import Overridable
from rules.gate import Decision, Reason, ReasonCode
from rules.roles import Role, RoleGrant

_OVERRIDERS: Mapping[Overridable, tuple[Role, ...]] = MappingProxyType(
    {
        Overridable.ALL: (
            Role.CIRCULATION_DESK_OPERATOR_LIMITED,
            Role.CIRCULATION_DESK_OPERATOR,
            Role.CIRCULATION_DESK_MANAGER,
        ),
        Overridable.OPERATOR: (Role.CIRCULATION_DESK_OPERATOR, Role.CIRCULATION_DESK_MANAGER),
        Overridable.CIRCDESC: (Role.CIRCULATION_DESK_MANAGER,),
        Overridable.NONE: (),
    }
)


class OverrideRefusal(Enum):
    """Why an override is refused."""

    NOTHING_TO_OVERRIDE = "NOTHING_TO_OVERRIDE"
    NOT_OVERRIDABLE = "NOT_OVERRIDABLE"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredReason:
    """A reason as the operator saw it: its code, what it rests on, and in which version."""

    code: ReasonCode
    record_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideVerdict:
    """Whether one person may override a decision, and the reasons that stand in the way."""

    is_permitted: bool
    not_overridable: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideGranted:
    """The action may go ahead this once, in spite of `overridden`; `roles_used` allowed it."""

    overridden: tuple[Reason, ...]
    rests_on: tuple[AnsweredReason, ...]
    roles_used: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRefused:
    """The action may not go ahead; `reasons` are those that stand in the way."""

    kind: OverrideRefusal
    sentence: str
    reasons: tuple[Reason, ...]


def who_may_override(overridable: Overridable) -> tuple[Role, ...]:
    """The roles that may override, the least of them first (user-blocks 3.1; O1: ALL takes in
    operators with limited permissions).

    >>> [role.name for role in who_may_override(Overridable.CIRCDESC)]
    ['CIRCULATION_DESK_MANAGER']
    """
    return _OVERRIDERS[overridable]


def may_override(overridable: Overridable, roles: frozenset[Role]) -> bool:
    """The best of several roles counts (user-blocks 3.1). A patron never overrides.

    >>> may_override(Overridable.OPERATOR, frozenset({Role.CIRCULATION_DESK_OPERATOR_LIMITED}))
    False
    """
    return not roles.isdisjoint(_OVERRIDERS[overridable])


def roles_at_desk(
    grants: Iterable[RoleGrant], desk_library_code: str | None, now: datetime
) -> frozenset[Role]:
    """The roles that count for overriding: held for the whole institution or for the library
    of the desk where the person stands; away from a desk none counts (user-blocks 3.1, O2).

    >>> from rules.specimens import NOON
    >>> grant = RoleGrant(role=Role.CIRCULATION_DESK_MANAGER, library_code="MAIN")
    >>> roles_at_desk([grant], "LAW", NOON)
    frozenset()
    """
    if desk_library_code is None:
        return frozenset()
    return frozenset(
        grant.role
        for grant in grants
        if grant.library_code in (None, desk_library_code) and grant.is_in_force(now)
    )


def override_verdict(decision: Decision, roles: frozenset[Role]) -> OverrideVerdict:
    """All reasons that stand against the action must be overridable by this person, else there
    is no override at all, and the reasons in the way are named (user-blocks 3.2).

    >>> from rules.actions import Action
    >>> from rules.decisions import decide
    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> decision = decide(BLOCKED_STANDING, Action.LOAN, NOON)
    >>> override_verdict(decision, frozenset({Role.CIRCULATION_DESK_OPERATOR})).is_permitted
    True
    """
    return verdict_on(decision.reasons, roles)


def verdict_on(reasons: Sequence[Reason], roles: frozenset[Role]) -> OverrideVerdict:
    """The same for the alert when the patron is opened and no action is known yet: whatever
    stops anything must be overridable; what stops nothing is only shown (user-blocks 3.2).

    >>> from rules.decisions import reasons_against
    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> verdict_on(reasons_against(BLOCKED_STANDING, NOON), frozenset()).is_permitted
    False
    """
    stopping = [reason for reason in reasons if reason.stops]
    in_the_way = tuple(reason for reason in stopping if not may_override_reason(reason, roles))
    return OverrideVerdict(
        is_permitted=bool(stopping) and not in_the_way, not_overridable=in_the_way
    )


def may_override_reason(reason: Reason, roles: frozenset[Role]) -> bool:
    """What nobody knows nobody overrides; for the rest the matrix counts (user-blocks 3.1).

    >>> from rules.decisions import reasons_against
    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> [reason] = reasons_against(BLOCKED_STANDING, NOON)
    >>> may_override_reason(reason, frozenset({Role.CIRCULATION_DESK_MANAGER}))
    True
    """
    return not reason.is_unknown and may_override(reason.overridable, roles)


def strictest(reasons: Iterable[Reason]) -> Overridable:
    """Who could override all of these: the narrowest of their settings (user-blocks 3.1).

    >>> from rules.decisions import reasons_against
    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> strictest(reasons_against(BLOCKED_STANDING, NOON)).name
    'OPERATOR'
    """
    order = tuple(Overridable)
    settings = (Overridable.NONE if r.is_unknown else r.overridable for r in reasons)
    return max(settings, key=order.index, default=Overridable.ALL)


def check_override(
    decision: Decision, answered: Sequence[AnsweredReason], roles: frozenset[Role]
) -> OverrideGranted | OverrideRefused:
    """An override answers to every reason that stands now, in the version that was seen; one
    that has changed or newly come refuses it (user-blocks 3.2). Answers to reasons that have
    gone meanwhile do no harm.

    >>> from rules.actions import Action
    >>> from rules.decisions import decide
    >>> from rules.specimens import BLOCKED_STANDING, NOON
    >>> decision = decide(BLOCKED_STANDING, Action.LOAN, NOON)
    >>> check_override(decision, [], frozenset({Role.CIRCULATION_DESK_MANAGER})).kind.name
    'CHANGED'
    """
    if not decision.reasons:
        return OverrideRefused(
            kind=OverrideRefusal.NOTHING_TO_OVERRIDE,
            sentence="Nothing stands against this action, so there is nothing to override.",
            reasons=(),
        )
    in_the_way = override_verdict(decision, roles).not_overridable
    if in_the_way:
        return OverrideRefused(
            kind=OverrideRefusal.NOT_OVERRIDABLE,
            sentence=f"You may not override this here: {_listed(in_the_way)}",
            reasons=in_the_way,
        )
    seen = frozenset(answered)
    unanswered = tuple(reason for reason in decision.reasons if answer_to(reason) not in seen)
    if unanswered:
        return OverrideRefused(
            kind=OverrideRefusal.CHANGED,
            sentence=(
                "What stands against this action is not what the override answers to. "
                f"Look again and decide anew: {_listed(unanswered)}"
            ),
            reasons=unanswered,
        )
    return OverrideGranted(
        overridden=decision.reasons,
        rests_on=answers_to(decision),
        roles_used=_roles_used(decision, roles),
    )


def answer_to(reason: Reason) -> AnsweredReason:
    """The answer that names this reason as it stands now."""
    return AnsweredReason(code=reason.code, record_id=reason.record_id, version=reason.version)


def answers_to(decision: Decision) -> tuple[AnsweredReason, ...]:
    """The answers that name every reason of the decision as it stands now."""
    return tuple(answer_to(reason) for reason in decision.reasons)


def _roles_used(decision: Decision, roles: frozenset[Role]) -> frozenset[Role]:
    """Those that each override every reason; there is one, since who may override more may
    override everything that is easier too."""
    return roles.intersection(*[_OVERRIDERS[reason.overridable] for reason in decision.reasons])


def _listed(reasons: Iterable[Reason]) -> str:
    return " ".join(reason.sentence for reason in reasons)
