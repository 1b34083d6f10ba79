"""Traces: a span for each request and each operation, and nobody's data in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from schema.execution import Executor
from schema.masking import ErrorMasking
from schema.root import build_schema
from service.edge import ScopeOpener
from service.graphql_endpoint import Edge, GraphQLEndpoint
from service.tracing import Tracing, tracing_by
from tenancy.scopes import Pool
from tests.cast import OLIVE, PIA
from tests.scopes import RecordedWakeups, principal_of


@dataclass(frozen=True, slots=True)
class Traced:
    http: TestClient
    exporter: InMemorySpanExporter

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())


@pytest.fixture
def traced(app_pool: Pool) -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    with _traced(app_pool, tracing_by(SimpleSpanProcessor(exporter))) as http:
        yield Traced(http, exporter)


@contextmanager
def _traced(pool: Pool, tracing: Tracing) -> Iterator[TestClient]:
    opener = ScopeOpener(pool=pool, wakeups=RecordedWakeups(), pass_minutes=5)
    masking = ErrorMasking(lambda: "1")

    async def olive(_: object) -> object:
        return principal_of(OLIVE)

    endpoint = GraphQLEndpoint(
        Executor(build_schema(), masking=masking),
        masking,
        edge=Edge(authenticate=olive, open_context=tracing.operation(opener.open_context)),
        threads=2,
    )
    app = Starlette(routes=[Route("/graphql", endpoint=tracing.request(endpoint))])
    with TestClient(app) as http:
        yield http
    endpoint.close()
    tracing.close()


def test_a_request_and_its_operation_are_a_span_each(traced: Traced) -> None:
    query = "query Whoever($i: String!) { user(identifier: $i) { lastName } }"
    body = {"query": query, "variables": {"i": PIA.barcode}}
    assert traced.http.post("/graphql", json=body).json()["data"]["user"] is not None
    operation, request = traced.spans()
    assert (operation.name, dict(operation.attributes or {})) == (
        "graphql query",
        {"graphql.operation.type": "query", "graphql.operation.name": "Whoever"},
    )
    assert (request.name, dict(request.attributes or {})) == (
        "POST /graphql",
        {"http.response.status_code": 200},
    )
    assert operation.parent is not None and request.context is not None
    assert operation.parent.span_id == request.context.span_id


def test_a_trace_goes_on_from_the_callers(traced: Traced) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    traced.http.post("/graphql", json={"query": "{ viewer { label } }"}, headers=headers)
    assert {f"{span.context.trace_id:032x}" for span in traced.spans() if span.context} == {trace}


def test_no_span_holds_anybodys_data(traced: Traced) -> None:
    for query in ("query($i: String!) { user(identifier: $i) { id } }", "query($i: Int!) { x }"):
        body = {"query": query, "variables": {"i": PIA.barcode}}
        headers = {"authorization": "Bearer very-secret"}
        traced.http.post("/graphql?debug=ASH-0001", json=body, headers=headers)
    told = "".join(span.to_json() for span in traced.spans())
    for part in (str(PIA.barcode), PIA.last_name, "very-secret", "olive", "ASHFORD"):
        assert part not in told
