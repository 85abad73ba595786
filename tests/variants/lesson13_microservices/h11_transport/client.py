"""Another client below httpx: h11 over asyncio's streams, a new connection for each request, and no pool at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import h11
import httpx

T = TypeVar("T")
PIECE = 65_536


class Conversation(httpx.AsyncByteStream):
    """One request and its answer on a connection of their own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout_s: float) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout_s = timeout_s
        self._state = h11.Connection(h11.CLIENT)

    async def _in_time(self, work: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(work, self._timeout_s)
        except TimeoutError as error:
            raise httpx.ReadTimeout("the service says nothing") from error

    async def _send(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> None:
        try:
            self._writer.write(self._state.send(event) or b"")
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        await self._in_time(self._writer.drain())

    async def ask(self, request: httpx.Request) -> None:
        """Send the whole request; a service that does not want all of it may have answered already."""
        target = request.extensions.get("target", request.url.raw_path)
        await self._send(h11.Request(method=request.method, target=target, headers=request.headers.raw))
        assert isinstance(request.stream, httpx.AsyncByteStream)
        try:
            async for piece in request.stream:
                await self._send(h11.Data(data=piece))
            await self._send(h11.EndOfMessage())
        except ConnectionError:
            pass

    async def _next(self) -> h11.Response | h11.Data | h11.EndOfMessage:
        while True:
            try:
                event = self._state.next_event()
                if event is h11.NEED_DATA:
                    self._state.receive_data(await self._in_time(self._reader.read(PIECE)))
                elif isinstance(event, h11.Response | h11.Data | h11.EndOfMessage):
                    return event
                elif not isinstance(event, h11.InformationalResponse):
                    raise httpx.RemoteProtocolError("no answer")
            except h11.RemoteProtocolError as error:
                raise httpx.RemoteProtocolError(str(error)) from error
            except OSError as error:
                raise httpx.ReadError(str(error)) from error

    async def answer(self) -> httpx.Response:
        """The beginning of the answer, with its body to come."""
        head = await self._next()
        if not isinstance(head, h11.Response):
            raise httpx.RemoteProtocolError("no answer")
        return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)

    async def aclose(self) -> None:
        """End the connection."""
        self._writer.close()


class H11Transport(httpx.AsyncBaseTransport):
    """Opens a connection for each request."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; what of its answer comes first."""
        try:
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection(request.url.host, request.url.port or 80), self._timeout_s
            )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        conversation = Conversation(reader, writer, self._timeout_s)
        try:
            await conversation.ask(request)
            return await conversation.answer()
        except BaseException:
            await conversation.aclose()
            raise


def new_client(timeout_s: float) -> httpx.AsyncClient:
    """A client that adds nothing of its own; ``timeout_s`` is how long a service may say nothing."""
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(cookies=jar, transport=H11Transport(timeout_s))
