"""Local days: where they end, also where clocks change at midnight or a day is left out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.local_time import end_of_day, expiry_at_end_of, expiry_problem, local_day
from rules.problems import Problem

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

ZONES = [
    "UTC",
    "America/Toronto",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Australia/Lord_Howe",
    "Africa/Cairo",
]


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        (date(2026, 11, 22), "UTC", datetime(2026, 11, 23, tzinfo=UTC)),
        (date(2026, 7, 1), "America/Toronto", datetime(2026, 7, 2, 4, tzinfo=UTC)),
        # the clocks go forward and back in the course of these days
        (date(2026, 3, 8), "America/Toronto", datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (date(2026, 11, 1), "America/Toronto", datetime(2026, 11, 2, 5, tzinfo=UTC)),
        # midnight is left out: the next day begins at 01:00
        (date(2018, 11, 3), "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # at midnight the clocks go back to 23:00 of the same day
        (date(2018, 2, 17), "America/Sao_Paulo", datetime(2018, 2, 18, 3, tzinfo=UTC)),
        # the hour after midnight comes twice; the day before ends with the first
        (date(2026, 10, 31), "America/Havana", datetime(2026, 11, 1, 4, tzinfo=UTC)),
        # one minute after midnight the clocks go back to 23:01
        (date(2006, 10, 28), "America/St_Johns", datetime(2006, 10, 29, 3, 30, tzinfo=UTC)),
        # a day that was left out ends where the day before it does
        (date(2011, 12, 29), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (date(2011, 12, 30), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (date(2011, 12, 31), "Pacific/Apia", datetime(2011, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_local_day_ends_where_the_next_begins(day: date, zone: str, end: datetime) -> None:
    assert end_of_day(day, ZoneInfo(zone)) == end


@given(st.dates(date(1970, 1, 2), date(2060, 1, 1)), st.sampled_from(ZONES))
def test_from_the_end_of_a_day_on_every_clock_shows_a_later_one(day: date, zone: str) -> None:
    tz = ZoneInfo(zone)
    end = end_of_day(day, tz)
    assert local_day(end - timedelta(microseconds=1), tz) <= day
    for minutes in range(0, 26 * 60, 10):
        assert local_day(end + timedelta(minutes=minutes), tz) > day


@given(st.dates(date(1970, 1, 2), date(2060, 1, 1)), st.sampled_from(ZONES))
def test_days_end_one_after_the_other(day: date, zone: str) -> None:
    tz = ZoneInfo(zone)
    assert end_of_day(day, tz) <= end_of_day(day + timedelta(days=1), tz)


@pytest.mark.parametrize(
    ("expires_at", "is_refused"),
    [
        (None, False),
        (NOW + timedelta(microseconds=1), False),
        (NOW, True),
        (NOW - timedelta(days=1), True),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), True),
    ],
)
def test_an_expiry_must_lie_ahead(expires_at: datetime | None, is_refused: bool) -> None:
    assert isinstance(expiry_problem(expires_at, NOW), Problem) is is_refused


def test_a_block_may_expire_at_the_end_of_the_present_day() -> None:
    today = expiry_at_end_of(NOW.date(), ZoneInfo("America/Toronto"))
    assert today == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert isinstance(today, datetime)
    assert expiry_problem(today, NOW) is None


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(9000, 1, 2), date.max])
def test_days_out_of_this_world_are_refused(day: date, zone: str) -> None:
    assert isinstance(expiry_at_end_of(day, ZoneInfo(zone)), Problem)


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_day_that_can_be_given_is_taken(zone: str) -> None:
    end = expiry_at_end_of(date(9000, 1, 1), ZoneInfo(zone))
    assert isinstance(end, datetime)
    assert expiry_problem(end, NOW) is None


def test_the_day_that_means_never_and_the_first_of_all_days_have_an_end() -> None:
    toronto = ZoneInfo("America/Toronto")
    assert end_of_day(date.max, toronto) == datetime.max.replace(tzinfo=UTC)
    assert end_of_day(date.min, toronto) == datetime(1, 1, 2, tzinfo=UTC)
