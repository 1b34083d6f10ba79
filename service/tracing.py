"""Traces for OpenTelemetry, where the settings say where to send them: a span for each request and
one for each operation. A span carries the operation's name and kind, and never whose it was."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.documents import Prepared

P = TypeVar("P")
C = TypeVar("C")

TRACES_PATH = "/v1/traces"
NAME_MAX_LENGTH = 100
SERVER_ERROR = 500

_propagator = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class Tracing:
    """One process's traces."""

    provider: TracerProvider

    def request(self, app: ASGIApp) -> ASGIApp:
        """The same application, with a span around each request."""
        return _TracedRequests(app, self.provider.get_tracer("portcullis.request"))

    def operation(
        self, open_context: Callable[[P, Prepared], AbstractContextManager[C]]
    ) -> Callable[[P, Prepared], AbstractContextManager[C]]:
        """The same scope, with a span from its opening to its commit."""
        tracer = self.provider.get_tracer("portcullis.operation")

        @contextmanager
        def traced(principal: P, prepared: Prepared) -> Iterator[C]:
            attributes = {"graphql.operation.type": prepared.kind.value}
            if prepared.name is not None:
                attributes["graphql.operation.name"] = prepared.name[:NAME_MAX_LENGTH]
            # Exceptions stay out: their messages quote values, and values are somebody's data.
            with (
                tracer.start_as_current_span(
                    f"graphql {prepared.kind.value}",
                    attributes=attributes,
                    record_exception=False,
                    set_status_on_exception=False,
                ),
                open_context(principal, prepared) as context,
            ):
                yield context

        return traced

    def close(self) -> None:
        """Send what is left."""
        self.provider.shutdown()


def tracing_to(endpoint: str) -> Tracing:
    """Traces that are sent behind the scenes to a collector that speaks OTLP over HTTP."""
    address = endpoint if urlsplit(endpoint).path.strip("/") else endpoint.rstrip("/") + TRACES_PATH
    return tracing_by(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))


def tracing_by(processor: SpanProcessor) -> Tracing:
    """Traces that end up with the processor."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "portcullis"}))
    provider.add_span_processor(processor)
    return Tracing(provider)


@dataclass(frozen=True, slots=True)
class _TracedRequests:
    """An object, since a route takes a bare function for something else than an application."""

    app: ASGIApp
    tracer: Tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = _propagator.extract(
            {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        )
        name = f"{scope['method']} {scope['path']}"
        with self.tracer.start_as_current_span(
            name, caller, SpanKind.SERVER, record_exception=False
        ) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    span.set_attribute("http.response.status_code", status)
                    if status >= SERVER_ERROR:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            await self.app(scope, receive, noted)
