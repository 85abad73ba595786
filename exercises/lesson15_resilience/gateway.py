"""Requests on their way to upstreams that may fail."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from lesson02_event_loop.disconnect import while_connected
from lesson13_microservices.headers import response_headers
from lesson13_microservices.paths import service_of
from lesson15_resilience.calls import Call, call_of
from lesson15_resilience.deadlines import Deadline, before, deadline_of
from lesson15_resilience.errors import NO_ANSWER
from lesson15_resilience.stale import LastGood
from lesson15_resilience.upstream import Upstream


class Gateway:
    """Sends each request to the upstream that its path belongs to, within its deadline; an ASGI app."""

    def __init__(self, upstreams: Mapping[str, Upstream], last_good: LastGood, deadline_s: float) -> None:
        self._upstreams = upstreams
        self._last_good = last_good
        self._deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io); raises what is in ``errors.NO_ANSWER``."""
        request = Request(scope, receive)
        service = service_of(request)
        deadline = deadline_of(request.headers, self._deadline_s)
        # Not before the caller's own deadline, because there may be an old answer even when that has passed.
        async with before(Deadline(self._deadline_s)):
            call = await call_of(request, deadline)
        await while_connected(request, self._answer(service, call, request, send))

    async def _answer(self, service: str, call: Call, request: Request, send: Send) -> None:
        begun = False

        async def note_and_send(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._forward(service, call, note_and_send)
        except NO_ANSWER:
            kept = None if begun else self._last_good.answer(service, call)
            if kept is None:
                raise
            await kept(request.scope, request.receive, send)

    async def _forward(self, service: str, call: Call, send: Send) -> None:
        async with before(call.deadline), AsyncExitStack() as held:
            response = await self._upstreams[service].answer(call, held)
            headers = response_headers(response.headers.raw)
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            async for piece in self._last_good.noted(service, call, response):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
