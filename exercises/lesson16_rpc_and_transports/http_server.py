"""uvicorn as one of the servers of a lifecycle."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from lesson01_rest_crud.settings import Settings


class Uvicorn(uvicorn.Server):
    """Leaves signals to the lifecycle, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


class HttpServer:
    """Serves an app; requests in hand get up to ten seconds when it stops."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            log_level="warning",
            # Whoever connects could write what they like into X-Forwarded-For.
            proxy_headers=False,
            timeout_graceful_shutdown=10,
        )
        self._server = Uvicorn(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; a port that is taken ends the process."""
        self._serving = asyncio.create_task(self._server.serve())
        await self._server.listens.wait()

    async def stop(self) -> None:
        """Finish what is in hand."""
        self._server.should_exit = True
        if self._serving:
            await self._serving
