"""RabbitMQ by a connection that aio-pika renews by itself, with a callback for each consumer."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue, AbstractRobustConnection
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from lesson17_events_and_sagas.bus import BusGone, Handler, Subscription, Unusable
from lesson17_events_and_sagas.events import Event

GONE = (AMQPError, ChannelInvalidStateError, OSError, RuntimeError, TimeoutError)


class RabbitBus:
    """One connection for everything, and a channel for each use of it."""

    def __init__(self, url: str, subscriptions: Sequence[Subscription] = ()) -> None:
        self._url = url
        self._subscriptions = subscriptions
        self._connection: AbstractRobustConnection | None = None
        self._publisher: AbstractChannel | None = None
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connection:
            await self._connection.close()

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish one after the other, each confirmed before the next."""
        try:
            async with asyncio.timeout(1.5):
                connection = await self._opened()
                self._publisher = self._publisher or await connection.channel()
                exchange = await self._publisher.get_exchange("shop.events", ensure=False)
                for event in events:
                    await exchange.publish(message_of(event), event.type, mandatory=False)
        except GONE as error:
            raise BusGone(repr(error)) from error

    async def consume(self, subscription: Subscription, handle: Handler) -> None:
        """Have every message handled; the connection brings the consumer back after an outage."""

        async def on_message(message: AbstractIncomingMessage) -> None:
            try:
                await handle(subscription.event_in(message.body, message.headers))
                await message.ack()
            except Unusable:
                await message.reject()
            except Exception as error:
                print(f"not yet: {error!r}", flush=True)
                await asyncio.sleep(0.2)
                await message.nack()

        while True:
            try:
                channel = await (await self._opened()).channel()
                await channel.set_qos(prefetch_count=5)
                queue = await declare(channel, subscription)
                await queue.consume(on_message)
                break
            except GONE:
                await asyncio.sleep(0.3)
        await asyncio.Event().wait()

    async def _opened(self) -> AbstractRobustConnection:
        async with self._opening:
            if self._connection is None:
                connection = await aio_pika.connect_robust(self._url, reconnect_interval=0.5, heartbeat=10)
                async with connection.channel() as channel:
                    for subscription in self._subscriptions:
                        await declare(channel, subscription)
                self._connection = connection
        return self._connection


async def declare(channel: AbstractChannel, subscription: Subscription) -> AbstractQueue:
    """The exchange, the queue of the dead, and a subscription's queue."""
    exchange = await channel.declare_exchange("shop.events", "topic", durable=True)
    await channel.declare_queue("shop.events.dead", durable=True)
    arguments: dict[str, Any] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "shop.events.dead"}
    queue = await channel.declare_queue(f"shop.{subscription.name}", durable=True, arguments=arguments)
    for name in subscription.types:
        await queue.bind(exchange, name)
    return queue


def message_of(event: Event) -> aio_pika.Message:
    """The message that carries an event."""
    return aio_pika.Message(
        event.to_body(),
        content_type="application/cloudevents+json",
        delivery_mode=2,
        message_id=str(event.id),
        type=event.type,
        correlation_id=event.correlation_id,
    )
