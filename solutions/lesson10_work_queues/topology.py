"""The queues: what they are called, and what the broker has to know of them.

A message is published to the default exchange, which hands it to the queue that the routing key names.
"""

from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

DEFAULT_EXCHANGE = ""
TASKS = "tasks_queue"
DEAD = "tasks_queue.dead"
STATES = "tasks_states"

# starter: TO_DEAD: dict[str, Any] = {}
# --8<-- [start:dead]
TO_DEAD: dict[str, Any] = {"x-dead-letter-exchange": DEFAULT_EXCHANGE, "x-dead-letter-routing-key": DEAD}
# --8<-- [end:dead]


def declare(channel: BlockingChannel) -> None:
    """Make sure that the queues are there; both processes do, because either may be the first."""
    channel.queue_declare(TASKS, durable=True, arguments=TO_DEAD)
    channel.queue_declare(DEAD, durable=True)
    channel.queue_declare(STATES, durable=True)


def declare_retry(channel: BlockingChannel, delay_ms: int) -> str:
    """The name of the queue where a message waits so long; nobody consumes it, so its end there is to expire.

    The delay is part of the name, because the broker refuses to declare a queue anew with other arguments.
    """
    # --8<-- [start:retry]
    queue = f"{TASKS}.retry.{delay_ms}"
    back_to_tasks = {"x-dead-letter-exchange": DEFAULT_EXCHANGE, "x-dead-letter-routing-key": TASKS}
    channel.queue_declare(queue, durable=True, arguments={"x-message-ttl": delay_ms, **back_to_tasks})
    return queue
    # --8<-- [end:retry]
