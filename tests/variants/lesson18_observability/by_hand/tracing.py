"""Spans by hand: nothing but OpenTelemetry's API and SDK, a middleware, and a transport of httpx's."""

import httpx
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lesson18_observability.metrics import METHODS, OTHER, UNMATCHED, route_of
from lesson18_observability.paths import PROBES
from lesson18_observability.settings import TelemetrySettings

tracer = trace.get_tracer(__name__)


def new_provider(settings: TelemetrySettings) -> TracerProvider:
    """Batches, in the background."""
    sampler = ParentBased(TraceIdRatioBased(settings.otel_traces_sampler_arg))
    provider = TracerProvider(resource=Resource({"service.name": settings.service}), sampler=sampler)
    if settings.otel_exporter_otlp_endpoint:
        # The exporter reads the same variable, and adds the path itself.
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=1)))
    return provider


class TraceRequests:
    """A SERVER span around each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else OTHER
        about = {"http.request.method": method, "url.path": scope["path"], "url.scheme": scope["scheme"]}
        name, route = "HTTP" if method == OTHER else method, route_of(scope)
        if route != UNMATCHED:
            about["http.route"] = route
            name = f"{name} {route}"
        sender = extract(Headers(scope=scope))
        with tracer.start_as_current_span(name, sender, SpanKind.SERVER, about) as span:

            async def look(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            await self.app(scope, receive, look)


class TracedTransport(httpx.AsyncBaseTransport):
    """A CLIENT span around each request of another transport."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.extensions.get("target", request.url.raw_path).decode("latin-1")
        about: dict[str, str | int] = {
            "http.request.method": request.method,
            "url.full": str(request.url.join(target)),
            "server.address": request.url.host,
            "server.port": request.url.port or 80,
        }
        with tracer.start_as_current_span(request.method, kind=SpanKind.CLIENT, attributes=about) as span:
            inject(request.headers)
            try:
                response = await self._transport.handle_async_request(request)
            except httpx.TransportError as error:
                span.set_attribute("error.type", type(error).__name__)
                raise
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 400:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", str(response.status_code))
            return response

    async def aclose(self) -> None:
        await self._transport.aclose()


def trace_requests(app: FastAPI) -> None:
    """The last middleware that is added is the outermost."""
    app.add_middleware(TraceRequests)
    # FastAPI's own spans would stand beside these, and its setting is one of the app's creation.
    app._telemetry["tracing"] = False


def trace_calls(client: httpx.AsyncClient) -> None:
    """As httpx's own instrumentation does it: around the transport that the client has."""
    client._transport = TracedTransport(client._transport)
