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
    # TODO trace: A span for each request
    return TracerProvider()


def trace_requests(app: FastAPI) -> None:
    """Make a SERVER span of each request, a child of what its ``traceparent`` names; call it when all else is added."""
    # TODO trace: A span for each request


def trace_calls(client: httpx.AsyncClient) -> None:
    """Make a CLIENT span of each request of the client, and have the request carry it in ``traceparent``."""
    # TODO across: On to the next service


async def _name_the_target(span: Span, request: RequestInfo) -> None:
    """Say what is really asked for, where lesson13's proxy gives it apart from the URL."""
    target = (request.extensions or {}).get("target")
    if target:
        span.set_attribute(URL_FULL, f"{httpx.URL(str(request.url)).join(target.decode('latin-1'))}")
