"""What only the storage can refuse, and how a client is told."""

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from lesson01_rest_crud.errors import FieldError
from lesson03_middleware_logging.problems import problem
from lesson06_mongodb.database import DatabaseGone

log = structlog.get_logger("database")

RETRY_AFTER_S = 1


class EmailTaken(Exception):
    """There is a user of that e-mail address already."""


async def email_taken(request: Request, error: Exception) -> JSONResponse:
    """Answer 409 and name the field."""
    wrong = FieldError(field="email", message="there is a user of that address already")
    return problem(409, "the request does not go with what there is; errors says where", errors=[wrong])


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer 503, and say when to come back (RFC 9110, sections 10.2.3 and 15.6.4); why is for the log alone."""
    # TODO outage: The database goes away and comes back
    raise NotImplementedError("outage")


def add_error_answers(app: FastAPI) -> None:
    """Make answers of what the storage raises."""
    app.add_exception_handler(EmailTaken, email_taken)
    app.add_exception_handler(DatabaseGone, unavailable)
