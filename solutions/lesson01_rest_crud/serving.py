"""Run an app until it is asked to stop."""

import signal

import uvicorn
from starlette.types import ASGIApp

from lesson01_rest_crud.settings import Settings


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in hand get up to ten seconds to finish."""
    # starter:
    # --8<-- [start:lifecycle]
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again once it has shut down; to have been asked to stop is no failure.
        signal.signal(number, lambda *_: None)
    # --8<-- [end:lifecycle]
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
