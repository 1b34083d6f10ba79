"""The gate: every reason, in order, and the verdict for each action."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.actions import ALL_ACTIONS, Action
from rules.block_tables import Overridable
from rules.checks import CHECKS, ComputedCheck, Finding
from rules.decisions import decide, decide_all, decision_from, reasons_against
from rules.gate import ReasonCode, Standing, Verdict
from rules.specimens import BLOCK, BLOCKED_STANDING, NOON, READER, STANDING, UNPAID_DEFINITION
from rules.user_blocks import BlockOrigin, BlockStatus, UserBlock
from rules.users import AccountStatus
from tests.rules.strategies import ACCOUNT_BLOCK, REMOVAL, code_for, standings, user_blocks

HOUR = timedelta(hours=1)


def with_blocks(*blocks: UserBlock) -> Standing:
    return replace(STANDING, blocks=blocks)


def block_stopping(*actions: Action, number: int = 5) -> UserBlock:
    definition = replace(UNPAID_DEFINITION, blocked_action=code_for(frozenset(actions)))
    return replace(BLOCK, id=UUID(int=number), definition=definition)


def test_a_reader_in_good_standing_may_do_everything() -> None:
    assert [(one.action, one.verdict, one.reasons) for one in decide_all(STANDING, NOON)] == [
        (action, Verdict.ALLOWED, ()) for action in Action
    ]


def test_a_block_stops_the_actions_of_its_code_and_no_others() -> None:
    verdicts = {one.action: one.verdict for one in decide_all(BLOCKED_STANDING, NOON)}
    assert verdicts == dict.fromkeys(Action, Verdict.ALLOWED) | {Action.LOAN: Verdict.BLOCKED}


def test_a_block_reason_names_the_block_and_its_version() -> None:
    (reason,) = decide(BLOCKED_STANDING, Action.LOAN, NOON).reasons
    assert (reason.code, reason.record_id, reason.version, reason.block) == (
        ReasonCode.USER_BLOCK,
        BLOCK.id,
        BLOCK.version,
        BLOCK,
    )
    assert reason.overridable is Overridable.OPERATOR
    assert reason.sentence == "A block is in force: Unpaid fees. It stops loan."


def test_several_blocks_stop_the_union_of_their_actions() -> None:
    standing = with_blocks(
        block_stopping(Action.LOAN, number=5), block_stopping(Action.HOLD, number=6)
    )
    blocked = [one.action for one in decide_all(standing, NOON) if one.reasons]
    assert blocked == [Action.LOAN, Action.HOLD]


def test_what_stops_renewals_stops_automatic_ones_though_not_named() -> None:
    decision = decide(with_blocks(block_stopping(Action.RENEW)), Action.AUTO_RENEW, NOON)
    assert decision.verdict is Verdict.BLOCKED


def test_automatic_renewal_can_be_stopped_alone() -> None:
    decision = decide(with_blocks(block_stopping(Action.AUTO_RENEW)), Action.RENEW, NOON)
    assert decision.verdict is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("block", "stands"),
    [
        (replace(BLOCK, expires_at=NOON + timedelta(microseconds=1)), True),
        (replace(BLOCK, expires_at=NOON), False),
        (replace(BLOCK, expires_at=NOON - HOUR), False),
        (replace(BLOCK, status=BlockStatus.INACTIVE), False),
        (replace(BLOCK, removal=REMOVAL), False),
    ],
)
def test_only_active_kept_and_unexpired_blocks_stand(block: UserBlock, stands: bool) -> None:
    assert bool(reasons_against(with_blocks(block), NOON)) is stands


def test_an_expired_account_stops_loans_and_renewals_but_not_requests_by_default() -> None:
    standing = replace(
        STANDING, user=replace(READER, expires_on=date(2026, 11, 21)), expires_at=NOON
    )
    blocked = [one.action for one in decide_all(standing, NOON) if one.reasons]
    assert blocked == [Action.LOAN, Action.RENEW, Action.AUTO_RENEW]
    (reason,) = decide(standing, Action.LOAN, NOON).reasons
    assert reason.sentence == "The account has expired. Its last day was 2026-11-21."
    assert reason.overridable is Overridable.CIRCDESC


def test_an_account_counts_until_the_instant_it_expires() -> None:
    standing = replace(STANDING, expires_at=NOON)
    before = NOON - timedelta(microseconds=1)
    assert decide(standing, Action.LOAN, before).verdict is Verdict.ALLOWED
    assert decide(standing, Action.LOAN, NOON).verdict is Verdict.BLOCKED


def test_an_inactive_account_stops_everything_and_nobody_may_override_it() -> None:
    standing = replace(STANDING, user=replace(READER, status=AccountStatus.INACTIVE))
    (reason,) = reasons_against(standing, NOON)
    assert (reason.code, reason.stops, reason.overridable) == (
        ReasonCode.ACCOUNT_INACTIVE,
        ALL_ACTIONS,
        Overridable.NONE,
    )


def test_a_computed_reason_without_a_preference_stops_everything() -> None:
    standing = replace(STANDING, expires_at=NOON, preferences={})
    (reason,) = reasons_against(standing, NOON)
    assert (reason.stops, reason.overridable) == (ALL_ACTIONS, Overridable.NONE)


def test_a_preference_without_actions_leaves_the_reason_to_be_shown_only() -> None:
    row = replace(STANDING.preferences[ReasonCode.ACCOUNT_EXPIRED], actions=frozenset())
    standing = replace(STANDING, expires_at=NOON, preferences={ReasonCode.ACCOUNT_EXPIRED: row})
    assert [reason.code for reason in reasons_against(standing, NOON)] == [
        ReasonCode.ACCOUNT_EXPIRED
    ]
    assert decide(standing, Action.LOAN, NOON).verdict is Verdict.ALLOWED


def test_every_reason_is_found_in_the_fields_order() -> None:
    standing = replace(
        STANDING,
        user=replace(READER, status=AccountStatus.INACTIVE),
        expires_at=NOON,
        account_block=ACCOUNT_BLOCK,
        blocks=(BLOCK,),
    )
    assert [reason.code for reason in decide(standing, Action.LOAN, NOON).reasons] == [
        ReasonCode.ACCOUNT_BLOCKED,
        ReasonCode.ACCOUNT_INACTIVE,
        ReasonCode.ACCOUNT_EXPIRED,
        ReasonCode.USER_BLOCK,
    ]


def test_a_loaded_block_without_a_definition_is_shown_and_stops_nothing() -> None:
    block = replace(BLOCK, definition=None, origin=BlockOrigin.IMPORT)
    (reason,) = reasons_against(with_blocks(block), NOON)
    assert (reason.stops, reason.is_unknown) == (frozenset(), False)
    assert reason.sentence == (
        "A loaded block has no effect: Unpaid fees. Its description has no block definition."
    )
    assert decide(with_blocks(block), Action.LOAN, NOON).verdict is Verdict.ALLOWED


@pytest.mark.parametrize("origin", [o for o in BlockOrigin if o is not BlockOrigin.IMPORT])
def test_any_other_block_without_a_definition_stops_everything(origin: BlockOrigin) -> None:
    standing = with_blocks(replace(BLOCK, definition=None, origin=origin))
    assert {one.verdict for one in decide_all(standing, NOON)} == {Verdict.UNKNOWN}
    (reason,) = reasons_against(standing, NOON)
    assert reason.overridable is Overridable.NONE
    assert reason.failed_check is ReasonCode.USER_BLOCK


def test_a_definition_that_stops_no_action_stops_everything() -> None:
    assert decide(with_blocks(block_stopping()), Action.HOLD, NOON).verdict is Verdict.UNKNOWN


def cannot_tell(standing: Standing, now: datetime) -> Finding | None:
    raise LookupError("the calendar is away")


BROKEN = ComputedCheck(
    code=ReasonCode.ACCOUNT_EXPIRED,
    question="whether the account has expired",
    evaluate=cannot_tell,
)


def test_a_check_that_cannot_be_made_stands_against_what_its_preference_names() -> None:
    (reason,) = reasons_against(STANDING, NOON, checks=[BROKEN])
    assert (reason.code, reason.is_unknown, reason.overridable) == (
        ReasonCode.CHECK_UNKNOWN,
        True,
        Overridable.NONE,
    )
    assert reason.stops == frozenset({Action.LOAN, Action.RENEW, Action.AUTO_RENEW})
    assert reason.failed_check is ReasonCode.ACCOUNT_EXPIRED
    assert reason.sentence == (
        "It could not be found out whether the account has expired, so the action is stopped."
    )
    assert decision_from((reason,), Action.LOAN).verdict is Verdict.UNKNOWN


def test_a_check_that_cannot_be_made_stops_everything_without_a_preference() -> None:
    (reason,) = reasons_against(replace(STANDING, preferences={}), NOON, checks=[BROKEN])
    assert reason.stops == ALL_ACTIONS


def test_one_check_that_cannot_be_made_does_not_hide_the_others() -> None:
    standing = replace(BLOCKED_STANDING, user=replace(READER, status=AccountStatus.INACTIVE))
    reasons = reasons_against(standing, NOON, checks=[BROKEN, CHECKS[0]])
    assert [reason.code for reason in reasons] == [
        ReasonCode.ACCOUNT_INACTIVE,
        ReasonCode.CHECK_UNKNOWN,
        ReasonCode.USER_BLOCK,
    ]
    assert decision_from(reasons, Action.LOAN).verdict is Verdict.BLOCKED


def test_an_account_whose_last_day_has_no_known_end_cannot_be_judged() -> None:
    standing = replace(STANDING, user=replace(READER, expires_on=date(2026, 11, 21)))
    assert decide(standing, Action.LOAN, NOON).verdict is Verdict.UNKNOWN


def test_a_block_nobody_can_make_sense_of_stops_everything() -> None:
    broken = replace(BLOCK, expires_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the very fault
    assert decide(with_blocks(broken), Action.HOLD, NOON).verdict is Verdict.UNKNOWN


def test_the_text_for_the_patron_is_the_advice() -> None:
    standing = with_blocks(replace(BLOCK, patron_text="Please pay at the desk in Main Street."))
    (reason,) = reasons_against(standing, NOON)
    assert reason.advice == "Please pay at the desk in Main Street."


@given(standings())
def test_no_note_or_comment_of_staff_is_among_the_words(standing: Standing) -> None:
    for reason in reasons_against(standing, NOON):
        words = reason.sentence + reason.advice
        assert "Promised" not in words
        assert "Shouted" not in words


@given(standings(), user_blocks())
def test_one_more_block_never_opens_the_gate(standing: Standing, block: UserBlock) -> None:
    more = replace(standing, blocks=(*standing.blocks, block))
    for before, after in zip(decide_all(standing, NOON), decide_all(more, NOON), strict=True):
        assert after.verdict is not Verdict.ALLOWED or before.verdict is Verdict.ALLOWED
        assert set(before.reasons) <= set(after.reasons)


@given(standings(), st.randoms(use_true_random=False))
def test_the_order_of_reasons_does_not_hang_on_the_order_of_blocks(
    standing: Standing, random: Random
) -> None:
    shuffled = list(standing.blocks)
    random.shuffle(shuffled)
    assert reasons_against(replace(standing, blocks=shuffled), NOON) == reasons_against(
        standing, NOON
    )


@given(standings())
def test_blocks_that_are_not_in_force_change_nothing(standing: Standing) -> None:
    in_force = tuple(block for block in standing.blocks if block.is_in_force(NOON))
    assert decide_all(replace(standing, blocks=in_force), NOON) == decide_all(standing, NOON)


@given(standings())
def test_one_look_answers_as_five_questions_do(standing: Standing) -> None:
    assert decide_all(standing, NOON) == tuple(decide(standing, action, NOON) for action in Action)


@given(standings())
def test_an_action_is_allowed_exactly_when_no_reason_stops_it(standing: Standing) -> None:
    reasons = reasons_against(standing, NOON)
    for decision in decide_all(standing, NOON):
        against = [reason for reason in reasons if decision.action in reason.stops]
        assert list(decision.reasons) == against
        assert (decision.verdict is Verdict.ALLOWED) is (not against)
