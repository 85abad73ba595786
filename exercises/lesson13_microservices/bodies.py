"""Bodies on their way through, a piece at a time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Send


class RequestBody(httpx.AsyncByteStream):
    """The body that a client sends, for httpx to send on; raises ``ClientDisconnect`` when it ends too soon."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole = asyncio.Event()

    async def _pieces(self) -> AsyncIterator[bytes]:
        while not self._whole.is_set():
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            if not message.get("more_body"):
                self._whole.set()
            yield message.get("body", b"")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # TODO streams: Let bodies flow
        yield b"".join([piece async for piece in self._pieces()])

    async def until_client_leaves(self) -> None:
        """Wait until the client hangs up; it is only then that nothing more comes after the body."""
        await self._whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def pass_on(response: httpx.Response, send: Send) -> None:
    """Send a service's body to the client, not decoded; raises ``httpx.TransportError`` when it ends too soon."""
    # TODO streams: Let bodies flow
    whole = b"".join([piece async for piece in response.aiter_raw()])
    await send({"type": "http.response.body", "body": whole})


async def while_client_waits(work: Coroutine[Any, Any, None], body: RequestBody) -> None:
    """Do the work, but end it when the client hangs up: nobody wants its outcome any more."""
    # TODO streams: Let bodies flow
    await work
