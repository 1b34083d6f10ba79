"""What the workers count about themselves for Prometheus: runs of jobs, and how long they took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Histogram

from rules.job_reports import JobKind

_RUNS = Histogram(
    "portcullis_job_seconds",
    "Time that a worker spent on a run that it held, by job and by what came of it.",
    ["kind", "outcome"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 600.0),
)


@contextmanager
def counted(kind: JobKind) -> Iterator[None]:
    """Count what happens inside; an exception goes on its way."""
    began = time.perf_counter()
    outcome = "failed"
    try:
        yield
        outcome = "ended"
    finally:
        _RUNS.labels(kind.value, outcome).observe(time.perf_counter() - began)
