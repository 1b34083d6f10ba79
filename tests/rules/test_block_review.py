"""The review list as a rule, case by case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.specimens import BLOCK, NOON
from rules.user_blocks import blocks_for_review, needs_review


@pytest.mark.parametrize("days", [0, 1, 364, 365, 366, 900])
@pytest.mark.parametrize("asked", [None, 0, 365, 400])
def test_the_age_asked_of_the_database_is_the_age_of_the_rule(days: int, asked: int | None) -> None:
    made = NOON - timedelta(days=days)
    block = replace(BLOCK, created_at=made, expires_at=NOON + timedelta(days=1))
    wanted = blocks_for_review(NOON, older_than_days=asked)
    assert wanted.made_by is not None
    old_after = 365 if asked is None else asked
    assert (made <= wanted.made_by) is needs_review(block, NOON, old_after_days=old_after)


def test_open_ended_blocks_alone_are_of_every_age() -> None:
    assert blocks_for_review(NOON, older_than_days=None, open_ended_only=True).made_by is None
