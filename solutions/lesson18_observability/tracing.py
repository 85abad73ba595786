"""Spans: where they go, and what makes them."""

import os

import httpx
from fastapi import FastAPI
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor, RequestInfo
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.semconv.attributes.url_attributes import URL_FULL
from opentelemetry.trace import Span

from lesson18_observability.paths import PROBES
from lesson18_observability.settings import TelemetrySettings

EXPORTED_WITHIN_S = 2

# The instrumentations still speak the names of before 2023 unless they are told not to.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")


def new_provider(settings: TelemetrySettings) -> TracerProvider:
    """What makes spans and exports them in the background, some at a time; nobody waits for that.

    Whether a trace is kept is decided where it begins: whoever comes later does as ``traceparent`` says.
    """
    # starter: return TracerProvider()
    # --8<-- [start:trace]
    provider = TracerProvider(
        resource=Resource.create({"service.name": settings.service}),
        sampler=ParentBased(TraceIdRatioBased(settings.otel_traces_sampler_arg)),
    )
    if settings.otel_exporter_otlp_endpoint:
        url = f"{settings.otel_exporter_otlp_endpoint}".rstrip("/") + "/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url, timeout=EXPORTED_WITHIN_S)))
    return provider
    # --8<-- [end:trace]


def trace_requests(app: FastAPI) -> None:
    """Make a SERVER span of each request, a child of what its ``traceparent`` names; call it when all else is added."""
    # starter:
    # --8<-- [start:trace]
    # FastAPI makes spans too, as it was told when the app was made. These take their place, also in apps of others.
    FastAPIInstrumentor.instrument_app(
        app,
        excluded_urls=rf"^https?://[^/]+({'|'.join(PROBES)})$",
        # Each part of an answer would be a span too.
        exclude_spans=["receive", "send"],
    )
    # --8<-- [end:trace]


def trace_calls(client: httpx.AsyncClient) -> None:
    """Make a CLIENT span of each request of the client, and have the request carry it in ``traceparent``."""
    # starter:
    # --8<-- [start:across]
    HTTPXClientInstrumentor.instrument_client(client, request_hook=_name_the_target)
    # --8<-- [end:across]


async def _name_the_target(span: Span, request: RequestInfo) -> None:
    """Say what is really asked for, where lesson13's proxy gives it apart from the URL."""
    target = (request.extensions or {}).get("target")
    if target:
        span.set_attribute(URL_FULL, f"{httpx.URL(str(request.url)).join(target.decode('latin-1'))}")
