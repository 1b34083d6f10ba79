"""The bare limit: Starlette and psycopg, the institution and the same SQL in one pipeline, the
rows dumped as they come. No sign-in, no rules, no GraphQL."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import orjson
from psycopg.rows import TupleRow
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.queries import user_statement, users_statement
from service.logins import app_url
from service.settings import Settings
from storage.pools import open_pool
from storage.statements import Statement
from tenancy.scopes import Pool

Handler = Callable[[Request], Awaitable[Response]]


def create_app() -> Starlette:
    """The factory that uvicorn calls: as many threads and connections as the service has."""
    settings = Settings()
    pool = open_pool(app_url(settings), size=settings.pool_size, name="bare")
    threads = ThreadPoolExecutor(settings.api_threads)
    (user, _), (users, page) = user_statement(), users_statement()

    async def one(request: Request) -> Response:
        identifier = request.path_params["identifier"]
        values = {"key": identifier.casefold(), "value": identifier}
        return await _answer(request, user, values)

    async def many(request: Request) -> Response:
        return await _answer(request, users, page)

    async def _answer(
        request: Request, statement: Statement, values: Mapping[str, object]
    ) -> Response:
        code = request.path_params["institution"]
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(threads, _rows, pool, code, statement, values)
        body = orjson.dumps(rows, default=str)
        return Response(body, media_type="application/json")

    return Starlette(
        routes=[
            Route("/user/{institution}/{identifier}", endpoint=one),
            Route("/users/{institution}", endpoint=many),
        ]
    )


def _rows(
    pool: Pool, code: str, statement: Statement, values: Mapping[str, object]
) -> list[TupleRow]:
    parameters = {**statement.defaults, **values, "institution": code}
    with pool.connection() as connection:
        with connection.pipeline():
            connection.execute("BEGIN READ ONLY", prepare=False)
            connection.execute(f"SET LOCAL app.institution = '{code}'".encode(), prepare=False)
            cursor = connection.execute(statement.text.encode(), parameters)
            connection.execute("COMMIT", prepare=False)
        return cursor.fetchall()
