"""POST and GET /graphql: signs the caller in, reads the request, and runs the operation in a worker
thread, where its transaction begins and ends whatever becomes of the client."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson
import structlog
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from schema.documents import OperationKind, Prepared, Refused, refused
from schema.execution import Bound, Executor
from schema.masking import ErrorBody, ErrorMasking, PublicError, body_of_public
from service.graphql_requests import (
    GRAPHQL_RESPONSE,
    JSON,
    Parameters,
    media_type_for,
    read_parameters,
)
from service.request_limits import (
    BODY_LIMIT,
    HttpRefusal,
    RateLimit,
    database_away,
    refused_sign_in,
    require_within,
)
from storage.handles import DatabaseAway
from tenancy.principal import SignInRefused

P = TypeVar("P")

METHODS = ("GET", "POST")
SERVER_ERROR = 500
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response before it is sent. `well_formed` says that the request was, so that the status
    depends on the media type."""

    status: int
    body: bytes
    well_formed: bool
    headers: dict[str, str] = field(default_factory=dict)
    kind: OperationKind | None = None
    has_errors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Generic[P]):
    """What the endpoint is given by the application.

    `authenticate` answers who asks, or raises `SignInRefused`. `open_context` opens the scope of
    one operation in the worker thread: it commits when left and rolls back on an exception.
    `charge`, called in the worker thread too, counts the operation. `observe` is told the kind of
    operation, what came of it and how many seconds it took.
    """

    authenticate: Callable[[Request], Awaitable[P]]
    open_context: Callable[[P, Prepared], AbstractContextManager[object]]
    charge: Callable[[P], RateLimit] | None = None
    observe: Callable[[str, str, float], None] | None = None


class GraphQLEndpoint(Generic[P]):
    """An ASGI application for one route: `Route("/graphql", endpoint=GraphQLEndpoint(…))`."""

    def __init__(
        self,
        executor: Executor,
        masking: ErrorMasking,
        *,
        edge: Edge[P],
        threads: int,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._executor = executor
        self._masking = masking
        self._edge = edge
        self._body_limit = body_limit
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="operation")
        self._log = structlog.get_logger("portcullis.graphql")

    def close(self) -> None:
        """Wait for the operations under way, then end the threads."""
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request = Request(scope, receive)
        media_type = media_type_for(request)
        reply = await self._reply(request, media_type)
        if self._edge.observe is not None:
            kind = "none" if reply.kind is None else reply.kind.value
            self._edge.observe(kind, _outcome(reply), time.perf_counter() - began)
        await _send(send, reply, media_type or JSON)

    async def _reply(self, request: Request, media_type: str | None) -> Reply:
        try:
            _require_method(request)
            principal = await self._sign_in(request)
            if media_type is None:
                raise HttpRefusal(
                    406, "NOT_ACCEPTABLE", f"Answers come as {GRAPHQL_RESPONSE} or {JSON}."
                )
            parameters = await read_parameters(request, self._body_limit)
        except HttpRefusal as refusal:
            return _reply_of_refusal(refusal)
        except Exception as error:
            body = orjson.dumps({"errors": [self._masking.body_of_exception(error)]})
            return Reply(status=500, body=body, well_formed=False)
        return await self._in_thread(principal, parameters, may_write=request.method == "POST")

    async def _sign_in(self, request: Request) -> P:
        """Who asks. Nothing of the request but its headers has been looked at before."""
        try:
            return await self._edge.authenticate(request)
        except SignInRefused as refusal:
            self._log.info("sign-in refused", code=refusal.code.value)
            raise refused_sign_in(refusal, tried="authorization" in request.headers) from None

    async def _in_thread(self, principal: P, parameters: Parameters, *, may_write: bool) -> Reply:
        """A client that goes away cancels this wait, never the thread: that one always ends its
        transaction and gives its connection back."""
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads,
            lambda: context.run(self._operate, principal, parameters, may_write=may_write),
        )

    def _operate(self, principal: P, parameters: Parameters, *, may_write: bool) -> Reply:
        try:
            rate = self._charged(principal)
            bound = self._bound(parameters, may_write=may_write)
            if isinstance(bound, Refused):
                return _reply_of_errors(400, bound.errors)
            return self._executed(principal, bound, rate)
        except HttpRefusal as refusal:
            return _reply_of_refusal(refusal)
        except DatabaseAway as error:
            return _reply_of_refusal(database_away(error))
        except PublicError as error:
            status = 403 if error.code == "NOT_PERMITTED" else 400
            return _reply_of_errors(status, [body_of_public(error)])
        except Exception as error:
            return _reply_of_errors(500, [self._masking.body_of_exception(error)])

    def _charged(self, principal: P) -> RateLimit | None:
        if self._edge.charge is None:
            return None
        rate = self._edge.charge(principal)
        require_within(rate)
        return rate

    def _bound(self, parameters: Parameters, *, may_write: bool) -> Bound | Refused:
        prepared = self._executor.prepare(parameters.query, parameters.operation_name)
        if isinstance(prepared, Refused):
            return prepared
        if prepared.kind is OperationKind.MUTATION and not may_write:
            raise HttpRefusal(
                405, "METHOD", "A mutation must be sent by POST.", headers={"Allow": "POST"}
            )
        if prepared.kind is OperationKind.SUBSCRIPTION:
            return refused("SUBSCRIPTION", "Subscriptions are not answered at this address.")
        return self._executor.bind(prepared, parameters.variables)

    def _executed(self, principal: P, bound: Bound, rate: RateLimit | None) -> Reply:
        """The answer. Its body is written inside the transaction, so that what cannot be
        written is undone, and sent only when the transaction has been committed."""
        prepared = bound.prepared
        body, has_errors = b"", False
        try:
            with self._edge.open_context(principal, prepared) as context:
                outcome = self._executor.run_bound(bound, context)
                has_errors = bool(outcome.errors)
                undo = has_errors and prepared.kind is OperationKind.MUTATION
                if undo:
                    outcome.data = None
                if rate is not None:
                    outcome.extensions["rateLimit"] = rate.as_extension()
                body = _body(outcome.data, outcome.errors, outcome.extensions)
                if undo:
                    raise _Undo
        except _Undo:
            pass
        return Reply(
            status=200, body=body, well_formed=True, kind=prepared.kind, has_errors=has_errors
        )


class _Undo(Exception):
    """Leaves the scope of a mutation that met an error, so that nothing of it is kept."""


_OUTCOMES = {200: "answered", 401: "signed_out", 429: "rate_limited"}


def _outcome(reply: Reply) -> str:
    """What came of a request, in one of a few words."""
    if reply.has_errors:
        return "errors"
    return _OUTCOMES.get(reply.status, "failed" if reply.status >= SERVER_ERROR else "refused")


def _require_method(request: Request) -> None:
    if request.method not in METHODS:
        allow = ", ".join(METHODS)
        raise HttpRefusal(405, "METHOD", f"Use {allow}.", headers={"Allow": allow})


def _body(data: object, errors: list[ErrorBody], extensions: dict[str, Any]) -> bytes:
    body: dict[str, object] = {"data": data}
    if errors:
        body["errors"] = errors
    body["extensions"] = extensions
    return orjson.dumps(body)


def _reply_of_refusal(refusal: HttpRefusal) -> Reply:
    return Reply(
        status=refusal.status,
        body=orjson.dumps({"errors": [refusal.error]}),
        well_formed=False,
        headers=refusal.headers,
    )


def _reply_of_errors(status: int, errors: Iterable[ErrorBody]) -> Reply:
    return Reply(status=status, body=orjson.dumps({"errors": list(errors)}), well_formed=True)


async def _send(send: Send, reply: Reply, media_type: str) -> None:
    """application/json answers every well-formed request with 200, as the specification asks: a
    client cannot tell another status from one that a proxy made up."""
    status = 200 if reply.well_formed and media_type == JSON else reply.status
    headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(reply.body)).encode()),
        *HEADERS,
        *((name.lower().encode(), value.encode()) for name, value in reply.headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
