"""Make an app tell what it does."""

from collections.abc import Mapping

from fastapi import FastAPI

from lesson18_observability.metrics import measure_requests
from lesson18_observability.probes import Check, probes
from lesson18_observability.tracing import trace_requests


def make_observable(app: FastAPI, checks: Mapping[str, Check]) -> None:
    """Give an app traces, metrics and probes; call it when everything else is added."""
    app.include_router(probes(checks))
    measure_requests(app)
    trace_requests(app)
