"""The clock: asks for each institution's daily jobs at its own hour, and wakes workers again for
runs that nobody picked up. Two clocks do no harm: the day's run has a unique key."""

import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from resolvers import job_reports
from rules.institutions import Institution
from rules.job_reports import JobKind
from storage.pools import open_pool
from tenancy.members import members_of_network
from tenancy.refusals import Conflict
from tenancy.scopes import open_network_scope
from workers.broker import require_postgres
from workers.scopes import JobScopes
from workers.wakeups import TransactionalWakeups

TICK_SECONDS = 5
FORGOTTEN_AFTER_SECONDS = 15
REMOVE_BLOCKS_AT = time(2, 0)
"""The local hour of Users - Remove Blocks; a missed one is made up at the next tick."""

CLOCK = "clock"

log = structlog.get_logger(__name__)


def main(worker_url: str, *, broker_url: str | None) -> None:
    """Tick until SIGTERM or SIGINT."""
    require_postgres(broker_url)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_pool(worker_url, size=2, name="portcullis-clock") as pool:
        scopes = JobScopes(pool=pool, wakeups=TransactionalWakeups())
        keep_ticking(scopes, stop)


def keep_ticking(scopes: JobScopes, stop: threading.Event, *, every: float = TICK_SECONDS) -> None:
    """Tick until told to stop, whatever goes wrong meanwhile."""
    while not stop.is_set():
        try:
            tick(scopes)
        except Exception:
            _tell("the clock stumbled and goes on")
        stop.wait(every)


def tick(scopes: JobScopes) -> None:
    """What is due now, for every institution; one that fails does not stop the others."""
    with open_network_scope(scopes.pool, scopes.clock()) as network:
        institutions: Sequence[Institution] = members_of_network(network)
    for institution in institutions:
        try:
            _tick_for(scopes, institution)
        except Exception:
            _tell("an institution's jobs could not be asked for")


def _tell(event: str) -> None:
    """Log the exception at hand. A log that cannot be written must not stop the clock."""
    with suppress(Exception):
        log.exception(event)


def _tick_for(scopes: JobScopes, institution: Institution) -> None:
    with scopes.open(institution.code, CLOCK) as scope:
        job_reports.wake_forgotten(scope, after_seconds=FORGOTTEN_AFTER_SECONDS)
        day = due_day(scope.now, ZoneInfo(institution.time_zone))
        try:
            job_reports.request_job(scope, JobKind.REMOVE_BLOCKS, scheduled_on=day)
        except Conflict:
            return


def due_day(now: datetime, zone: ZoneInfo) -> date:
    """The local day whose run is due last: today from the hour on, else yesterday.

    >>> from datetime import UTC
    >>> due_day(datetime(2026, 11, 22, 1, 59, tzinfo=UTC), ZoneInfo("UTC")).isoformat()
    '2026-11-21'
    """
    local = now.astimezone(zone)
    today = local.date()
    return today if local.time() >= REMOVE_BLOCKS_AT else today - timedelta(days=1)
