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
        # TODO notifications: The server speaks first
        await WebSocketClose(TRY_AGAIN_LATER)(scope, receive, send)

    async def _connected(self, query: str) -> ClientConnection | None:
        # TODO notifications: The server speaks first
        raise NotImplementedError("notifications")


async def until_either_ends(outer: WebSocket, inner: ClientConnection) -> None:
    """Pass messages on in both directions until one of the two is closed, and close the other."""
    # TODO notifications: The server speaks first
    raise NotImplementedError("notifications")


async def inwards(outer: WebSocket, inner: ClientConnection) -> None:
    """From the client to the service."""
    # TODO notifications: The server speaks first
    raise NotImplementedError("notifications")


async def outwards(outer: WebSocket, inner: ClientConnection) -> None:
    """From the service to the client."""
    # TODO notifications: The server speaks first
    raise NotImplementedError("notifications")
