"""Calls over NATS: a request on the subject SERVICE.METHOD, with protobuf."""

import asyncio
import sys
from contextlib import suppress

import nats
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from lesson16_rpc_and_transports.calls import Call, Handler
from lesson16_rpc_and_transports.codecs import PROTOBUF
from lesson16_rpc_and_transports.codes import Code, RpcError, code_of, status_of
from lesson16_rpc_and_transports.deadlines import deadline_of, headers_of

# All versions: whoever asks for another one is told so, and does not wait in vain.
SUBJECTS = "taller.notifications.>"
GROUP = "notifications"
FIRST_CONNECTION_S = 5

# The names are those of NATS's own services (https://github.com/nats-io/nats-architecture-and-design, ADR-32).
ERROR = "Nats-Service-Error"
ERROR_CODE = "Nats-Service-Error-Code"


async def connect(url: str) -> Client:
    """A connection that comes back by itself, and tries for ever; the process ends if the first one does not come."""

    async def is_seen_by_the_caller(error: Exception) -> None:
        """By default each error is logged, with a traceback."""

    try:
        async with asyncio.timeout(FIRST_CONNECTION_S):
            return await nats.connect(
                url,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,
                ping_interval=5,
                error_cb=is_seen_by_the_caller,
            )
    except TimeoutError:
        sys.exit(f"NATS_URL: no NATS server lets us in within {FIRST_CONNECTION_S} s")


class NatsServer:
    """Serves a handler. Several processes form a group, and NATS gives each call to one of them."""

    def __init__(self, handler: Handler, url: str) -> None:
        self._handler = handler
        self._url = url
        self._in_hand: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Subscribe; returns when NATS knows of it."""
        self._client = await connect(self._url)
        self._subscription: Subscription = await self._client.subscribe(SUBJECTS, queue=GROUP, cb=self._take)
        await self._client.flush()

    async def stop(self) -> None:
        """Take no more, finish what is in hand, disconnect."""
        # Without a connection there is nobody to tell, and nobody who waits.
        with suppress(nats.errors.Error):
            await self._subscription.drain()  # type: ignore[no-untyped-call]
            await asyncio.gather(*self._in_hand)
            await self._client.flush(timeout=1)
        await self._client.close()

    async def _take(self, message: Msg) -> None:
        # TODO nats: Call it over NATS
        raise NotImplementedError("nats")

    async def _answer(self, message: Msg) -> None:
        # TODO nats: Call it over NATS
        raise NotImplementedError("nats")


class NatsWire:
    """The client's end: a handler that sends calls to a subject."""

    codec = PROTOBUF

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self) -> None:
        """Connect."""
        self._client = await connect(self._url)

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()

    async def __call__(self, call: Call) -> bytes:
        """Send a call; its answer in bytes."""
        # TODO nats: Call it over NATS
        raise NotImplementedError("nats")
