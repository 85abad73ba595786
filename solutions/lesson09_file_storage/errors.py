"""How a client is told of what only the content or the store can refuse."""

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from lesson03_middleware_logging.problems import problem
from lesson09_file_storage.files import NotAllowed
from lesson09_file_storage.store import StoreGone

log = structlog.get_logger("store")

RETRY_AFTER_S = 1


async def not_allowed(request: Request, error: Exception) -> JSONResponse:
    """Answer 415 (RFC 9110, section 15.5.16)."""
    return problem(415, str(error))


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer 503, and say when to come back (RFC 9110, sections 10.2.3 and 15.6.4); why is for the log alone."""
    # --8<-- [start:outage]
    log.error("store gone", reason=str(error))
    return problem(503, "the store cannot be reached", headers={"Retry-After": str(RETRY_AFTER_S)})
    # --8<-- [end:outage]


def add_error_answers(app: FastAPI) -> None:
    """Make answers of what files and store raise."""
    app.add_exception_handler(NotAllowed, not_allowed)
    app.add_exception_handler(StoreGone, unavailable)
