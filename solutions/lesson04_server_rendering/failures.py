"""Errors, as a page for people and as a problem for programs."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from lesson03_middleware_logging import problems
from lesson04_server_rendering.rendering import page

KNOWN = (403, 404)


def is_for_people(request: Request) -> bool:
    """Whether whoever asks would rather see a page: browsers name text/html, programs seldom do."""
    # starter: return False
    # --8<-- [start:product]
    return "text/html" in request.headers.get("accept", "")
    # --8<-- [end:product]


def error_page(request: Request, status: int) -> Response:
    """What went wrong, in words."""
    answer = page(request, "error.html", status, reason=str(status) if status in KNOWN else "other")
    answer.headers.add_vary_header("Accept")
    return answer


async def refused(request: Request, error: Exception) -> Response:
    """Answer an HTTPException, whoever raised it."""
    assert isinstance(error, HTTPException)
    if is_for_people(request):
        return error_page(request, error.status_code)
    return await problems.refused(request, error)


async def bad_input(request: Request, error: Exception) -> Response:
    """Answer for input that makes no sense: to a person, an address that cannot be is a page that is not there."""
    assert isinstance(error, RequestValidationError)
    if is_for_people(request):
        return error_page(request, 404)
    return await problems.bad_input(request, error)
