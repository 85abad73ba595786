"""Run an app whose server logs where the program does."""

from typing import Literal

from starlette.types import ASGIApp

from lesson01_rest_crud import serving
from lesson03_middleware_logging.settings import LoggingSettings


def serve(app: ASGIApp, settings: LoggingSettings, *, loop: Literal["auto", "asyncio"] = "auto") -> None:
    """Serve until SIGTERM or Ctrl-C, as in lesson01; uvicorn's messages go through the logging that is set up."""
    serving.serve(app, settings, log_config=None, loop=loop)
