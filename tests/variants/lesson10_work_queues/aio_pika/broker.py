"""Connections that aio-pika renews by itself, and the queues of this variant."""

import json
from typing import Any

import aio_pika
import aiormq
from aio_pika.abc import AbstractChannel, AbstractRobustConnection

TASKS = "tasks_queue"
DEAD = "tasks_queue.dead"
EVENTS = "tasks_events"
PUBLISH_WITHIN_S = 2.5
JSON = "application/json"
AWAY = (aiormq.AMQPError, ConnectionError, TimeoutError, RuntimeError)
"""What aio-pika raises when the broker does not answer, refuses, or is not there."""


async def connect(url: str) -> AbstractRobustConnection:
    """Connect, and again whenever the connection is lost."""
    return await aio_pika.connect_robust(url, reconnect_interval=0.5, heartbeat=10)


async def open_channel(connection: AbstractRobustConnection) -> AbstractChannel:
    """A channel that confirms, with the queues declared; what no queue takes raises."""
    channel = await connection.channel(on_return_raises=True)
    for queue in (TASKS, DEAD, EVENTS):
        await channel.declare_queue(queue, durable=True)
    return channel


async def publish(
    channel: AbstractChannel, queue: str, body: bytes, content_type: str | None = JSON, failures: int = 0
) -> None:
    """Publish persistently, and wait until the broker has it."""
    message = aio_pika.Message(
        body, content_type=content_type, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, headers={"failures": failures}
    )
    await channel.default_exchange.publish(message, queue, timeout=PUBLISH_WITHIN_S)


async def tell(channel: AbstractChannel, event: dict[str, Any]) -> None:
    """Publish what has become of a task."""
    await publish(channel, EVENTS, json.dumps(event).encode())
