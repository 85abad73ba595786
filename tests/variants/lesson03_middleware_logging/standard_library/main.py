"""Lesson 3's promises, kept without structlog, by one middleware around lesson01's app."""

import logging
import os
import sys
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from jsonlog import set_up
from middleware import BrokenOff, traced

from lesson01_rest_crud.app import create_app
from lesson01_rest_crud.repository import MemoryProducts
from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

settings = Settings.from_environment()
try:
    set_up(dict(os.environ))
except ValueError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
logging.getLogger("uvicorn.error").addFilter(lambda record: not (record.exc_info and record.exc_info[0] is BrokenOff))
app = create_app(MemoryProducts())


@app.get("/error", responses={500: {}})
async def fail(request: Request, after: int = 0) -> Any:
    """Fail, sooner or later."""
    circle: list[Any] = [float("inf")]
    circle.append(circle)
    logging.getLogger("shop").warning("about to fail", extra={"facts": {"payload": circle}})
    if not after:
        raise LookupError(f"on purpose: {request.url}")

    def lines() -> Iterator[str]:
        yield from (f"line {number}\n" for number in range(1, after + 1))
        raise LookupError(f"on purpose: {request.url}")

    return StreamingResponse(lines())


plain_document = app.openapi


def openapi() -> dict[str, Any]:
    """The document, with every error a problem."""
    document = plain_document()
    for path in document["paths"].values():
        for operation in path.values():
            for status in filter(lambda status: status >= "400", operation["responses"]):
                operation["responses"][status]["content"] = {"application/problem+json": {}}
    return document


app.openapi = openapi  # type: ignore[method-assign]
serve(traced(app), settings, log_config=None)
