"""Messages as the broker takes them, made of what we have to say."""

from dataclasses import dataclass

from pika import BasicProperties, DeliveryMode
from pika.adapters.blocking_connection import BlockingChannel
from pydantic import ValidationError

from lesson10_work_queues.connection import Delivery
from lesson10_work_queues.states import Change
from lesson10_work_queues.tasks import TASK, Task
from lesson10_work_queues.topology import DEFAULT_EXCHANGE, STATES, TASKS

JSON = "application/json"
FAILURES = "failures"


class Malformed(Exception):
    """A message that is no task; the text says why."""


@dataclass(frozen=True)
class Message:
    """A body for a queue, with its properties."""

    queue: str
    body: bytes
    properties: BasicProperties

    def publish(self, channel: BlockingChannel) -> None:
        """Hand it to the broker.

        On a channel that confirms, this returns once the broker has it; raises ``UnroutableError`` where there is no
        such queue, ``NackError`` where the broker refuses, and another ``AMQPError`` where the connection is lost.
        """
        # TODO confirm: Promise nothing before the broker has it
        channel.basic_publish(DEFAULT_EXCHANGE, self.queue, self.body, self.properties)


def task_message(task: Task, queue: str = TASKS, failures: int = 0) -> Message:
    """A task that has failed so many times, on its way to a queue."""
    # TODO enqueue: Take a task
    raise NotImplementedError("enqueue")


def state_message(change: Change) -> Message:
    """What has become of a task, on its way to the web process."""
    properties = BasicProperties(content_type=JSON, delivery_mode=DeliveryMode.Persistent)
    return Message(STATES, change.model_dump_json().encode(), properties)


def read_task(delivery: Delivery) -> tuple[Task, int]:
    """The task in a message, and how many times it has failed; raises ``Malformed``."""
    # TODO dead: Put to rest what cannot be done
    return TASK.validate_json(delivery.body), delivery.header(FAILURES, 0)
