"""The header X-Cache: where the product in an answer came from."""

from contextvars import ContextVar
from typing import Literal

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Source = Literal["HIT", "MISS", "BYPASS"]
_source: ContextVar[Source | None] = ContextVar("source", default=None)


def came_by(source: Source) -> None:
    """Note for the request in hand where its product came from."""
    _source.set(source)


class CacheStatus:
    """Tells the client what was noted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""

        async def send_with_source(message: Message) -> None:
            source = _source.get()
            if message["type"] == "http.response.start" and source:
                # --8<-- [start:read-through]
                MutableHeaders(scope=message)["X-Cache"] = source
                # --8<-- [end:read-through]
            await send(message)

        await self.app(scope, receive, send_with_source)
