"""Actions and the codes that name sets of them."""

import pytest

from rules.actions import (
    ALL_ACTIONS,
    ALL_ACTIONS_CODE,
    PRESET_CODES,
    Action,
    actions_stopped_by,
    in_words,
)


def test_every_preset_code_that_stops_renewals_stops_automatic_ones() -> None:
    for _, _, actions in PRESET_CODES:
        assert actions_stopped_by(actions) == actions


def test_the_code_for_all_actions_is_among_the_presets() -> None:
    assert {code: actions for code, _, actions in PRESET_CODES}[ALL_ACTIONS_CODE] == ALL_ACTIONS


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        (frozenset[Action](), "nothing"),
        (frozenset({Action.HOLD}), "hold"),
        (frozenset({Action.RENEW, Action.LOAN}), "loan and renewal"),
        (ALL_ACTIONS, "loan, renewal, automatic renewal, hold and resource sharing request"),
    ],
)
def test_actions_are_named_in_their_order(actions: frozenset[Action], words: str) -> None:
    assert in_words(actions) == words
