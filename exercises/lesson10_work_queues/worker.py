"""The worker: takes tasks from the queue, one at a time, and does them."""

import os
import signal
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ConnectionWrongStateError

from lesson10_work_queues.connection import LOOK_UP_S, Delivery, deliveries, keep_connected
from lesson10_work_queues.kinds import Result, perform
from lesson10_work_queues.messages import Malformed, read_task, state_message, task_message
from lesson10_work_queues.settings import WorkerSettings
from lesson10_work_queues.states import Change, State
from lesson10_work_queues.tasks import Task
from lesson10_work_queues.topology import TASKS, declare_retry

NAME = f"{socket.gethostname()}-{os.getpid()}"


class Worker:
    """What works on one channel.

    A task runs on a thread of the pool, because the connection has to be served meanwhile: the broker takes a client
    that says nothing for long to be dead, and gives its task to another.
    """

    def __init__(
        self, channel: BlockingChannel, pool: ThreadPoolExecutor, delays_ms: tuple[int, ...], stopping: Event
    ) -> None:
        self._channel = channel
        self._pool = pool
        self._delays_ms = delays_ms
        self._stopping = stopping

    def work(self) -> None:
        """Take tasks until the connection breaks or we are asked to stop; a task in hand is finished first."""
        self._channel.confirm_delivery()
        # TODO share: Share the work fairly
        print(f"{NAME} is ready", flush=True)
        # TODO survive: Killed in mid-task
        for delivery in deliveries(self._channel, TASKS, self._stopping):
            self._channel.basic_ack(delivery.tag)
            self._handle(delivery)

    def _handle(self, delivery: Delivery) -> None:
        """Do the task in a message."""
        try:
            task, failures = read_task(delivery)
        except Malformed as problem:
            print(f"malformed message: {problem}", flush=True)
            self._bury(delivery)
            return
        # TODO work: Do the work
        print("a task has come, and nobody does it yet", flush=True)

    def _attempt(self, task: Task, failures: int) -> "Future[Result]":
        """Do a task, and serve the connection until that is done or has failed."""
        attempt = self._pool.submit(perform, task, failures)
        attempt.add_done_callback(self._wake)
        while not attempt.done():
            self._channel.connection.process_data_events(time_limit=LOOK_UP_S)
        return attempt

    def _wake(self, _: "Future[Result]") -> None:
        """End the wait for data, from another thread; a connection that is lost waits for nothing."""
        with suppress(ConnectionWrongStateError):
            self._channel.connection.add_callback_threadsafe(lambda: None)

    def _report(self, task: Task, state: State, result: Result | None = None, error: str | None = None) -> None:
        """Tell the web process what has become of a task."""
        # TODO state: Tell what has become of a task

    def _settle(self, delivery: Delivery) -> None:
        """Let the broker forget a message."""
        # TODO survive: Killed in mid-task

    def _retry(self, task: Task, failures: int) -> None:
        """Have a task wait, and come back as one that failed once more; each time it waits longer."""
        # TODO retry: Try again, a little later
        raise NotImplementedError("retry")

    def _bury(self, delivery: Delivery) -> None:
        """Have the broker put a message to rest in the queue of the dead."""
        # TODO dead: Put to rest what cannot be done
        raise NotImplementedError("dead")


def main() -> None:
    """Work until SIGTERM or Ctrl-C."""
    settings = WorkerSettings.from_environment()
    stopping = Event()
    # TODO survive: Killed in mid-task
    with ThreadPoolExecutor(max_workers=1) as pool:
        keep_connected(
            str(settings.amqp_url),
            lambda channel: Worker(channel, pool, settings.retry_delays_ms, stopping).work(),
            stopping,
        )


if __name__ == "__main__":
    main()
