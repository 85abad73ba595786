"""A line for every HTTP request, as lesson03's middleware writes it for apps of the other kind."""

import logging
import time

import structlog
from flask import Flask, Response, g, request
from starlette.datastructures import Headers
from structlog.contextvars import bind_contextvars, clear_contextvars

from lesson03_middleware_logging.request_ids import request_id

log = structlog.get_logger("request")


def add_request_log(app: Flask) -> None:
    """Give each request an id, and log it with its outcome."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Note the time, and the id that the client sent or a new one."""
    g.began = time.perf_counter()
    g.request_id = request_id(Headers(dict(request.headers)))
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def end(answer: Response) -> Response:
    """Write the line."""
    answer.headers["X-Request-ID"] = g.request_id
    log.log(
        level_of(answer.status_code, request.path),
        "request",
        method=request.method,
        url=request.full_path.removesuffix("?"),
        status=answer.status_code,
        duration_ms=round((time.perf_counter() - g.began) * 1000, 3),
        ip=request.remote_addr,
        user_agent=request.user_agent.string,
    )
    return answer


def level_of(status: int, path: str) -> int:
    """How much the outcome of a request matters; health checks are many and tell little."""
    if status >= 400:
        return logging.ERROR if status >= 500 else logging.WARNING
    return logging.DEBUG if path == "/health" else logging.INFO
