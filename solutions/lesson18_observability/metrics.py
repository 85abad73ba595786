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
# starter: BUCKETS_S = (1.0,)
# --8<-- [start:metrics]
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# --8<-- [end:metrics]


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
    # starter: return str(scope["path"])
    # --8<-- [start:metrics]
    for route in iter_route_contexts(scope["app"].routes):
        if route.path and route.matches(scope)[0] != Match.NONE:
            return route.path
    return UNMATCHED
    # --8<-- [end:metrics]


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
        # starter: await self.app(scope, receive, send)
        # --8<-- [start:metrics]
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route, status, began = route_of(scope), 500, perf_counter()

        async def look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, look)
        finally:
            self._metrics.count.labels(method, route, str(status)).inc()
            self._metrics.duration.labels(method, route).observe(perf_counter() - began)
        # --8<-- [end:metrics]


def measure_requests(app: FastAPI) -> None:
    """Measure the requests of an app, and tell what was measured at ``/metrics``; call it when all else is added."""
    metrics = RequestMetrics()
    app.add_middleware(Measure, metrics=metrics)

    @app.get("/metrics", include_in_schema=False)
    async def tell(request: Request) -> Response:
        """The process's figures, in the text format of Prometheus."""
        return Response(in_text(metrics.registry), media_type=CONTENT_TYPE_LATEST)
