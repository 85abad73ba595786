"""The web process's link to the broker."""

import asyncio
import sys
from concurrent.futures import Future
from functools import partial
from threading import Event, Thread
from uuid import uuid4

from pika import BasicProperties
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pydantic import ValidationError

from lesson10_work_queues.connection import deliveries, keep_connected
from lesson10_work_queues.messages import Message
from lesson10_work_queues.states import Board, Change
from lesson10_work_queues.topology import STATES, declare

CONFIRMED_WITHIN_S = 2
FIRST_LOOK_S = 5
READ_AHEAD = 100
MARK = "mark"
OUT_OF_REACH = "RabbitMQ is out of reach"


class BrokerUnavailable(Exception):
    """The broker did not confirm a message, or cannot be asked."""


class Link:
    """One connection on one thread, because pika's connections must not be shared between threads.

    The thread follows the log of states onto the board. In between it publishes what requests hand over to it.
    """

    def __init__(self, url: str, board: Board) -> None:
        self._board = board
        self._channel: BlockingChannel | None = None
        self._next_offset = 0
        self._caught_up = Event()
        self._stopping = Event()
        self._thread = Thread(target=keep_connected, args=(url, self._use, self._stopping), daemon=True)

    @property
    def is_caught_up(self) -> bool:
        """Whether the board shows all that the log holds; False also while the broker is out of reach."""
        return self._caught_up.is_set()

    async def __aenter__(self) -> "Link":
        """Connect and read the log; after some seconds without success the program serves what it can."""
        self._thread.start()
        await asyncio.to_thread(self._caught_up.wait, FIRST_LOOK_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)

    async def publish(self, *messages: Message) -> None:
        """Have messages published in this order, while the event loop goes on.

        Returns once the broker has confirmed all of them; raises ``BrokerUnavailable`` if it does not in time.
        """
        channel = self._channel
        if channel is None:
            raise BrokerUnavailable(OUT_OF_REACH)
        confirmed: Future[None] = Future()
        try:
            channel.connection.add_callback_threadsafe(partial(_publish, channel, messages, confirmed))
            await asyncio.wait_for(asyncio.wrap_future(confirmed), CONFIRMED_WITHIN_S)
        except (AMQPError, TimeoutError) as error:
            raise BrokerUnavailable("RabbitMQ did not confirm the task") from error

    def _use(self, channel: BlockingChannel) -> None:
        """Serve requests and follow the log until the connection breaks or we are asked to stop."""
        declare(channel)
        # TODO confirm: Promise nothing before the broker has it
        try:
            self._channel = channel
            self._follow_log(channel)
        finally:
            self._channel = None
            self._caught_up.clear()

    def _follow_log(self, channel: BlockingChannel) -> None:
        """Read the log from where we were: a stream keeps its messages, and each has an offset.

        To know when we have read all, we write a mark at its end and wait until we read it.
        """
        # TODO state: Tell what has become of a task
        self._caught_up.set()
        while not self._stopping.is_set():
            channel.connection.process_data_events(time_limit=LOOK_UP_S)

    def _take(self, entry: bytes) -> None:
        """Put an entry of the log onto the board; one that cannot be read must not keep us from the rest."""
        try:
            self._board.apply(Change.model_validate_json(entry))
        except ValidationError as error:
            print(f"an entry of the log makes no sense: {error}", file=sys.stderr, flush=True)


def _publish(channel: BlockingChannel, messages: tuple[Message, ...], confirmed: "Future[None]") -> None:
    """Publish on the connection's own thread, and tell how it went."""
    if not confirmed.set_running_or_notify_cancel():
        return
    try:
        for message in messages:
            message.publish(channel)
    except AMQPError as error:
        confirmed.set_exception(error)
    else:
        confirmed.set_result(None)
