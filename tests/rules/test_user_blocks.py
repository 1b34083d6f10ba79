"""User blocks: when they are over, removed, due for review, added and brought back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from rules.specimens import BLOCK, NOON, UNPAID, UNPAID_DEFINITION
from rules.user_blocks import (
    BlockStatus,
    UserBlock,
    needs_review,
    passed_expiry,
    removable,
    why_not_addable,
    why_not_restorable,
)
from tests.rules.strategies import REMOVAL, user_blocks

SECOND = timedelta(seconds=1)
EXPIRED = replace(BLOCK, expires_at=NOON)


@pytest.mark.parametrize(
    ("block", "is_removable"),
    [
        (BLOCK, False),
        (EXPIRED, True),
        (replace(BLOCK, expires_at=NOON - SECOND), True),
        (replace(BLOCK, expires_at=NOON + SECOND), False),
        (replace(EXPIRED, status=BlockStatus.INACTIVE), True),
        (replace(EXPIRED, removal=REMOVAL), False),
    ],
)
def test_the_job_removes_what_is_past_its_expiry_and_still_there(
    block: UserBlock, is_removable: bool
) -> None:
    assert removable(block, NOON) is is_removable


@given(user_blocks())
def test_a_block_is_never_in_force_and_past_its_expiry(block: UserBlock) -> None:
    assert not (block.is_in_force(NOON) and passed_expiry(block, NOON))


@given(user_blocks())
def test_removing_twice_removes_nothing_the_second_time(block: UserBlock) -> None:
    if removable(block, NOON):
        assert not removable(replace(block, removal=REMOVAL), NOON)


DATED = replace(BLOCK, expires_at=NOON + SECOND, created_at=NOON - timedelta(days=30))


@pytest.mark.parametrize(
    ("block", "is_listed"),
    [
        (BLOCK, True),
        (DATED, True),
        (replace(DATED, created_at=DATED.created_at + SECOND), False),
        (replace(BLOCK, status=BlockStatus.INACTIVE), False),
        (replace(BLOCK, removal=REMOVAL), False),
        (replace(DATED, expires_at=NOON), False),
    ],
)
def test_open_ended_and_old_blocks_in_force_are_due_for_review(
    block: UserBlock, is_listed: bool
) -> None:
    assert needs_review(block, NOON, old_after_days=30) is is_listed


def test_a_block_needs_an_enabled_description_with_a_definition() -> None:
    assert why_not_addable(UNPAID, UNPAID_DEFINITION) is None
    assert why_not_addable(UNPAID, None)
    disabled = why_not_addable(replace(UNPAID, is_enabled=False), UNPAID_DEFINITION)
    assert disabled is not None
    assert disabled.sentence == (
        "Blocks with the description UNPAID cannot be added: it is disabled."
    )


@pytest.mark.parametrize(
    ("block", "is_restorable"),
    [
        (replace(BLOCK, removal=REMOVAL), True),
        (BLOCK, False),
        (replace(BLOCK, removal=REMOVAL, description=None, definition=None), False),
        (replace(EXPIRED, removal=REMOVAL), False),
    ],
)
def test_a_removal_can_be_undone_while_the_block_would_still_stand(
    block: UserBlock, is_restorable: bool
) -> None:
    assert (why_not_restorable(block, NOON) is None) is is_restorable
