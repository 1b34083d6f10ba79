"""The web application of one API process."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from schema.execution import Executor
from schema.limits import Limits
from schema.masking import ErrorMasking
from schema.root import build_schema
from service import metrics
from service.edge import ScopeOpener, current_instant
from service.exports import PATH as OVERRIDE_EVENTS
from service.exports import ExportEdge, OverrideEventExport
from service.graphiql import graphiql_routes
from service.graphql_endpoint import Edge, GraphQLEndpoint
from service.logins import app_url
from service.logs import configure_logs
from service.rates import RateLimiter
from service.settings import Settings
from service.sign_in import SignIn
from service.tracing import tracing_to
from service.uploads import PATH as UPLOADS
from service.uploads import UploadEdge, UploadEndpoint
from storage.ids import new_id
from storage.pools import open_pool
from tenancy.members import members_of_network
from tenancy.scopes import Pool, open_network_scope
from workers.wakeups import TransactionalWakeups


def create_app() -> Starlette:
    """The factory that uvicorn calls in each process."""
    settings = Settings()
    configure_logs(settings)
    pool = open_pool(app_url(settings), size=settings.pool_size, name="portcullis-api")
    app = build_app(settings, pool)
    _settle_memory()
    return app


def build_app(
    settings: Settings, pool: Pool, *, clock: Callable[[], datetime] = current_instant
) -> Starlette:
    """The application over a pool of the app's login."""
    masking = ErrorMasking(lambda: new_id().hex)
    executor = Executor(
        build_schema(),
        masking=masking,
        limits=_limits(settings),
        introspection=settings.introspection,
        suggestions=settings.is_development,
    )
    opener = ScopeOpener(
        pool=pool,
        wakeups=TransactionalWakeups(),
        pass_minutes=settings.pass_minutes,
        clock=clock,
        count_unknown=metrics.count_unknown,
    )
    sign_in = SignIn(pool, settings, refused=metrics.count_refused_sign_in)
    rates = RateLimiter(
        pool,
        settings.rate_limit_per_minute,
        exceeded=metrics.count_rate_limited,
        clock=lambda: clock().timestamp(),
    )
    tracing = tracing_to(settings.otlp_endpoint) if settings.otlp_endpoint else None
    open_context = (
        opener.open_context if tracing is None else tracing.operation(opener.open_context)
    )
    graphql = GraphQLEndpoint(
        executor,
        masking,
        edge=Edge(
            authenticate=sign_in.authenticate,
            open_context=open_context,
            charge=rates.charge,
            observe=metrics.observe_request,
        ),
        threads=settings.api_threads,
        body_limit=settings.body_bytes,
    )
    events = OverrideEventExport(
        ExportEdge(
            authenticate=sign_in.authenticate,
            open_reading=opener.open_reading,
            charge=rates.charge,
        ),
        masking,
    )
    uploads = UploadEndpoint(
        UploadEdge(
            authenticate=sign_in.authenticate,
            open_reading=opener.open_reading,
            open_writing=opener.open_writing,
            charge=rates.charge,
        ),
        masking,
        limit=settings.upload_bytes,
    )
    routes: list[BaseRoute] = [
        Route("/graphql", endpoint=graphql if tracing is None else tracing.request(graphql)),
        Route(OVERRIDE_EVENTS, endpoint=events),
        Route(UPLOADS, endpoint=uploads),
        Route("/metrics", endpoint=metrics.metrics_endpoint(settings)),
        Route("/healthz", endpoint=_alive),
        Route("/readyz", endpoint=_ready(pool)),
    ]
    if settings.is_development:
        routes += graphiql_routes()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(sign_in.start)
        watching = asyncio.create_task(metrics.watch_pool(pool))
        yield
        watching.cancel()
        graphql.close()
        events.close()
        uploads.close()
        pool.close()
        metrics.stop_sharing()
        if tracing is not None:
            tracing.close()

    return Starlette(routes=routes, lifespan=lifespan)


def _settle_memory() -> None:
    """What is there now stays for good, and a request leaves no cycles to speak of: the garbage
    collector need not look at the one, nor as often at the other."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _limits(settings: Settings) -> Limits:
    return Limits(
        tokens=settings.graphql_tokens,
        depth=settings.graphql_depth,
        aliases=settings.graphql_aliases,
        directives=settings.graphql_directives,
        operations=settings.graphql_operations,
        fragments=settings.graphql_fragments,
        rows=settings.graphql_rows,
        page=settings.graphql_page,
    )


async def _alive(_: Request) -> Response:
    """The process answers; nothing else is asked."""
    return JSONResponse({"status": "alive"})


def _ready(pool: Pool) -> Callable[[Request], Awaitable[Response]]:
    """The process reaches its database, so requests may come."""

    def look() -> bool:
        with open_network_scope(pool, datetime.now(UTC)) as scope:
            return members_of_network(scope) is not None

    async def ready(_: Request) -> Response:
        try:
            await asyncio.to_thread(look)
        except Exception:
            return JSONResponse({"status": "the database does not answer"}, status_code=503)
        return JSONResponse({"status": "ready"})

    return ready
