"""The bus on RabbitMQ: a topic exchange, and a durable queue for each subscription."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from lesson17_events_and_sagas.bus import BusGone, Handler, Subscription, Unusable
from lesson17_events_and_sagas.events import CONTENT_TYPE, Event
from lesson17_events_and_sagas.reconnecting import for_ever

EXCHANGE = "shop.events"
DEAD = "shop.events.dead"
LOST = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)
CONFIRMED_WITHIN_S = 1.5
CONNECTED_WITHIN_S = 5
HEARTBEAT_S = 10
READ_AHEAD = 20
PAUSE_AFTER_FAILURE_S = 0.2

log = structlog.get_logger("bus")

# We say in one line what aio-pika says in fifty.
for name in ("aio_pika", "aiormq"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


class RabbitBus:
    """A connection for publishing, made when it is first needed, and one for each consumer.

    So a consumer that is slow, or a broker that takes nothing more from publishers, holds up nobody else.
    """

    def __init__(self, url: str, subscriptions: Sequence[Subscription] = ()) -> None:
        self._url = url
        self._subscriptions = subscriptions
        self._publishing: tuple[AbstractConnection, AbstractExchange] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop_publishing()

    async def publish(self, events: Sequence[Event]) -> None:
        """Return once the broker keeps all of them."""
        # TODO relay: Publish what is in the outbox
        raise NotImplementedError("relay")

    async def consume(self, subscription: Subscription, handle: Handler) -> None:
        """Give every event to ``handle``, until this is cancelled."""
        # TODO survive: Whatever fails, whenever it fails
        await self._consume_once(subscription, handle, lambda: None)

    async def _consume_once(self, subscription: Subscription, handle: Handler, succeeded: Callable[[], None]) -> None:
        """Give events to ``handle`` until the connection breaks."""
        async with await self._connect() as connection:
            # TODO inbox: Twice delivered, once applied
            raise NotImplementedError("inbox")

    async def _exchange(self) -> AbstractExchange:
        """Where to publish, on a channel that confirms."""
        # A broker that was started again has closed it; that is no reason to fail once more.
        if self._publishing is None or self._publishing[0].is_closed:
            connection = await self._connect()
            self._publishing = connection, await declare_exchange(await connection.channel(publisher_confirms=True))
        return self._publishing[1]

    async def _stop_publishing(self) -> None:
        """Close the connection for publishing, also one that is broken."""
        if self._publishing is not None:
            connection, _ = self._publishing
            self._publishing = None
            with suppress(*LOST):
                await connection.close()

    async def _connect(self) -> AbstractConnection:
        """A connection to a broker that has the queues of all subscriptions."""
        async with asyncio.timeout(CONNECTED_WITHIN_S):
            connection = await aio_pika.connect(self._url, heartbeat=HEARTBEAT_S)
            await declare_all(await connection.channel(), self._subscriptions)
        return connection


async def declare_exchange(channel: AbstractChannel) -> AbstractExchange:
    """The exchange that every event goes to; its type is the routing key."""
    return await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)


async def declare_queue(channel: AbstractChannel, subscription: Subscription) -> AbstractQueue:
    """The queue of a subscription, bound to its types; what is rejected there goes to the queue of the dead."""
    # TODO relay: Publish what is in the outbox
    raise NotImplementedError("relay")


async def declare_all(channel: AbstractChannel, subscriptions: Sequence[Subscription]) -> None:
    """Everything that the broker has to know; every process tells it, because any may be the first."""
    await channel.declare_queue(DEAD, durable=True)
    for subscription in subscriptions:
        await declare_queue(channel, subscription)
    await channel.close()


def message_of(event: Event) -> aio_pika.Message:
    """The message that carries an event."""
    # TODO relay: Publish what is in the outbox
    raise NotImplementedError("relay")


async def take(message: AbstractIncomingMessage, subscription: Subscription, handle: Handler) -> None:
    """Handle one message, and acknowledge it when that is done."""
    # TODO inbox: Twice delivered, once applied
    raise NotImplementedError("inbox")
