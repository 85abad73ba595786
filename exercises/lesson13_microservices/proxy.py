"""A request goes to another process, and its answer comes back: RFC 9110's gateway (section 3.7)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from lesson13_microservices.bodies import RequestBody, pass_on, while_client_waits
from lesson13_microservices.errors import told_apart
from lesson13_microservices.headers import request_headers, response_headers

Choose = Callable[[Request], Awaitable[httpx.URL]]


def target_of(request: Request) -> bytes:
    """Path and query as the client sent them, not a byte another."""
    # TODO forward: Pass a request on
    raise NotImplementedError("forward")


def outgoing(request: Request, base: httpx.URL, body: RequestBody) -> httpx.Request:
    """The same request, for the service at ``base``."""
    # TODO forward: Pass a request on
    raise NotImplementedError("forward")


@asynccontextmanager
async def answered(client: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[httpx.Response]:
    """The beginning of a service's answer, whose body can be read in this context.

    Raises ``UpstreamUnreachable`` or ``UpstreamSilent`` when there is none, and before anything was told to the client.
    """
    # TODO forward: Pass a request on
    raise NotImplementedError("forward")


class Proxy:
    """Forwards every request to the URL that ``choose`` names for it, and its answer back; an ASGI app."""

    def __init__(self, client: httpx.AsyncClient, choose: Choose) -> None:
        self._client = client
        self._choose = choose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io); raises what ``choose`` and ``answered`` raise."""
        request = Request(scope)
        body = RequestBody(receive)
        forwarded = outgoing(request, await self._choose(request), body)
        await while_client_waits(self._forward(forwarded, send), body)

    async def _forward(self, request: httpx.Request, send: Send) -> None:
        # TODO forward: Pass a request on
        raise NotImplementedError("forward")
