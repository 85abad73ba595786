"""A connection to the broker that comes back by itself."""

import logging
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

from pika import BasicProperties, BlockingConnection, URLParameters
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pika.spec import Basic

from lesson10_work_queues.topology import declare

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
LOOK_UP_S = 0.5

Use = Callable[[BlockingChannel], None]

# We say in one line what pika says in fifty.
logging.getLogger("pika").setLevel(logging.CRITICAL)


def connect(url: str) -> BlockingConnection:
    """Connect once; a broker that falls silent or takes no more messages is noticed within seconds."""
    parameters = URLParameters(url)
    parameters.heartbeat = 10
    parameters.blocked_connection_timeout = 5
    return BlockingConnection(parameters)


def open_channel(connection: BlockingConnection, prepare: Use = declare) -> BlockingChannel:
    """A channel on a broker that has our queues, or those that ``prepare`` declares."""
    channel = connection.channel()
    prepare(channel)
    return channel


def keep_connected(url: str, use: Use, stopping: Event, prepare: Use = declare) -> None:
    """Connect and use a channel, which ``prepare`` has had first, again and again until asked to stop.

    Whatever goes wrong with the broker, the answer is the same: start over, after a pause that grows while it fails.
    Part of the pause is chance, so that a hundred workers do not come back in the same moment.
    """
    # TODO outage: The broker goes away and comes back
    with connect(url) as connection:
        use(open_channel(connection, prepare))


@dataclass(frozen=True)
class Delivery:
    """A message that came; ``tag`` is what the broker calls it on this channel."""

    tag: int
    properties: BasicProperties
    body: bytes

    def header(self, name: str, default: Any = None) -> Any:
        """One of the message's headers, as its sender set it."""
        return (self.properties.headers or {}).get(name, default)


def deliveries(channel: BlockingChannel, queue: str, stopping: Event) -> Iterator[Delivery]:
    """The messages of a queue as they come, until we are asked to stop; each has to be acknowledged."""
    for delivery in channel.consume(queue, inactivity_timeout=LOOK_UP_S):
        match delivery:
            case Basic.Deliver(delivery_tag=int(tag)), BasicProperties() as properties, bytes(body):
                yield Delivery(tag, properties, body)
        if stopping.is_set():
            return
