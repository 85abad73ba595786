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
    # --8<-- [start:forward]
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path
    # --8<-- [end:forward]


def outgoing(request: Request, base: httpx.URL, body: RequestBody) -> httpx.Request:
    """The same request, for the service at ``base``."""
    # --8<-- [start:forward]
    # A request of the client's own making would have the client's defaults in it, and a tidied path.
    return httpx.Request(
        request.method, base, headers=request_headers(request), stream=body, extensions={"target": target_of(request)}
    )
    # --8<-- [end:forward]


@asynccontextmanager
async def answered(client: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[httpx.Response]:
    """The beginning of a service's answer, whose body can be read in this context.

    Raises ``UpstreamUnreachable`` or ``UpstreamSilent`` when there is none, and before anything was told to the client.
    """
    # --8<-- [start:forward]
    with told_apart():
        response = await client.send(request, stream=True, follow_redirects=False)
    try:
        yield response
    finally:
        await response.aclose()
    # --8<-- [end:forward]


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
        # --8<-- [start:forward]
        async with answered(self._client, request) as response:
            headers = response_headers(response.headers.raw)
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            await pass_on(response, send)
        # --8<-- [end:forward]
