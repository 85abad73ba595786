"""What a client is told when its request cannot be done: problems, in the format of RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from lesson01_rest_crud.errors import FieldError, field_of
from lesson01_rest_crud.methods import allowed

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """One problem; ``errors`` names the fields that are wrong, where it is about fields."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


def problem(
    status: int, detail: str, *, errors: list[FieldError] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer that tells a problem; its title is the status in words (RFC 9457, section 4.2.1)."""
    # starter: return JSONResponse({"detail": detail}, status, headers)
    # --8<-- [start:problems]
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)
    # --8<-- [end:problems]


async def refused(request: Request, error: Exception) -> JSONResponse:
    """Answer an HTTPException, whoever raised it."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def bad_input(request: Request, error: Exception) -> JSONResponse:
    """Answer 422 and name every field that is wrong."""
    assert isinstance(error, RequestValidationError)
    # starter: return problem(422, "the request makes no sense")
    # --8<-- [start:problems]
    errors = [FieldError(field=field_of(wrong), message=wrong["msg"]) for wrong in error.errors()]
    return problem(422, "the request makes no sense; errors says where", errors=errors)
    # --8<-- [end:problems]


async def method_not_allowed(request: Request, error: Exception) -> JSONResponse:
    """Answer 405 with all that is allowed."""
    return problem(405, f"{request.method} is not allowed here", headers={"Allow": allowed(request)})


def add_problems(app: FastAPI) -> None:
    """Make problems of all that FastAPI and Starlette raise."""
    # starter:
    # --8<-- [start:problems]
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, bad_input)
    app.add_exception_handler(405, method_not_allowed)
    # --8<-- [end:problems]
