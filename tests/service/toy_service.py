"""A library of a few made-up records behind the real endpoint, for tests of HTTP and of limits."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from schema.documents import OperationKind, Prepared
from schema.execution import Executor
from schema.limits import Limits
from schema.masking import ErrorMasking, PublicError
from service.graphql_endpoint import Edge, GraphQLEndpoint
from service.graphql_requests import GRAPHQL_RESPONSE
from service.request_limits import RateLimit
from tenancy.principal import SignInCode, SignInRefused

SECRET = "Detail: Key (barcode)=(S123456789) of Ada Lovelace"


@dataclass(slots=True)
class Ledger:
    """What a database would keep: notes are pending until their operation is committed."""

    kept: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    commit_fails: bool = False
    inside: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Work:
    """The context of one operation."""

    ledger: Ledger
    principal: str
    written: list[str] = field(default_factory=list)


Info = strawberry.Info[Work, None]


@strawberry.type
class Block:
    id: strawberry.ID
    text: str


@strawberry.type
class User:
    id: strawberry.ID
    name: str

    @strawberry.field
    def friends(self, first: int = 10) -> list["User"]:
        return [user(number) for number in range(min(first, 3))]

    @strawberry.field
    def blocks(self) -> list[Block]:
        return [Block(id=strawberry.ID("b1"), text="Owes a book")]


def user(number: int) -> User:
    return User(id=strawberry.ID(f"u{number}"), name=f"User {number}")


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello {name}"

    @strawberry.field
    def who(self, info: Info) -> str:
        return info.context.principal

    @strawberry.field
    def users(self, first: int = 20) -> list[User]:
        return [user(number) for number in range(min(first, 3))]

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def forbidden(self) -> str | None:
        raise PublicError("NOT_PERMITTED", "This is for managers.")

    @strawberry.field
    def slow(self, info: Info) -> str:
        info.context.ledger.inside.set()
        assert info.context.ledger.go_on.wait(10)
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def note_add(self, info: Info, text: str) -> str | None:
        info.context.written.append(text)
        return text

    @strawberry.mutation
    def note_break(self, info: Info) -> str | None:
        info.context.written.append("half")
        raise RuntimeError(SECRET)


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation)


def masking() -> ErrorMasking:
    return ErrorMasking(lambda: "c0ffee")


@dataclass(slots=True)
class ToyService:
    """The endpoint at /graphql and what it kept. The token `good` signs in as Ada."""

    ledger: Ledger
    endpoint: GraphQLEndpoint[str]
    client: TestClient

    def post(self, body: object, **headers: str) -> Any:
        """A request as most clients send it."""
        accept = {"accept": "application/graphql-response+json"}
        return self.client.post("/graphql", json=body, headers=accept | headers)

    def query(self, query: str, **rest: object) -> Any:
        return self.post({"query": query, **rest})


async def _authenticate(request: Request) -> str:
    if request.headers.get("authorization") != "Bearer good":
        raise SignInRefused(SignInCode.TOKEN_EXPIRED)
    return "Ada"


def toy_service(
    *,
    limits: Limits | None = None,
    introspection: bool = True,
    suggestions: bool = False,
    rate: RateLimit | None = None,
) -> ToyService:
    ledger = Ledger()

    @contextmanager
    def open_context(principal: str, prepared: Prepared) -> Iterator[Work]:
        work = Work(ledger, principal)
        ledger.opened.append(prepared.kind.value)
        try:
            yield work
            if prepared.kind is OperationKind.MUTATION:
                if ledger.commit_fails:
                    raise OSError(SECRET)
                ledger.kept.extend(work.written)
        finally:
            ledger.closed.append(prepared.kind.value)

    executor = Executor(
        SCHEMA,
        masking=masking(),
        limits=limits,
        introspection=introspection,
        suggestions=suggestions,
    )
    edge = Edge(
        authenticate=_authenticate,
        open_context=open_context,
        charge=None if rate is None else lambda _principal: rate,
    )
    endpoint = GraphQLEndpoint(executor, masking(), edge=edge, threads=2)
    app = Starlette(routes=[Route("/graphql", endpoint=endpoint)])
    client = TestClient(app, headers={"authorization": "Bearer good"})
    return ToyService(ledger, endpoint, client)


def send(
    service: ToyService,
    body: bytes | dict[str, Any],
    *,
    accept: str | None = GRAPHQL_RESPONSE,
    kind: str | None = "application/json",
) -> Any:
    """POST exactly these headers and this body."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = service.client.build_request("POST", "/graphql", content=content)
    for name, value in (("accept", accept), ("content-type", kind)):
        request.headers.pop(name, None)
        if value is not None:
            request.headers[name] = value
    return service.client.send(request)
