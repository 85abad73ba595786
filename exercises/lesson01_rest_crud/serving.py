"""Run an app until it is asked to stop."""

import signal
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG

from lesson01_rest_crud.settings import Settings


def serve(
    app: ASGIApp,
    settings: Settings,
    log_config: dict[str, Any] | None = LOGGING_CONFIG,
    *,
    loop: Literal["auto", "asyncio"] = "auto",
) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in hand get up to ten seconds to finish.

    With ``log_config`` None, uvicorn leaves logging as the program has set it up. ``loop`` is the event loop: the
    fastest that is installed, or Python's own.
    """
    # TODO lifecycle: Start and stop as you are told
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=log_config,
        loop=loop,
        log_level="warning",
        # At this level nobody sees it, and each line would be put together all the same.
        access_log=False,
        # Whoever connects could write what they like into X-Forwarded-For.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
