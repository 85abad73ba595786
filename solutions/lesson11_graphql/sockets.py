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
        # starter: return await super().receive_json(mode)
        # --8<-- [start:subscriptions]
        received = await self.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received["code"], received.get("reason"))
        text = received.get("text") or ""
        if len(text) > LARGEST_MESSAGE:
            await self._end(TOO_BIG, "the message is too big")
        try:
            MESSAGE.validate_json(text)
        except ValidationError:
            await self._end(INVALID_MESSAGE, "this is no message of graphql-transport-ws")
        return json.loads(text)
        # --8<-- [end:subscriptions]

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
        # starter: await self.handle_websocket(websocket)
        # --8<-- [start:subscriptions]
        if PROTOCOL in scope["subprotocols"]:
            await self.handle_websocket(websocket)
        else:
            await websocket.accept()
            await websocket.close(WRONG_PROTOCOL, "Subprotocol not acceptable")
        # --8<-- [end:subscriptions]

    async def handle_websocket_subscribe(
        self, websocket: WebSocket, data: Any, operation_id: str, client_context: ClientContext
    ) -> None:
        """Begin an operation; its results follow, each as a message."""
        # --8<-- [start:subscriptions]
        if not client_context.connection_acknowledged:
            await websocket.close(NOT_ACKNOWLEDGED, "Unauthorized")
            return
        if operation_id in client_context.operations:
            await websocket.close(SAME_ID, f"Subscriber for {operation_id} already exists"[:LONGEST_REASON])
            return
        try:
            if len(client_context.operations) == MOST_OPERATIONS:
                raise Refused(422, LIMIT_EXCEEDED, f"more than {MOST_OPERATIONS} operations at a time")
            operation = self._operations.admit(Parameters.model_validate(data))
        except Refused as refused:
            await websocket.send_json({"type": "error", "id": operation_id, "payload": refused.errors})
            return
        results = self._results(operation)
        client_context.operations[operation_id] = Running(operation_id, operation.parameters.operation_name, results)
        client_context.operation_tasks[operation_id] = asyncio.create_task(
            self.observe_async_results(websocket, results, operation_id, client_context)
        )
        # --8<-- [end:subscriptions]

    async def _results(self, operation: Operation) -> AsyncGenerator[dict[str, Any]]:
        # --8<-- [start:subscriptions]
        if operation.kind is not OperationType.SUBSCRIPTION:
            yield await self._operations.execute(operation)
            return
        stream = await self._operations.subscribe(operation)
        if isinstance(stream, ExecutionResult):
            yield response_of(stream)
            return
        async with aclosing(stream):
            async for result in stream:
                yield response_of(result)
        # --8<-- [end:subscriptions]
