"""GraphQL over WebSocket, by the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, Any, Literal

from ariadne.asgi.handlers import GraphQLTransportWSHandler
from ariadne.asgi.handlers.graphql_transport_ws import ClientContext
from ariadne.types import Operation as Running
from graphql import ExecutionResult, OperationType
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from lesson11_graphql.errors import LIMIT_EXCEEDED, Refused, formatted
from lesson11_graphql.operations import Operation, Operations, response_of
from lesson11_graphql.parameters import Parameters
from lesson11_graphql.settings import BlogSettings

PROTOCOL = "graphql-transport-ws"
LARGEST_MESSAGE = 100_000
MOST_OPERATIONS = 20
# RFC 6455, section 5.5: what a frame of control has room for, less the code, with room for characters of four bytes.
LONGEST_REASON = 30
INVALID_MESSAGE = 4400
NOT_ACKNOWLEDGED = 4401
SAME_ID = 4409
WRONG_PROTOCOL = 4406
TOO_BIG = 1009


class Signal(BaseModel):
    """A message about the connection itself."""

    type: Literal["connection_init", "ping", "pong"]
    payload: dict[str, Any] | None = None


class Complete(BaseModel):
    """A client that has heard enough."""

    type: Literal["complete"]
    id: str = Field(min_length=1)


class Subscribe(BaseModel):
    """A client that wants an operation executed."""

    type: Literal["subscribe"]
    id: str = Field(min_length=1)
    payload: Parameters


MESSAGE: TypeAdapter[Signal | Complete | Subscribe] = TypeAdapter(
    Annotated[Signal | Complete | Subscribe, Field(discriminator="type")]
)


class Socket(WebSocket):
    """A WebSocket on which only messages of the protocol arrive; at anything else it is closed."""

    async def receive_json(self, mode: str = "text") -> Any:
        """The next message; raises ``WebSocketDisconnect`` at the end."""
        # TODO subscriptions: Tell who has asked to be told
        return await super().receive_json(mode)

    async def _end(self, code: int, reason: str) -> None:
        await self.close(code, reason)
        raise WebSocketDisconnect(code, reason)


class Sockets(GraphQLTransportWSHandler):
    """Ariadne knows the protocol; what may be executed is decided where it is decided for HTTP."""

    def __init__(self, operations: Operations[Any], settings: BlogSettings) -> None:
        super().__init__(connection_init_wait_timeout=timedelta(milliseconds=settings.connection_init_timeout_ms))
        self.configure(operations.schema, error_formatter=formatted)
        self._operations = operations

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, from handshake to close."""
        websocket = Socket(scope, receive, send)
        # TODO subscriptions: Tell who has asked to be told
        await self.handle_websocket(websocket)

    async def handle_websocket_subscribe(
        self, websocket: WebSocket, data: Any, operation_id: str, client_context: ClientContext
    ) -> None:
        """Begin an operation; its results follow, each as a message."""
        # TODO subscriptions: Tell who has asked to be told
        raise NotImplementedError("subscriptions")

    async def _results(self, operation: Operation) -> AsyncGenerator[dict[str, Any]]:
        # TODO subscriptions: Tell who has asked to be told
        raise NotImplementedError("subscriptions")
