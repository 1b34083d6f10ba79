"""The clock: each institution's day by its own time zone, asked for once whoever asks, made up
once where it was missed; and what happens to one institution stays there."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event
from zoneinfo import ZoneInfo

import pytest
import structlog

from tests.cast import ASHFORD, BIRCHWOOD, CEDAR, HOUSES, NOW
from tests.database_server import Database
from tests.workers.conftest import OpenScopes
from tests.workers.runs import messages, outcome, put_expired, put_run, undisturbed
from workers.clock import due_day, keep_ticking, tick
from workers.remove_blocks import run
from workers.scopes import JobScopes

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str) -> Callable[[], datetime]:
    return lambda: utc(text)


def days(database: Database, code: str) -> list[date]:
    query = "SELECT scheduled_on FROM job_report ORDER BY scheduled_on"
    return [day for (day,) in database.rows(query, code)]


def end_all(database: Database) -> None:
    for code in HOUSES:
        with database.owner(code) as owner:
            owner.execute("UPDATE job_report SET status = 'COMPLETED'")


def test_a_tick_asks_once_for_the_day_of_each_institution(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    for _ in range(3):
        tick(job_scopes(at("2026-11-22 12:00")))
    for code in HOUSES:
        assert days(fresh_database, code) == [date(2026, 11, 22)]
    asked = fresh_database.rows("SELECT requested_by, requested_at FROM job_report", CEDAR)
    assert asked == [("clock", NOW)]
    assert messages(fresh_database) == 3


def test_two_clocks_that_tick_at_once_ask_once(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    together = Barrier(2)

    def tick_together(scopes: JobScopes) -> None:
        together.wait(10)
        tick(scopes)

    with ThreadPoolExecutor(2) as clocks:
        for day in range(1, 6):
            scopes = job_scopes(at(f"2026-11-0{day} 12:00"))
            for ticked in [clocks.submit(tick_together, scopes) for _ in range(2)]:
                ticked.result()
            assert messages(fresh_database) == 3 * day
            end_all(fresh_database)
    assert days(fresh_database, ASHFORD) == [date(2026, 11, day) for day in range(1, 6)]


def test_each_institution_has_its_day_by_its_own_time_zone(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    tick(job_scopes(at("2026-11-22 01:00")))
    assert {code: days(fresh_database, code) for code in HOUSES} == {
        ASHFORD: [date(2026, 11, 21)],
        BIRCHWOOD: [date(2026, 11, 21)],
        CEDAR: [date(2026, 11, 22)],
    }
    end_all(fresh_database)
    tick(job_scopes(at("2026-11-22 07:30")))
    assert {code: days(fresh_database, code)[-1] for code in HOUSES} == {
        ASHFORD: date(2026, 11, 22),
        BIRCHWOOD: date(2026, 11, 21),
        CEDAR: date(2026, 11, 22),
    }


def test_missed_days_are_made_up_by_one_run(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    tick(job_scopes(at("2026-11-10 12:00")))
    end_all(fresh_database)
    for minute in (0, 1, 2):
        tick(job_scopes(at(f"2026-11-20 05:0{minute}")))
        end_all(fresh_database)
    assert days(fresh_database, ASHFORD) == [date(2026, 11, 10), date(2026, 11, 19)]
    tick(job_scopes(at("2026-11-20 07:00")))
    assert days(fresh_database, ASHFORD)[-1] == date(2026, 11, 20)


def test_the_days_run_waits_for_one_that_somebody_asked_for(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_expired(fresh_database, 2)
    report_id = put_run(fresh_database)
    tick(job_scopes())
    assert fresh_database.value("SELECT count(*) FROM job_report", ASHFORD) == 1
    run(job_scopes(), ASHFORD, report_id)
    assert outcome(fresh_database, report_id) == undisturbed(2)
    tick(job_scopes())
    query = "SELECT status, scheduled_on FROM job_report ORDER BY scheduled_on NULLS FIRST"
    assert fresh_database.rows(query, ASHFORD) == [
        ("COMPLETED", None),
        ("REQUESTED", date(2026, 11, 22)),
    ]


def test_a_tick_wakes_workers_for_a_run_that_nobody_picked_up(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    put_run(fresh_database, requested_at=NOW - timedelta(seconds=14))
    tick(job_scopes())
    at_ashford = "SELECT count(*) FROM dramatiq.queue WHERE message->'args'->>1 = 'ASHFORD'"
    assert fresh_database.value(at_ashford, ASHFORD) == 0
    tick(job_scopes(lambda: NOW + timedelta(seconds=1)))
    assert fresh_database.value(at_ashford, ASHFORD) == 1


def test_what_fails_for_one_institution_does_not_stop_the_others(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    with fresh_database.owner(ASHFORD) as owner:
        done = owner.execute("UPDATE institution SET time_zone = 'Mars/Olympus'")
        assert done.rowcount == 1
    tick(job_scopes())
    assert {code: days(fresh_database, code) for code in HOUSES} == {
        ASHFORD: [],
        BIRCHWOOD: [date(2026, 11, 22)],
        CEDAR: [date(2026, 11, 22)],
    }


@pytest.fixture
def broken_log() -> Iterator[None]:
    """A log that cannot be written to."""
    stream = io.StringIO()
    stream.close()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=stream))
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("broken_log")
def test_the_clock_goes_on_after_a_tick_that_fails_even_without_a_log(
    fresh_database: Database, job_scopes: OpenScopes
) -> None:
    stop = Event()
    times = 0

    def clock() -> datetime:
        nonlocal times
        times += 1
        if times == 1:
            raise RuntimeError("no time to be had")
        stop.set()
        return NOW

    keep_ticking(job_scopes(clock), stop, every=0)
    assert days(fresh_database, ASHFORD) == [date(2026, 11, 22)]


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        # The clocks go forward over 02:00: the run is due at 03:00, the very next minute.
        (NEW_YORK, "2026-03-08 06:59", date(2026, 3, 7)),
        (NEW_YORK, "2026-03-08 07:00", date(2026, 3, 8)),
        (BERLIN, "2026-03-29 00:59", date(2026, 3, 28)),
        (BERLIN, "2026-03-29 01:00", date(2026, 3, 29)),
        # They go back: 01:00 to 02:00 comes twice in New York, 02:00 to 03:00 in Berlin.
        (NEW_YORK, "2026-11-01 05:30", date(2026, 10, 31)),
        (NEW_YORK, "2026-11-01 06:59", date(2026, 10, 31)),
        (NEW_YORK, "2026-11-01 07:00", date(2026, 11, 1)),
        (BERLIN, "2026-10-24 23:59", date(2026, 10, 24)),
        (BERLIN, "2026-10-25 00:00", date(2026, 10, 25)),
        (BERLIN, "2026-10-25 01:00", date(2026, 10, 25)),
    ],
)
def test_the_run_is_due_once_on_the_day_the_clocks_change(
    zone: ZoneInfo, now: str, day: date
) -> None:
    assert due_day(utc(now), zone) == day


def test_no_hour_of_a_year_goes_back_to_an_earlier_day() -> None:
    begin = utc("2026-01-01 00:00")
    for zone in (NEW_YORK, BERLIN):
        due = [due_day(begin + timedelta(minutes=30 * n), zone) for n in range(2 * 24 * 365)]
        assert due == sorted(due)
        assert len(set(due)) == 366
