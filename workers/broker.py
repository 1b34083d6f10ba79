"""The broker by which workers are woken, and the messages that travel on it: ids only."""

from dataclasses import dataclass
from uuid import UUID

import dramatiq
from dramatiq.middleware import AgeLimit, Callbacks, Retries, ShutdownNotifications, TimeLimit
from dramatiq_postgres import PostgresBroker

from rules.job_reports import JobKind

QUEUE = "jobs"
MESSAGE_VERSION = 1
HEARTBEAT_SECONDS = 2.0
HEARTBEAT_TTL_SECONDS = 6.0

ACTORS = {JobKind.REMOVE_BLOCKS: "remove_blocks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakeup:
    """What a message says: which run of which institution to look at."""

    institution_code: str
    report_id: UUID

    def arguments(self) -> tuple[int, str, str]:
        """As they travel, with the version of this form first."""
        return MESSAGE_VERSION, self.institution_code, str(self.report_id)


def require_postgres(broker_url: str | None) -> None:
    """Refuse, in a sentence, a broker that is not built yet."""
    if broker_url is not None and not broker_url.startswith("postgres"):
        message = "PORTCULLIS_BROKER_URL: only the PostgreSQL broker is built yet; leave it unset."
        raise SystemExit(message)


def postgres_broker(url: str) -> dramatiq.Broker:
    """The broker on PostgreSQL. Dead workers are noticed after six seconds."""
    broker: dramatiq.Broker = PostgresBroker(
        url=url,
        results=False,
        middleware=middleware(),
        poll_interval=1.0,
        heartbeat_interval=HEARTBEAT_SECONDS,
        heartbeat_ttl=HEARTBEAT_TTL_SECONDS,
        maintenance_interval=2.0,
    )
    return broker


def middleware() -> list[dramatiq.Middleware]:
    """What stands around every message: old ones are dropped, since the report row is the truth
    and the clock sends anew; long ones are stopped; failed ones come back a few times."""
    return [
        AgeLimit(max_age=3_600_000),
        TimeLimit(time_limit=600_000),
        ShutdownNotifications(),
        Callbacks(),
        Retries(max_retries=10, min_backoff=1_000, max_backoff=30_000),
    ]


def message_for(kind: JobKind, wakeup: Wakeup) -> dramatiq.Message[None]:
    """The message that wakes a worker for one run. It carries the run's own id, so that a run
    has one message however often it is sent: workers that stay away find no heap of them."""
    return dramatiq.Message(
        queue_name=QUEUE,
        actor_name=ACTORS[kind],
        args=wakeup.arguments(),
        kwargs={},
        options={},
        message_id=str(wakeup.report_id),
    )
