"""Why there is no answer from an upstream, and how the client is told."""

import math

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from lesson03_middleware_logging.problems import problem
from lesson13_microservices.errors import UpstreamSilent, UpstreamUnreachable, add_error_answers
from lesson13_microservices.headers import Headers


class UpstreamFailing(Exception):
    """The upstream itself says that it cannot: 502, 503 or 504. What it said is kept, to be passed on."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


class DeadlinePassed(Exception):
    """The caller does not wait any longer."""


class BreakerOpen(Exception):
    """The upstream is left alone for ``seconds`` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class BulkheadFull(Exception):
    """As many calls are in flight and waiting as may be."""


# What counts against an upstream. The others say nothing of its health.
FAILURES = (UpstreamUnreachable, UpstreamSilent, UpstreamFailing)
NO_ANSWER = (*FAILURES, DeadlinePassed, BreakerOpen, BulkheadFull)


async def failing(request: Request, error: Exception) -> Response:
    """Pass on what the upstream said."""
    assert isinstance(error, UpstreamFailing)
    response = Response(error.body, error.status)
    response.raw_headers = error.headers
    return response


async def too_late(request: Request, error: Exception) -> JSONResponse:
    """Answer 504 (RFC 9110, section 15.6.5)."""
    return problem(504, "there was no answer before the deadline")


async def left_alone(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 with the time after which a call may get through (RFC 9110, section 15.6.4)."""
    assert isinstance(error, BreakerOpen)
    again = {"Retry-After": str(math.ceil(error.seconds))}
    return problem(503, "the service behind this fails, and is left alone", headers=again)


async def full(request: Request, error: Exception) -> JSONResponse:
    """Answer 503: a moment later there may be room."""
    return problem(503, "too many requests wait for the service behind this", headers={"Retry-After": "1"})


def add_no_answer_answers(app: FastAPI) -> None:
    """Make answers of everything in ``NO_ANSWER``."""
    add_error_answers(app)
    app.add_exception_handler(UpstreamFailing, failing)
    app.add_exception_handler(DeadlinePassed, too_late)
    app.add_exception_handler(BreakerOpen, left_alone)
    app.add_exception_handler(BulkheadFull, full)
