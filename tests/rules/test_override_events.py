"""What an override event keeps of the reasons, and which settings say who could have overridden."""

from dataclasses import replace
from uuid import UUID

from rules.actions import Action
from rules.block_tables import BlockType, Overridable
from rules.decisions import decide, reasons_against
from rules.gate import ReasonCode
from rules.override_events import event_reasons
from rules.overrides import strictest, verdict_on
from rules.roles import Role
from rules.specimens import BLOCK, NOON, STANDING, UNPAID_DEFINITION
from rules.user_blocks import BlockOrigin

MANAGER = frozenset({Role.CIRCULATION_DESK_MANAGER})
CLOSED = replace(
    BLOCK,
    id=UUID(int=81),
    definition=replace(UNPAID_DEFINITION, overridable=Overridable.NONE),
)
WITHOUT_EFFECT = replace(BLOCK, id=UUID(int=82), definition=None, origin=BlockOrigin.IMPORT)


def test_every_reason_is_kept_and_those_in_the_way_are_marked() -> None:
    decision = decide(replace(STANDING, blocks=(BLOCK, CLOSED)), Action.LOAN, NOON)
    kept = event_reasons(decision, decision.reasons[1:])
    assert [(reason.record_id, reason.is_in_the_way) for reason in kept] == [
        (BLOCK.id, False),
        (CLOSED.id, True),
    ]
    assert {reason.block_type for reason in kept} == {BlockType.CASH}


def test_a_reason_that_is_no_block_has_no_description() -> None:
    decision = decide(replace(STANDING, expires_at=NOON), Action.LOAN, NOON)
    [kept] = event_reasons(decision)
    assert (kept.code, kept.description_code, kept.description, kept.block_type) == (
        ReasonCode.ACCOUNT_EXPIRED,
        None,
        None,
        None,
    )


def test_the_strictest_setting_says_who_could_have_overridden_all() -> None:
    reasons = reasons_against(replace(STANDING, blocks=(BLOCK, CLOSED)), NOON)
    assert strictest(reasons[:1]) is Overridable.OPERATOR
    assert strictest(reasons) is Overridable.NONE
    assert strictest(()) is Overridable.ALL


def test_what_stops_nothing_never_stands_in_the_way_of_an_alert() -> None:
    shown = reasons_against(replace(STANDING, blocks=(BLOCK, WITHOUT_EFFECT)), NOON)
    assert len(shown) == 2
    assert verdict_on(shown, MANAGER).is_permitted
    assert not verdict_on(shown[1:], MANAGER).is_permitted
