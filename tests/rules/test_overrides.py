"""Who may override what, where, and what an override has to answer to."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.actions import ALL_ACTIONS, Action
from rules.block_tables import Overridable
from rules.decisions import decide, decide_all
from rules.gate import Decision, Standing
from rules.overrides import (
    OverrideGranted,
    OverrideRefusal,
    OverrideRefused,
    answers_to,
    check_override,
    may_override,
    override_verdict,
    roles_at_desk,
    who_may_override,
)
from rules.roles import Role, RoleGrant
from rules.specimens import BLOCK, BLOCKED_STANDING, NOON, STANDING, UNPAID_DEFINITION
from rules.user_blocks import UserBlock
from tests.rules.strategies import code_for, standings

LIMITED = Role.CIRCULATION_DESK_OPERATOR_LIMITED
OPERATOR = Role.CIRCULATION_DESK_OPERATOR
MANAGER = Role.CIRCULATION_DESK_MANAGER

LOAN = decide(BLOCKED_STANDING, Action.LOAN, NOON)


def block_for(overridable: Overridable, *, number: int) -> UserBlock:
    definition = replace(
        UNPAID_DEFINITION, overridable=overridable, blocked_action=code_for(ALL_ACTIONS)
    )
    return replace(BLOCK, id=UUID(int=number), definition=definition)


def loan_against(*blocks: UserBlock) -> Decision:
    return decide(replace(STANDING, blocks=blocks), Action.LOAN, NOON)


@pytest.mark.parametrize(
    ("overridable", "roles"),
    [
        (Overridable.ALL, {LIMITED, OPERATOR, MANAGER}),
        (Overridable.OPERATOR, {OPERATOR, MANAGER}),
        (Overridable.CIRCDESC, {MANAGER}),
        (Overridable.NONE, set()),
    ],
)
def test_each_setting_admits_its_roles_and_no_other(
    overridable: Overridable, roles: set[Role]
) -> None:
    assert {role for role in Role if may_override(overridable, frozenset({role}))} == roles
    assert set(who_may_override(overridable)) == roles


def test_a_role_counts_at_the_desk_of_its_library_or_everywhere() -> None:
    grants = [
        RoleGrant(role=MANAGER, library_code="MAIN"),
        RoleGrant(role=OPERATOR),
        RoleGrant(role=LIMITED, expires_at=NOON),
    ]
    assert roles_at_desk(grants, "MAIN", NOON) == {MANAGER, OPERATOR}
    assert roles_at_desk(grants, "LAW", NOON) == {OPERATOR}
    assert roles_at_desk(grants, None, NOON) == frozenset()
    assert LIMITED in roles_at_desk(grants, "LAW", NOON - timedelta(seconds=1))


def test_one_reason_in_the_way_stops_the_override_and_is_named() -> None:
    decision = loan_against(
        block_for(Overridable.ALL, number=11), block_for(Overridable.CIRCDESC, number=12)
    )
    refused = check_override(decision, answers_to(decision), frozenset({OPERATOR}))
    assert isinstance(refused, OverrideRefused)
    assert refused.kind is OverrideRefusal.NOT_OVERRIDABLE
    assert [reason.record_id for reason in refused.reasons] == [UUID(int=12)]


def test_an_override_that_answers_everything_is_granted() -> None:
    decision = loan_against(
        block_for(Overridable.ALL, number=11), block_for(Overridable.CIRCDESC, number=12)
    )
    granted = check_override(decision, answers_to(decision), frozenset({OPERATOR, MANAGER}))
    assert granted == OverrideGranted(
        overridden=decision.reasons,
        rests_on=answers_to(decision),
        roles_used=frozenset({MANAGER}),
    )


def test_an_override_that_leaves_a_reason_unanswered_is_refused() -> None:
    seen = answers_to(LOAN)
    now = loan_against(BLOCK, block_for(Overridable.ALL, number=12))
    refused = check_override(now, seen, frozenset({MANAGER}))
    assert isinstance(refused, OverrideRefused)
    assert refused.kind is OverrideRefusal.CHANGED
    assert [reason.record_id for reason in refused.reasons] == [UUID(int=12)]


def test_an_override_of_an_older_version_is_refused() -> None:
    changed = loan_against(replace(BLOCK, version=2))
    refused = check_override(changed, answers_to(LOAN), frozenset({MANAGER}))
    assert isinstance(refused, OverrideRefused)
    assert refused.kind is OverrideRefusal.CHANGED


def test_an_answer_to_a_block_that_has_gone_does_no_harm() -> None:
    seen = answers_to(loan_against(BLOCK, block_for(Overridable.NONE, number=12)))
    assert isinstance(check_override(LOAN, seen, frozenset({OPERATOR})), OverrideGranted)


def test_there_is_nothing_to_override_where_nothing_stands() -> None:
    refused = check_override(decide(STANDING, Action.LOAN, NOON), (), frozenset({MANAGER}))
    assert isinstance(refused, OverrideRefused)
    assert refused.kind is OverrideRefusal.NOTHING_TO_OVERRIDE


def test_a_patron_never_overrides() -> None:
    decision = loan_against(block_for(Overridable.ALL, number=11))
    assert not override_verdict(decision, frozenset({Role.PATRON})).is_permitted


def test_what_is_unknown_is_not_overridden_by_anybody() -> None:
    decision = loan_against(replace(BLOCK, definition=None))
    assert not override_verdict(decision, frozenset(Role)).is_permitted
    (reason,) = decision.reasons
    open_to_all = replace(decision, reasons=(replace(reason, overridable=Overridable.ALL),))
    assert not override_verdict(open_to_all, frozenset(Role)).is_permitted


@given(standings(), st.frozensets(st.sampled_from(Role)))
def test_an_override_is_permitted_exactly_when_every_reason_is(
    standing: Standing, roles: frozenset[Role]
) -> None:
    for decision in decide_all(standing, NOON):
        verdict = override_verdict(decision, roles)
        each = [
            not reason.is_unknown and may_override(reason.overridable, roles)
            for reason in decision.reasons
        ]
        assert verdict.is_permitted is (bool(each) and all(each))
        granted = check_override(decision, answers_to(decision), roles)
        assert isinstance(granted, OverrideGranted) is verdict.is_permitted
        if isinstance(granted, OverrideGranted):
            assert granted.roles_used
            assert granted.roles_used <= roles


@given(standings(), st.frozensets(st.sampled_from(Role)), st.sampled_from(Role))
def test_one_more_role_never_takes_an_override_away(
    standing: Standing, roles: frozenset[Role], more: Role
) -> None:
    for decision in decide_all(standing, NOON):
        if override_verdict(decision, roles).is_permitted:
            assert override_verdict(decision, roles | {more}).is_permitted
