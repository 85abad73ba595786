"""Serve an app behind nginx."""

import signal
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from lesson19_processes_and_scaling.draining import DrainingServer
from lesson19_processes_and_scaling.policies import STOP_WITHIN_S


def serve_at(door: Path, app: ASGIApp) -> None:
    """Serve on a Unix domain socket until SIGTERM."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again once it has shut down; to have been asked to stop is no failure.
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app,
        uds=str(door),
        log_config=None,
        log_level="warning",
        # Only nginx comes in here, and it writes X-Forwarded-For itself.
        forwarded_allow_ips="*",
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    DrainingServer(config).run()
