"""Days at the library: which day an instant falls on, and where a day ends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.problems import Problem

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(9000, 1, 1)
"""The days that may be given; far outside them no time zone can be asked safely."""

_SECOND = timedelta(seconds=1)


def local_day(instant: datetime, tz: ZoneInfo) -> date:
    """The date on the library's wall when `instant` happens (design, Data: a day is a date in
    the library's time zone).

    >>> local_day(datetime(2026, 11, 22, 3, tzinfo=UTC), ZoneInfo("America/Toronto"))
    datetime.date(2026, 11, 21)
    """
    return instant.astimezone(tz).date()


def end_of_day(day: date, tz: ZoneInfo) -> datetime:
    """The first instant after the local day: from it on, every clock of the place shows a later
    date (design, Data: a date typed as an expiry means the end of that local day). It holds
    where clocks change at midnight, and for days that a place has left out. A day after
    LAST_DAY, which records use for "never", does not end within any clock; before FIRST_DAY the
    time zone no longer matters.

    >>> end_of_day(date(2026, 11, 22), ZoneInfo("America/Toronto"))
    datetime.datetime(2026, 11, 23, 5, 0, tzinfo=datetime.timezone.utc)
    """
    if day > LAST_DAY:
        return datetime.max.replace(tzinfo=UTC)
    if day < FIRST_DAY:
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=tz)
    first = midnight.astimezone(UTC)
    second = midnight.replace(fold=1).astimezone(UTC)
    if first == second:
        return first
    if first < second:  # midnight comes twice; the second counts if the old day came back
        came_back = local_day(second - _SECOND, tz) <= day
        return second if came_back else first
    return _first_after(day, tz, not_before=second, at_latest=first)


def expiry_at_end_of(day: date, tz: ZoneInfo) -> datetime | Problem:
    """The expiry that staff mean when they type a date: the end of that local day (design,
    Data). Whether it still lies ahead is for `expiry_problem` to say.

    >>> expiry_at_end_of(date.max, ZoneInfo("UTC")).sentence
    'The expiry date is too far ahead; the last day that can be given is 9000-01-01.'
    """
    if day > LAST_DAY:
        return _too_far()
    if day < FIRST_DAY:
        return _passed()
    return end_of_day(day, tz)


def expiry_problem(expires_at: datetime | None, now: datetime) -> Problem | None:
    """An expiry must lie ahead (user-blocks 2.3; section 13, J1: what expires now has expired
    already). None means that there is no expiry.

    >>> now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> expiry_problem(now, now).sentence
    'The expiry date has passed already; choose a later one, or none.'
    """
    if expires_at is None:
        return None
    if expires_at <= now:
        return _passed()
    if expires_at.date() > LAST_DAY + timedelta(days=2):
        return _too_far()
    return None


def _first_after(day: date, tz: ZoneInfo, *, not_before: datetime, at_latest: datetime) -> datetime:
    """Midnight was left out: search the instant at which the clocks went forward."""
    low, high = 0, int((at_latest - not_before) / _SECOND)
    while low < high:
        middle = (low + high) // 2
        if local_day(not_before + middle * _SECOND, tz) > day:
            high = middle
        else:
            low = middle + 1
    return not_before + low * _SECOND


def _passed() -> Problem:
    return Problem(
        path=("expires_at",),
        sentence="The expiry date has passed already; choose a later one, or none.",
    )


def _too_far() -> Problem:
    return Problem(
        path=("expires_at",),
        sentence=(
            "The expiry date is too far ahead; the last day that can be given is "
            f"{LAST_DAY.isoformat()}."
        ),
    )
