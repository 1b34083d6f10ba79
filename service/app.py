"""The web application of one API process."""

import asyncio
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
from service.edge import ScopeOpener, current_instant
from service.graphiql import graphiql_routes
from service.graphql_endpoint import Edge, GraphQLEndpoint
from service.logins import app_url
from service.settings import Settings
from service.sign_in import SignIn
from storage.ids import new_id
from storage.pools import open_pool
from tenancy.members import members_of_network
from tenancy.scopes import Pool, open_network_scope
from workers.wakeups import TransactionalWakeups


def create_app() -> Starlette:
    """The factory that uvicorn calls in each process."""
    settings = Settings()
    pool = open_pool(app_url(settings), size=settings.pool_size, name="portcullis-api")
    return build_app(settings, pool)


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
    )
    sign_in = SignIn(pool, settings)
    graphql = GraphQLEndpoint(
        executor,
        masking,
        edge=Edge(authenticate=sign_in.authenticate, open_context=opener.open_context),
        threads=settings.api_threads,
        body_limit=settings.body_bytes,
    )
    routes: list[BaseRoute] = [
        Route("/graphql", endpoint=graphql),
        Route("/healthz", endpoint=_alive),
        Route("/readyz", endpoint=_ready(pool)),
    ]
    if settings.is_development:
        routes += graphiql_routes()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        graphql.close()
        pool.close()

    return Starlette(routes=routes, lifespan=lifespan)


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
