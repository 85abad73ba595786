"""What only the storage can refuse, and how a client is told."""

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from lesson01_rest_crud.errors import FieldError
from lesson03_middleware_logging.problems import problem
from lesson05_postgresql.database import DatabaseGone

log = structlog.get_logger("database")

RETRY_AFTER_S = 1


class BadField(Exception):
    """A field that is well formed, and still cannot be taken: ``field`` is its path, such as ``items.0.productId``."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class OutOfStock(Exception):
    """There is less of a product than an order wants."""


async def bad_field(request: Request, error: Exception) -> JSONResponse:
    """Answer 422 and name the field."""
    assert isinstance(error, BadField)
    wrong = FieldError(field=error.field, message=str(error))
    return problem(422, "the request makes no sense; errors says where", errors=[wrong])


async def out_of_stock(request: Request, error: Exception) -> JSONResponse:
    """Answer 409: the order is fine, but not with what there is now."""
    return problem(409, str(error))


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer 503, and say when to come back (RFC 9110, sections 10.2.3 and 15.6.4); why is for the log alone."""
    # TODO outage: The database goes away and comes back
    raise NotImplementedError("outage")


def add_error_answers(app: FastAPI) -> None:
    """Make answers of what the storage raises."""
    app.add_exception_handler(BadField, bad_field)
    app.add_exception_handler(OutOfStock, out_of_stock)
    app.add_exception_handler(DatabaseGone, unavailable)
