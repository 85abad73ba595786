"""Rate, errors and duration of requests, for Prometheus (https://prometheus.io/docs/practices/naming)."""

from time import perf_counter

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client import generate_latest as in_text
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lesson18_observability.paths import PROBES

METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
OTHER = "_OTHER"
UNMATCHED = "unmatched"
# TODO metrics: Rate, errors, duration
BUCKETS_S = (1.0,)


class RequestMetrics:
    """What is counted of requests, and the registry that knows it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self.count = Counter("http_requests", "Requests that were answered", labels, registry=self.registry)
        self.duration = Histogram(
            "http_request_duration_seconds", "How long it took", labels[:2], buckets=BUCKETS_S, registry=self.registry
        )
        ProcessCollector(registry=self.registry)


def route_of(scope: Scope) -> str:
    """The template of the route that a request is for: a label whose values we choose, and not whoever asks."""
    # TODO metrics: Rate, errors, duration
    return str(scope["path"])


class Measure:
    """Counts each request with its outcome and notes how long it took."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        # TODO metrics: Rate, errors, duration
        await self.app(scope, receive, send)


def measure_requests(app: FastAPI) -> None:
    """Measure the requests of an app, and tell what was measured at ``/metrics``; call it when all else is added."""
    metrics = RequestMetrics()
    app.add_middleware(Measure, metrics=metrics)

    @app.get("/metrics", include_in_schema=False)
    async def tell(request: Request) -> Response:
        """The process's figures, in the text format of Prometheus."""
        return Response(in_text(metrics.registry), media_type=CONTENT_TYPE_LATEST)
