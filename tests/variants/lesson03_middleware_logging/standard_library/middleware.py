"""One function around the whole app."""

import json
import logging
import re
import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from jsonlog import current_request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("http")


class BrokenOff(Exception):
    """Makes the server close the connection."""


def problem(status: int, detail: str) -> dict[str, Any]:
    """The members of a problem."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def problem_from(status: int, body: bytes) -> dict[str, Any]:
    """A problem made of an answer of lesson01's app: its JSON has ``detail`` or ``errors``, or it is plain text."""
    try:
        said = json.loads(body)
    except ValueError:
        return problem(status, body.decode())
    return problem(status, "the request makes no sense") | said


class Watch:
    """Stands between server and app for one request; errors are held back until they are whole, then made problems."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        ids = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"]
        is_valid = len(ids) == 1 and re.fullmatch(r"[\w.-]{1,64}", ids[0], re.ASCII)
        self.id = ids[0] if is_valid else uuid4().hex
        self.status = 500
        self.begun = self.ended = self.gone = False
        self.body = b""
        self.refusal: list[tuple[bytes, bytes]] | None = None
        self.held = b""

    async def hear(self) -> Message:
        """What the client says next."""
        message = await self.receive()
        self.gone |= message["type"] == "http.disconnect" and not self.ended
        self.body = (self.body + message.get("body", b""))[:10_001]
        return message

    async def say(self, message: Message) -> None:
        """What the app answers next."""
        if message["type"] == "http.response.start":
            await self.begin(message)
        elif self.refusal is None:
            await self.send(message)
            self.ended = not message.get("more_body")
        else:
            self.held += message.get("body", b"")
            if not message.get("more_body"):
                await self.refuse(self.refusal)

    async def begin(self, message: Message) -> None:
        """Send status and headers, unless it is an error."""
        self.status = message["status"]
        headers = [*message["headers"], (b"x-request-id", self.id.encode())]
        if self.status >= 400:
            self.refusal = headers
            return
        self.begun = True
        await self.send({**message, "headers": headers})

    async def refuse(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the problem."""
        kept = {name.decode(): value.decode() for name, value in headers if not name.startswith(b"content-")}
        content = problem_from(self.status, self.held)
        self.begun = self.ended = True
        await JSONResponse(content, self.status, kept, "application/problem+json")(self.scope, self.receive, self.send)

    async def answer(self, app: ASGIApp) -> Exception | None:
        """Have the app answer; the exception that it ended with."""
        try:
            await app(self.scope, self.hear, self.say)
        except ClientDisconnect:
            self.gone = True
        except Exception as error:
            if not self.begun:
                await self.say({"type": "http.response.start", "status": 500, "headers": []})
                await self.say({"type": "http.response.body", "body": b"our fault; the log knows more"})
            return error
        return None


def traced(app: ASGIApp) -> ASGIApp:
    """The app, with a line for each request and problems for errors."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        watch = Watch(scope, receive, send)
        current_request.set(watch.id)
        began = time.monotonic_ns()
        failure = await watch.answer(app)
        tell(scope, watch, (time.monotonic_ns() - began) / 1e6, failure)
        if failure and not watch.ended:
            raise BrokenOff

    return wrapped


def tell(scope: Scope, watch: Watch, duration_ms: float, failure: Exception | None) -> None:
    """Write the request's line."""
    status = 499 if watch.gone else watch.status
    query = scope["query_string"].decode("latin-1")
    facts = {
        "method": scope["method"],
        "url": scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""),
        "status": status,
        "duration_ms": duration_ms,
        "ip": scope["client"][0],
        "user_agent": watch.headers.get("user-agent"),
    }
    level = logging.INFO
    if failure or status >= 500:
        level = logging.ERROR
    elif status >= 400:
        level = logging.WARNING
    elif scope["path"] == "/health":
        level = logging.DEBUG
    if logger.isEnabledFor(logging.DEBUG):
        facts |= {"headers": watch.headers, "body": json_or_none(watch.body)}
    logger.log(level, "request", extra={"facts": facts}, exc_info=failure)


def json_or_none(body: bytes) -> Any:
    """A body for the log."""
    try:
        return json.loads(body) if len(body) <= 10_000 else None
    except (ValueError, RecursionError):
        return None
