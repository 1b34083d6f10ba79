"""One worker process: its broker, its pool and its actors, run by Dramatiq's own worker."""

import signal
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import wait
from uuid import UUID

import dramatiq
import structlog
from dramatiq import Worker
from dramatiq.errors import Retry

from storage.pools import open_pool
from workers import remove_blocks
from workers.broker import MESSAGE_VERSION, QUEUE, postgres_broker, require_postgres
from workers.scopes import JobScopes
from workers.wakeups import TransactionalWakeups

SHUTDOWN_MILLISECONDS = 20_000

log = structlog.get_logger(__name__)


def main(
    worker_url: str,
    *,
    broker_url: str | None,
    processes: int,
    threads: int,
    prepare: Callable[[], None],
) -> int:
    """Run worker processes until SIGTERM or SIGINT; the exit status is that of the first to
    fail. One of them alone runs in this very process. `prepare` is called first in each."""
    require_postgres(broker_url)
    if processes == 1:
        prepare()
        work(worker_url, broker_url or worker_url, threads)
        return 0
    children = [
        get_context("spawn").Process(
            target=_prepared_work, args=(prepare, worker_url, broker_url or worker_url, threads)
        )
        for _ in range(processes)
    ]
    for child in children:
        child.start()

    def end(*_: object) -> None:
        for child in children:
            child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    wait([child.sentinel for child in children])
    end()
    for child in children:
        child.join()
    return max(abs(child.exitcode or 0) for child in children)


def _prepared_work(
    prepare: Callable[[], None], worker_url: str, broker_url: str, threads: int
) -> None:
    prepare()
    work(worker_url, broker_url, threads)


def work(
    worker_url: str, broker_url: str, threads: int, *, batch: int = remove_blocks.BATCH
) -> None:
    """Work until SIGTERM or SIGINT; jobs under way may finish."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pool = open_pool(worker_url, size=threads + 1, name="portcullis-worker")
    broker = postgres_broker(broker_url)
    declare_actors(broker, JobScopes(pool=pool, wakeups=TransactionalWakeups()), batch=batch)
    worker = Worker(broker, worker_threads=threads, worker_timeout=1000)
    worker.start()
    log.info("worker ready")
    stop.wait()
    worker.stop(timeout=SHUTDOWN_MILLISECONDS)
    broker.close()
    pool.close()


def declare_actors(
    broker: dramatiq.Broker, scopes: JobScopes, *, batch: int = remove_blocks.BATCH
) -> None:
    """Bind the jobs to the broker and to this process's scopes. Where a run is to be looked at
    again, its message comes back; what went wrong stands in the log, not in the message."""

    def act(version: int, institution_code: str, report_id: str) -> None:
        if version != MESSAGE_VERSION:
            log.warning("message of another version left alone", version=version)
            return
        again = remove_blocks.run(scopes, institution_code, UUID(report_id), batch=batch)
        if again is not None:
            raise Retry(delay=int(again.total_seconds() * 1000) + 1)

    dramatiq.actor(actor_name="remove_blocks", queue_name=QUEUE, broker=broker)(act)
