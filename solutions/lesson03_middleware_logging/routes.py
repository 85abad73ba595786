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
    # --8<-- [start:exceptions]
    log.warning("about to fail", payload=troublesome())

    def fail_late(lines: int) -> Iterator[str]:
        for number in range(lines):
            yield f"line {number + 1}\n"
        raise RuntimeError(f"on purpose, at {request.url}")

    if after:
        return StreamingResponse(fail_late(after), media_type="text/plain")
    raise RuntimeError(f"on purpose, at {request.url}")
    # --8<-- [end:exceptions]
