"""graphql-transport-ws, written out: one task that reads, and one for each operation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult, OperationType
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from lesson11_graphql.errors import LIMIT_EXCEEDED, Refused
from lesson11_graphql.operations import Operation, Operations, response_of
from lesson11_graphql.parameters import Parameters
from lesson11_graphql.settings import BlogSettings

PROTOCOL = "graphql-transport-ws"
MOST_OPERATIONS = 20


class Closed(Exception):
    """The conversation ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Conversation:
    """One socket, and what runs on it."""

    def __init__(self, socket: WebSocket, operations: Operations[Any], patience_s: float) -> None:
        self._socket = socket
        self._operations = operations
        self._patience_s = patience_s
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_acknowledged = False

    async def hold(self) -> None:
        """Read and answer until one side has enough."""
        try:
            while True:
                patience = None if self._is_acknowledged else self._patience_s
                try:
                    message = await asyncio.wait_for(self._read(), patience)
                except TimeoutError:
                    raise Closed(4408, "Connection initialisation timeout") from None
                await self._answer(message)
        except WebSocketDisconnect:
            pass
        except Closed as closed:
            await self._socket.close(closed.code, str(closed))
        finally:
            for task in self._tasks.values():
                task.cancel()

    async def _read(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received["code"])
        try:
            message = json.loads(received.get("text") or "")
        except (ValueError, RecursionError):
            raise Closed(4400, "no JSON") from None
        if not isinstance(message, dict):
            raise Closed(4400, "no object")
        return message

    async def _answer(self, message: dict[str, Any]) -> None:
        identifier, payload = message.get("id"), message.get("payload")
        has_id = isinstance(identifier, str) and identifier
        match message.get("type"):
            case "connection_init" | "ping" | "pong" if payload is not None and not isinstance(payload, dict):
                raise Closed(4400, "the payload is no object")
            case "connection_init":
                await self._acknowledge()
            case "ping":
                await self._socket.send_json({"type": "pong"})
            case "pong":
                pass
            case "complete" if has_id:
                await self._stop(str(identifier))
            case "subscribe" if has_id:
                await self._begin(str(identifier), payload)
            case _:
                raise Closed(4400, "no message of the protocol")

    async def _acknowledge(self) -> None:
        if self._is_acknowledged:
            raise Closed(4429, "Too many initialisation requests")
        self._is_acknowledged = True
        await self._socket.send_json({"type": "connection_ack"})

    async def _begin(self, identifier: str, payload: Any) -> None:
        try:
            parameters = Parameters.model_validate(payload)
        except ValidationError:
            raise Closed(4400, "no request") from None
        if not self._is_acknowledged:
            raise Closed(4401, "Unauthorized")
        if identifier in self._tasks:
            raise Closed(4409, "the id is in use")
        try:
            if len(self._tasks) >= MOST_OPERATIONS:
                raise Refused(422, LIMIT_EXCEEDED, "too many operations")
            operation = self._operations.admit(parameters)
        except Refused as refused:
            await self._socket.send_json({"id": identifier, "type": "error", "payload": refused.errors})
            return
        self._tasks[identifier] = asyncio.create_task(self._run(identifier, operation))

    async def _stop(self, identifier: str) -> None:
        task = self._tasks.pop(identifier, None)
        if task:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, identifier: str, operation: Operation) -> None:
        async with aclosing(self._results(operation)) as results:
            async for result in results:
                await self._socket.send_json({"id": identifier, "type": "next", "payload": result})
        self._tasks.pop(identifier, None)
        await self._socket.send_json({"id": identifier, "type": "complete"})

    async def _results(self, operation: Operation) -> AsyncIterator[dict[str, Any]]:
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


class Sockets:
    """Opens conversations."""

    def __init__(self, operations: Operations[Any], settings: BlogSettings) -> None:
        self._operations = operations
        self._patience_s = settings.connection_init_timeout_ms / 1000

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        socket = WebSocket(scope, receive, send)
        if PROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        await Conversation(socket, self._operations, self._patience_s).hold()
