"""One request and its answer, as they pass through a middleware."""

import json
from time import perf_counter
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from lesson03_middleware_logging.request_ids import request_id

CLIENT_CLOSED_REQUEST = 499
LARGEST_BODY_KEPT = 10_000


class Exchange:
    """Passes messages on between server and app, and remembers what became of the request.

    With ``keep_body`` it also keeps the beginning of the request's body. ``error`` is for the exception that ended
    the app, if one did.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, keep_body: bool) -> None:
        self.request = Request(scope)
        self.request_id = request_id(self.request.headers)
        self.error: Exception | None = None
        self.begun = False
        self.complete = False
        self._status = 500
        self._hung_up = False
        self._receive = receive
        self._send = send
        self._keep_body = keep_body
        self._body = bytearray()
        self._started_at = perf_counter()
        self._ended_at: float | None = None

    async def receive(self) -> Message:
        """The next part of the request; notes when there is none because the client is gone."""
        message = await self._receive()
        # TODO hang-up: A client that hangs up
        if self._keep_body and len(self._body) <= LARGEST_BODY_KEPT:
            self._body += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer; its headers get the request's id."""
        if message["type"] == "http.response.start":
            self.begun = True
            self._status = message["status"]
            # TODO request-id: An id to find it by
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.complete = True
            self._ended_at = perf_counter()

    @property
    def status(self) -> int:
        """The answer's status; 499, as nginx has it, when the client did not wait for one."""
        # TODO hang-up: A client that hangs up
        return self._status

    @property
    def path(self) -> str:
        """The path that was asked for, decoded."""
        path: str = self.request.scope["path"]
        return path

    @property
    def url(self) -> str:
        """Path and query as they were sent."""
        raw: bytes = self.request.scope["raw_path"]
        query: bytes = self.request.scope["query_string"]
        return (raw + b"?" + query if query else raw).decode("latin-1")

    @property
    def duration_ms(self) -> float:
        """From the request's first lines until its answer was sent, or until now."""
        return round(((self._ended_at or perf_counter()) - self._started_at) * 1000, 3)

    @property
    def json_body(self) -> Any:
        """The request's body, if it was kept whole and is JSON; else None."""
        if len(self._body) > LARGEST_BODY_KEPT:
            return None
        try:
            return json.loads(self._body)
        except (ValueError, RecursionError):
            return None
