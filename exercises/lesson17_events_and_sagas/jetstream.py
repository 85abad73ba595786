"""The bus on NATS: a stream that keeps all events, and a durable consumer of it for each subscription."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Self

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from lesson17_events_and_sagas.bus import BusGone, Handler, Subscription, Unusable
from lesson17_events_and_sagas.events import CONTENT_TYPE, Event
from lesson17_events_and_sagas.reconnecting import for_ever

STREAM = "shop_events"
SUBJECTS = "shop.events."
LOST = (nats.errors.Error, OSError, TimeoutError)
CONFIRMED_WITHIN_S = 1.5
CONNECTED_WITHIN_S = 3
READ_AHEAD = 20
LOOK_UP_S = 1.0
AGAIN_AFTER_S = 5.0
PAUSE_AFTER_FAILURE_S = 0.2

log = structlog.get_logger("bus")


class JetStreamBus:
    """One connection for everything. The stream keeps what it has delivered: it is a log, and no queue."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def publish(self, events: Sequence[Event]) -> None:
        """Return once the stream has all of them."""
        # TODO log: The same on a log
        raise NotImplementedError("log")

    async def consume(self, subscription: Subscription, handle: Handler) -> None:
        """Give every event to ``handle``, until this is cancelled."""
        await for_ever(partial(self._consume_once, subscription, handle), LOST)

    async def _consume_once(self, subscription: Subscription, handle: Handler, succeeded: Callable[[], None]) -> None:
        """Give events to ``handle`` until the connection fails."""
        # TODO log: The same on a log
        raise NotImplementedError("log")

    async def _stream(self) -> JetStreamContext:
        """The stream, on a server that has it."""
        async with self._connecting:
            if self._client is None or self._client.is_closed:
                client = await nats.connect(
                    self._url,
                    connect_timeout=CONNECTED_WITHIN_S,
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.2,
                    error_cb=_is_seen_by_the_caller,
                )
                try:
                    stream = client.jetstream(timeout=CONFIRMED_WITHIN_S)
                    await stream.add_stream(StreamConfig(name=STREAM, subjects=[f"{SUBJECTS}>"]))
                except LOST:
                    await client.close()
                    raise
                self._client = client
        return self._client.jetstream(timeout=CONFIRMED_WITHIN_S)


async def _is_seen_by_the_caller(error: Exception) -> None:
    """By default each error is logged, with a traceback."""


def consumer_of(subscription: Subscription) -> ConsumerConfig:
    """What the server keeps of a subscription: how far its name has got.

    It begins with the first event of the stream, so it misses nothing, however late it is there.
    """
    # TODO log: The same on a log
    raise NotImplementedError("log")


async def publish(stream: JetStreamContext, event: Event) -> None:
    """Publish an event; returns once the stream has it."""
    # TODO log: The same on a log
    raise NotImplementedError("log")


async def take(message: Msg, subscription: Subscription, handle: Handler) -> None:
    """Handle one message, and acknowledge it when that is done."""
    # TODO log: The same on a log
    raise NotImplementedError("log")
