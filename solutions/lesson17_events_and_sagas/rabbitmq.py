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
        # --8<-- [start:relay]
        try:
            exchange = await self._exchange()
            async with asyncio.timeout(CONFIRMED_WITHIN_S):
                # All are on their way before the first is confirmed: one round trip, not one for each.
                await asyncio.gather(*(exchange.publish(message_of(e), e.type, mandatory=False) for e in events))
        except LOST as error:
            await self._stop_publishing()
            raise BusGone(repr(error)) from error
        # --8<-- [end:relay]

    async def consume(self, subscription: Subscription, handle: Handler) -> None:
        """Give every event to ``handle``, until this is cancelled."""
        # starter: await self._consume_once(subscription, handle, lambda: None)
        # --8<-- [start:survive]
        await for_ever(partial(self._consume_once, subscription, handle), LOST)
        # --8<-- [end:survive]

    async def _consume_once(self, subscription: Subscription, handle: Handler, succeeded: Callable[[], None]) -> None:
        """Give events to ``handle`` until the connection breaks."""
        async with await self._connect() as connection:
            # --8<-- [start:inbox]
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=READ_AHEAD)
            queue = await declare_queue(channel, subscription)
            succeeded()
            async with queue.iterator() as messages:
                async for message in messages:
                    await take(message, subscription, handle)
            # --8<-- [end:inbox]

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
    # --8<-- [start:relay]
    exchange = await declare_exchange(channel)
    to_dead: dict[str, Any] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": DEAD}
    queue = await channel.declare_queue(f"shop.{subscription.name}", durable=True, arguments=to_dead)
    for type_ in subscription.types:
        await queue.bind(exchange, type_)
    return queue
    # --8<-- [end:relay]


async def declare_all(channel: AbstractChannel, subscriptions: Sequence[Subscription]) -> None:
    """Everything that the broker has to know; every process tells it, because any may be the first."""
    await channel.declare_queue(DEAD, durable=True)
    for subscription in subscriptions:
        await declare_queue(channel, subscription)
    await channel.close()


def message_of(event: Event) -> aio_pika.Message:
    """The message that carries an event."""
    # --8<-- [start:relay]
    return aio_pika.Message(
        event.to_body(),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(event.id),
        type=event.type,
        correlation_id=event.correlation_id,
        timestamp=event.occurred_at,
        headers=dict(event.headers),
    )
    # --8<-- [end:relay]


async def take(message: AbstractIncomingMessage, subscription: Subscription, handle: Handler) -> None:
    """Handle one message, and acknowledge it when that is done."""
    # --8<-- [start:inbox]
    try:
        event = subscription.event_in(message.body, message.headers)
        await handle(event)
    except Unusable as error:
        log.error("an event is put aside", consumer=subscription.name, reason=str(error))
        await message.reject(requeue=False)
    except Exception as error:
        log.error("an event could not be handled", consumer=subscription.name, exc_info=error)
        await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
        await message.reject(requeue=True)
    else:
        await message.ack()
    # --8<-- [end:inbox]
