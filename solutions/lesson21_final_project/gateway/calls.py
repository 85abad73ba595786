"""The calls that one operation makes: with the visitor's token and the gateway's own, and never the same twice."""

import asyncio
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json, to_json
from starlette.datastructures import Headers
from structlog.contextvars import get_contextvars

from lesson15_resilience.calls import Call
from lesson15_resilience.deadlines import Deadline
from lesson21_final_project.gateway.errors import refusal
from lesson21_final_project.gateway.services import Services
from lesson21_final_project.gateway.visitors import Visitor
from lesson21_final_project.inside import ServiceToken

Pairs = list[tuple[bytes, bytes]]


class Calls:
    """Calls services for one visitor and one operation, until one deadline; ``made`` is how many."""

    def __init__(self, services: Services, token: ServiceToken, visitor: Visitor, deadline: Deadline) -> None:
        self._services = services
        self._token = token
        self._visitor = visitor
        self._deadline = deadline
        self._answers: dict[str, asyncio.Task[Any]] = {}
        self.made = 0

    async def get(self, service: str, target: str) -> Any:
        """What a service answers; what was asked before in this operation is not asked again."""
        # --8<-- [start:gateway]
        key = service + target
        if key not in self._answers:
            self._answers[key] = asyncio.ensure_future(self._send(service, "GET", target, None, []))
        return await self._answers[key]
        # --8<-- [end:gateway]

    async def send(self, service: str, method: str, target: str, body: Any = None, key: str | None = None) -> Any:
        """What a service answers to something that is to be done; with a ``key`` it is done once."""
        # --8<-- [start:gateway]
        # A key is any text, and a header is not.
        added = [(b"idempotency-key", quote(key, safe="").encode())] if key else []
        return await self._send(service, method, target, body, added)
        # --8<-- [end:gateway]

    async def _send(self, service: str, method: str, target: str, body: Any, added: Pairs) -> Any:
        # --8<-- [start:gateway]
        self.made += 1
        content = b"" if body is None else to_json(body)
        headers = [*self._own_headers(content), *added]
        call = Call(method, target.encode(), Headers(raw=headers), headers, content, self._deadline)
        reply = await self._services[service].answer(call)
        told = from_json(reply.body) if reply.body else None
        if reply.status >= 400:
            raise refusal(reply.status, told)
        return told
        # --8<-- [end:gateway]

    def _own_headers(self, content: bytes) -> Pairs:
        # --8<-- [start:gateway]
        headers = [
            self._token.header(),
            (b"x-request-id", str(get_contextvars().get("request_id", "")).encode()),
            (b"x-forwarded-for", self._visitor.address.encode()),
        ]
        if self._visitor.authorization:
            headers.append((b"authorization", self._visitor.authorization.encode("latin-1")))
        if content:
            headers.append((b"content-type", b"application/json"))
        return headers
        # --8<-- [end:gateway]
