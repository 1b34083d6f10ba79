"""The computed checks and the preferences an institution starts with."""

from rules.actions import ALL_ACTIONS
from rules.block_tables import Overridable
from rules.checks import CHECKS, default_preferences
from rules.gate import ReasonCode


def test_every_check_has_a_preference_to_start_with() -> None:
    assert {check.code for check in CHECKS} == set(default_preferences())


def test_the_checks_stand_in_the_order_of_the_reason_codes() -> None:
    order = list(ReasonCode)
    places = [order.index(check.code) for check in CHECKS]
    assert places == sorted(places)


def test_an_inactive_account_stops_everything_to_start_with() -> None:
    row = default_preferences()[ReasonCode.ACCOUNT_INACTIVE]
    assert (row.actions, row.overridable) == (ALL_ACTIONS, Overridable.NONE)
