"""The web process's link to the broker."""

import asyncio
import sys
from concurrent.futures import Future
from functools import partial
from threading import Event, Thread
from typing import Self

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pydantic import ValidationError

from lesson10_work_queues.connection import LOOK_UP_S, Use, deliveries, keep_connected
from lesson10_work_queues.messages import Message
from lesson10_work_queues.states import Change
from lesson10_work_queues.store import Store
from lesson10_work_queues.topology import STATES, declare

CONFIRMED_WITHIN_S = 2
FIRST_LOOK_S = 5
READ_AHEAD = 100


class BrokerUnavailable(Exception):
    """The broker did not confirm a message."""


class Publisher:
    """One connection on one thread, because pika's connections must not be shared between threads.

    The thread publishes what requests hand over to it. ``prepare`` declares the queues that this needs.
    """

    def __init__(self, url: str, prepare: Use) -> None:
        self._channel: BlockingChannel | None = None
        self._connected = Event()
        self._stopping = Event()
        self._thread = Thread(target=keep_connected, args=(url, self._use, self._stopping, prepare), daemon=True)

    async def __aenter__(self) -> Self:
        """Connect; after some seconds without success the program serves what it can."""
        self._thread.start()
        await asyncio.to_thread(self._connected.wait, FIRST_LOOK_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as this end knows."""
        return self._channel is not None

    async def publish(self, message: Message) -> None:
        """Have a message published, while the event loop goes on.

        Returns once the broker has confirmed it; raises ``BrokerUnavailable`` if it does not in time.
        """
        channel = self._channel
        if channel is None:
            raise BrokerUnavailable("RabbitMQ is out of reach")
        confirmed: Future[None] = Future()
        try:
            channel.connection.add_callback_threadsafe(partial(_publish, channel, message, confirmed))
            await asyncio.wait_for(asyncio.wrap_future(confirmed), CONFIRMED_WITHIN_S)
        except (AMQPError, TimeoutError) as error:
            raise BrokerUnavailable("RabbitMQ did not confirm the task") from error

    def _use(self, channel: BlockingChannel) -> None:
        """Serve requests until the connection breaks or we are asked to stop."""
        # starter:
        # --8<-- [start:confirm]
        channel.confirm_delivery()
        # --8<-- [end:confirm]
        self._channel = channel
        self._connected.set()
        try:
            self._serve(channel)
        finally:
            self._channel = None

    def _serve(self, channel: BlockingChannel) -> None:
        """Keep the connection alive; what requests hand over is published meanwhile."""
        while not self._stopping.is_set():
            channel.connection.process_data_events(time_limit=LOOK_UP_S)


class Link(Publisher):
    """Publishes tasks, and listens in between: it writes down what the workers tell."""

    def __init__(self, url: str, store: Store) -> None:
        super().__init__(url, declare)
        self._store = store

    def _serve(self, channel: BlockingChannel) -> None:
        """Write down every change, and only then let the broker forget it."""
        # starter: super()._serve(channel)
        # --8<-- [start:state]
        channel.basic_qos(prefetch_count=READ_AHEAD)
        for delivery in deliveries(channel, STATES, self._stopping):
            try:
                self._store.add(Change.model_validate_json(delivery.body))
            except ValidationError as error:
                print(f"this is no change of a task: {error}", file=sys.stderr, flush=True)
            channel.basic_ack(delivery.tag)
        # --8<-- [end:state]


def _publish(channel: BlockingChannel, message: Message, confirmed: "Future[None]") -> None:
    """Publish on the connection's own thread, and tell how it went."""
    if not confirmed.set_running_or_notify_cancel():
        return
    try:
        message.publish(channel)
    except AMQPError as error:
        confirmed.set_exception(error)
    else:
        confirmed.set_result(None)
