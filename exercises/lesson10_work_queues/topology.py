"""The queues: what they are called, and what the broker has to know of them.

A message is published to the default exchange, which hands it to the queue that the routing key names.
"""

from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

DEFAULT_EXCHANGE = ""
TASKS = "tasks_queue"
DEAD = "tasks_queue.dead"
STATES = "tasks_states"

# TODO dead: Put to rest what cannot be done
TO_DEAD: dict[str, Any] = {}


def declare(channel: BlockingChannel) -> None:
    """Make sure that the queues are there; both processes do, because either may be the first."""
    channel.queue_declare(TASKS, durable=True, arguments=TO_DEAD)
    channel.queue_declare(DEAD, durable=True)
    channel.queue_declare(STATES, durable=True)


def declare_retry(channel: BlockingChannel, delay_ms: int) -> str:
    """The name of the queue where a message waits so long; nobody consumes it, so its end there is to expire.

    The delay is part of the name, because the broker refuses to declare a queue anew with other arguments.
    """
    # TODO retry: Try again, a little later
    raise NotImplementedError("retry")
