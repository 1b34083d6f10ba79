"""What the service counts about itself for Prometheus. No label names an institution or a person.
Where several processes answer on one port, they share their counts through files."""

import asyncio
import hmac
import os
from collections.abc import Awaitable, Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rules.gate import Reason
from service.settings import Settings
from service.shared_counts import are_shared, shared_folders
from tenancy.principal import SignInCode
from tenancy.scopes import Pool

POOL_EVERY_SECONDS = 5
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_REQUESTS = Histogram(
    "portcullis_request_seconds",
    "Time to answer a GraphQL request, by the kind of its operation and what came of it.",
    ["kind", "outcome"],
    buckets=SECONDS,
)
_GATE_UNKNOWN = Counter(
    "portcullis_gate_unknown",
    "Reasons of the gate that stand because something could not be evaluated, by what it was.",
    ["check"],
)
_SIGN_IN_REFUSED = Counter(
    "portcullis_sign_in_refused", "Sign-ins that were turned down, by code.", ["code"]
)
_RATE_LIMITED = Counter(
    "portcullis_rate_limited", "Operations beyond the rate limit of their principal."
)
_POOL = Gauge(
    "portcullis_database_connections",
    "Database connections of the API, by state.",
    ["state"],
    multiprocess_mode="livesum",
)
_POOL_WAITING = Gauge(
    "portcullis_database_waiting",
    "Operations that wait for a database connection.",
    multiprocess_mode="livesum",
)

_requests: dict[tuple[str, str], Histogram] = {}


def observe_request(kind: str, outcome: str, seconds: float) -> None:
    """One request was answered."""
    child = _requests.get((kind, outcome))
    if child is None:
        child = _requests[kind, outcome] = _REQUESTS.labels(kind, outcome)
    child.observe(seconds)


def count_unknown(reason: Reason) -> None:
    """Something could not be evaluated, and so stood against an action."""
    _GATE_UNKNOWN.labels((reason.failed_check or reason.code).value).inc()


def count_refused_sign_in(code: SignInCode) -> None:
    """A sign-in was turned down."""
    _SIGN_IN_REFUSED.labels(code.value).inc()


def count_rate_limited() -> None:
    """An operation came too many."""
    _RATE_LIMITED.inc()


async def watch_pool(pool: Pool) -> None:
    """Keep the gauges of the pool up to date, until cancelled."""
    while True:
        show_pool(pool)
        await asyncio.sleep(POOL_EVERY_SECONDS)


def show_pool(pool: Pool) -> None:
    """The state of the pool as it is now."""
    stats = pool.get_stats()
    idle = stats.get("pool_available", 0)
    _POOL.labels("idle").set(idle)
    _POOL.labels("used").set(stats.get("pool_size", 0) - idle)
    _POOL_WAITING.set(stats.get("requests_waiting", 0))


def stop_sharing() -> None:
    """This process ends: what it held is no longer held."""
    if are_shared():
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # untyped upstream


def metrics_endpoint(settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    """GET /metrics. In production only for whoever shows the token of the settings; without one
    it is not there. In development the service listens on this machine only."""

    async def show(request: Request) -> Response:
        if not _is_allowed(request, settings):
            return PlainTextResponse("Not Found", status_code=404)
        text = await asyncio.to_thread(_rendered)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return show


def _is_allowed(request: Request, settings: Settings) -> bool:
    if settings.metrics_token is None:
        return settings.is_development
    expected = f"Bearer {settings.metrics_token.get_secret_value()}"
    shown = request.headers.get("authorization", "")
    return hmac.compare_digest(shown.encode(), expected.encode())


def _rendered() -> bytes:
    folders = shared_folders()
    if not folders:
        return generate_latest(REGISTRY)
    text = b""
    for folder in folders:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # untyped upstream
        text += generate_latest(registry)
    return text
