"""What goes wrong between the gateway and a service, and how a client is told."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from lesson03_middleware_logging.problems import problem

log = structlog.get_logger("gateway")


class UpstreamUnreachable(Exception):
    """The service cannot be reached, or what it sends is no HTTP."""


class UpstreamSilent(Exception):
    """The service takes connections, and says nothing."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Make of httpx's many errors the two that a gateway can act on; ``HTTPException`` when the client is to blame."""
    # TODO failures: A service is down
    yield


async def unreachable(request: Request, error: Exception) -> JSONResponse:
    """Answer 502 (RFC 9110, section 15.6.3); why is for the log alone."""
    log.error("service unreachable", reason=str(error))
    # TODO failures: A service is down
    return problem(500, "something went wrong")


async def silent(request: Request, error: Exception) -> JSONResponse:
    """Answer 504 (RFC 9110, section 15.6.5); why is for the log alone."""
    log.error("service silent", reason=str(error))
    # TODO failures: A service is down
    return problem(500, "something went wrong")


def add_error_answers(app: FastAPI) -> None:
    """Make answers of what goes wrong with a service."""
    app.add_exception_handler(UpstreamUnreachable, unreachable)
    app.add_exception_handler(UpstreamSilent, silent)
