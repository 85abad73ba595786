"""What a client is told when its request cannot be done."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class BadInput(BaseModel):
    """All that is wrong with a request."""

    errors: list[FieldError]


class Refusal(BaseModel):
    """Why a request was refused as a whole."""

    detail: str


def field_of(problem: dict[str, Any]) -> str:
    """The name of the field that a problem is about, such as ``price``; ``body`` when that is no JSON at all."""
    # TODO validate: Refuse what makes no sense
    raise NotImplementedError("validate")


async def bad_input(request: Request, error: Exception) -> JSONResponse:
    """Answer 422 and name every field that is wrong.

    FastAPI's own answer repeats the input, and fails on one that JSON cannot express, such as NaN.
    """
    assert isinstance(error, RequestValidationError)
    # TODO validate: Refuse what makes no sense
    return JSONResponse({"errors": []}, status_code=422)
