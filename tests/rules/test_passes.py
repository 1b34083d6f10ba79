"""Passes: single use, short-lived, for one user, action and item, and checked again."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from rules.actions import Action
from rules.block_tables import Overridable
from rules.decisions import decide
from rules.overrides import answers_to
from rules.passes import Pass, PassFault, still_rests, why_not_consumable
from rules.specimens import BLOCK, BLOCKED_STANDING, NOON, READER, STANDING, UNPAID_DEFINITION

BLOCKED = decide(BLOCKED_STANDING, Action.LOAN, NOON)

ISSUED = Pass(
    id=UUID(int=70),
    user_id=READER.id,
    action=Action.LOAN,
    item_barcode="B1",
    desk_id=UUID(int=71),
    issued_to="desk-1",
    issued_at=NOON,
    expires_at=NOON + timedelta(minutes=5),
    consumed_at=None,
    rests_on=answers_to(BLOCKED),
)


def fault_of(issued: Pass) -> PassFault | None:
    fault = why_not_consumable(
        issued, NOON, user_id=READER.id, action=Action.LOAN, item_barcode="B1"
    )
    return None if fault is None else fault.fault


@pytest.mark.parametrize(
    ("issued", "fault"),
    [
        (ISSUED, None),
        (replace(ISSUED, expires_at=NOON + timedelta(microseconds=1)), None),
        (replace(ISSUED, expires_at=NOON), PassFault.EXPIRED),
        (replace(ISSUED, consumed_at=NOON), PassFault.CONSUMED),
        (replace(ISSUED, user_id=UUID(int=99)), PassFault.OTHER_USER),
        (replace(ISSUED, action=Action.RENEW), PassFault.OTHER_ACTION),
        (replace(ISSUED, item_barcode="B2"), PassFault.OTHER_ITEM),
        (replace(ISSUED, item_barcode="b1"), PassFault.OTHER_ITEM),
        (replace(ISSUED, item_barcode=None), PassFault.OTHER_ITEM),
    ],
)
def test_a_pass_counts_once_in_time_for_its_own_user_action_and_item(
    issued: Pass, fault: PassFault | None
) -> None:
    assert fault_of(issued) is fault


def test_a_pass_rests_while_nothing_has_changed() -> None:
    assert still_rests(ISSUED, BLOCKED)


def test_a_pass_rests_when_a_block_has_gone() -> None:
    assert still_rests(ISSUED, decide(STANDING, Action.LOAN, NOON))


def test_a_pass_falls_when_its_block_has_changed() -> None:
    changed = replace(STANDING, blocks=(replace(BLOCK, version=2),))
    assert not still_rests(ISSUED, decide(changed, Action.LOAN, NOON))


def test_a_pass_falls_when_a_new_block_has_come() -> None:
    more = replace(STANDING, blocks=(BLOCK, replace(BLOCK, id=UUID(int=72))))
    assert not still_rests(ISSUED, decide(more, Action.LOAN, NOON))


def test_a_pass_falls_when_nobody_may_override_its_block_any_more() -> None:
    closed = replace(UNPAID_DEFINITION, overridable=Overridable.NONE)
    standing = replace(STANDING, blocks=(replace(BLOCK, definition=closed),))
    assert not still_rests(ISSUED, decide(standing, Action.LOAN, NOON))


def test_a_pass_falls_when_the_effect_of_its_block_has_become_unknown() -> None:
    standing = replace(STANDING, blocks=(replace(BLOCK, definition=None),))
    assert not still_rests(ISSUED, decide(standing, Action.LOAN, NOON))


def test_a_pass_does_not_rest_on_the_decision_for_another_action() -> None:
    assert not still_rests(ISSUED, decide(STANDING, Action.HOLD, NOON))
