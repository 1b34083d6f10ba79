"""Worker processes as operators start them, and such as take small batches so that a test can
strike in the middle of a run."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.database_server import Database
from tests.live_service import STOP_SECONDS, TOP, environment_of

_WORK = "import sys; from workers.process import work; work(*sys.argv[1:3], 1, batch={})"


@contextmanager
def worker_process(database: Database, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m service worker` over a database."""
    environment = environment_of(
        database, data, worker_processes=1, worker_threads=1, log_level="warning"
    )
    with _started([sys.executable, "-m", "service", "worker"], environment) as process:
        yield process
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0


@contextmanager
def small_worker(database: Database, batch: int) -> Iterator[subprocess.Popen[bytes]]:
    """The same worker with batches of another size, and nobody's settings."""
    url = database.worker_url
    with _started([sys.executable, "-c", _WORK.format(batch), url, url], dict(os.environ)) as it:
        yield it


@contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=TOP, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
