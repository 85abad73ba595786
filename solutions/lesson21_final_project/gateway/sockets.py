"""A WebSocket on its way to a replica of a service: what Socket.IO's clients come with."""

import asyncio
from contextlib import suppress

import structlog
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketClose, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from lesson21_final_project.gateway.services import Service
from lesson21_final_project.inside import SERVICE_TOKEN, ServiceToken

OPENED_WITHIN_S = 2.0
LARGEST_MESSAGE = 10_000
TRY_AGAIN_LATER = 1013

log = structlog.get_logger("sockets")


class WebSocketProxy:
    """Connects each WebSocket with a replica, the next one if the first is not there; an ASGI app."""

    def __init__(self, service: Service, path: str, token: ServiceToken) -> None:
        self._service = service
        self._path = path
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one WebSocket (https://asgi.readthedocs.io); it is closed when either side goes."""
        # starter: await WebSocketClose(TRY_AGAIN_LATER)(scope, receive, send)
        # --8<-- [start:notifications]
        inner = await self._connected(scope["query_string"].decode("latin-1"))
        if inner is None:
            await WebSocketClose(TRY_AGAIN_LATER)(scope, receive, send)
            return
        outer = WebSocket(scope, receive, send)
        async with inner:
            await outer.accept()
            await until_either_ends(outer, inner)
        # --8<-- [end:notifications]

    async def _connected(self, query: str) -> ClientConnection | None:
        # --8<-- [start:notifications]
        _, token = self._token.header()
        for instance in self._service.in_turn():
            try:
                return await connect(
                    f"{instance.url.replace('http', 'ws', 1)}{self._path}?{query}",
                    additional_headers={SERVICE_TOKEN: token.decode()},
                    open_timeout=OPENED_WITHIN_S,
                    close_timeout=OPENED_WITHIN_S,
                    compression=None,
                    proxy=None,
                )
            except (OSError, TimeoutError, WebSocketException) as error:
                log.warning("no websocket", instance=instance.id, reason=repr(error))
        return None
        # --8<-- [end:notifications]


async def until_either_ends(outer: WebSocket, inner: ClientConnection) -> None:
    """Pass messages on in both directions until one of the two is closed, and close the other."""
    # --8<-- [start:notifications]
    directions = [asyncio.create_task(inwards(outer, inner)), asyncio.create_task(outwards(outer, inner))]
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.wait(directions)
    with suppress(RuntimeError, WebSocketDisconnect):
        await outer.close(TRY_AGAIN_LATER)
    # --8<-- [end:notifications]


async def inwards(outer: WebSocket, inner: ClientConnection) -> None:
    """From the client to the service."""
    # --8<-- [start:notifications]
    with suppress(WebSocketDisconnect, ConnectionClosed):
        while True:
            message = await outer.receive_text()
            if len(message) > LARGEST_MESSAGE:
                return
            await inner.send(message)
    # --8<-- [end:notifications]


async def outwards(outer: WebSocket, inner: ClientConnection) -> None:
    """From the service to the client."""
    # --8<-- [start:notifications]
    with suppress(ConnectionClosed):
        async for message in inner:
            await outer.send_text(message if isinstance(message, str) else message.decode())
    # --8<-- [end:notifications]
