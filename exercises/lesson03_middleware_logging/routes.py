"""A route that fails, to see what becomes of it."""

from collections.abc import Iterator
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

log = structlog.get_logger("routes")

router = APIRouter()


def troublesome() -> dict[Any, Any]:
    """A value for which JSON has no words: it is no number, no text, and contains itself."""
    value: dict[Any, Any] = {"ratio": float("nan"), "raw": b"\xff", ("a", 1): {1, 2}, "object": object()}
    value["itself"] = value
    return value


@router.get("/error")
async def fail(request: Request, after: Annotated[int | None, Query(ge=1, le=100)] = None) -> Response:
    """Fail on purpose: at once, or when so many lines of the answer have been sent."""
    # TODO exceptions: When the code fails
    raise NotImplementedError("exceptions")
