"""The process worker: one task at a time on an event loop, dead letters and retries published by hand."""

import asyncio
import hashlib
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from broker import AWAY, DEAD, TASKS, connect, open_channel, publish, tell
from validation import Invalid, task_of

NAME = f"worker-{os.getpid()}"


def settings() -> tuple[str, list[int]]:
    """The broker's URL and the delays in milliseconds; without them the process ends with status 2."""
    url = os.environ.get("AMQP_URL", "")
    if not url.startswith(("amqp://", "amqps://")):
        sys.exit(_complain("AMQP_URL is no amqp: URL"))
    try:
        delays = [int(delay) for delay in os.environ.get("RETRY_DELAYS_MS", "1000,2000,4000").split(",")]
    except ValueError:
        sys.exit(_complain("RETRY_DELAYS_MS is no list of numbers"))
    if min(delays) < 1:
        sys.exit(_complain("RETRY_DELAYS_MS has a delay below 1"))
    return url, delays


def _complain(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


class DrillFailure(Exception):
    """A failure that the task's drill asked for."""


async def perform(task: dict[str, Any], failures: int) -> dict[str, Any]:
    """Do a task; raises ``DrillFailure`` when its drill says so."""
    await asyncio.sleep(task["drill"]["seconds"])
    if failures < task["drill"]["failures"]:
        raise DrillFailure("the drill asked for a failure")
    if task["task"] == "receipt":
        return {"sha256": hashlib.sha256(task["payload"]["text"].encode()).hexdigest()}
    return dict(task["payload"])


class Worker:
    """Handles one message after the other; ``idle`` is set while it has none in hand."""

    def __init__(self, channel: AbstractChannel, delays: list[int]) -> None:
        self._channel = channel
        self._delays = delays
        self.idle = asyncio.Lock()

    async def handle(self, message: AbstractIncomingMessage) -> None:
        """Settle a message; when the connection is lost meanwhile, the broker gives it to another."""
        async with self.idle:
            try:
                await self._settle(message)
            except AWAY as error:
                print(f"the broker is away: {error!r}")

    async def _settle(self, message: AbstractIncomingMessage) -> None:
        failures = message.headers.get("failures", 0)
        try:
            task = task_of(message.body, message.content_type)
        except Invalid as problem:
            print(f"malformed: {problem}")
            await publish(self._channel, DEAD, message.body, message.content_type)
        else:
            print(f"{task['id']} begins")
            await self._do(task, message.body, failures if isinstance(failures, int) else 0)
        await message.ack()

    async def _do(self, task: dict[str, Any], body: bytes, failures: int) -> None:
        await self._tell(task, "running")
        try:
            result = await perform(task, failures)
        except DrillFailure as error:
            is_last = failures >= len(self._delays)
            await self._tell(task, "dead" if is_last else "retrying", error=str(error))
            queue = DEAD if is_last else await self._waiting_room(self._delays[failures])
            await publish(self._channel, queue, body, failures=failures + 1)
        else:
            await self._tell(task, "done", result=result)

    async def _tell(self, task: dict[str, Any], state: str, **more: Any) -> None:
        now = datetime.now(UTC).isoformat()
        await tell(
            self._channel, {"id": task["id"], "task": task["task"], "state": state, "at": now, "worker": NAME, **more}
        )

    async def _waiting_room(self, delay: int) -> str:
        name = f"{TASKS}.wait.{delay}"
        arguments = {"x-message-ttl": delay, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": TASKS}
        await self._channel.declare_queue(name, durable=True, arguments=arguments)
        return name


async def main() -> None:
    """Consume until SIGTERM."""
    url, delays = settings()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with await connect(url) as connection:
        channel = await open_channel(connection)
        await channel.set_qos(prefetch_count=1)
        worker = Worker(channel, delays)
        tasks = await channel.get_queue(TASKS)
        tag = await tasks.consume(worker.handle)
        print(f"{NAME} is ready")
        await stopping.wait()
        await tasks.cancel(tag)
        async with worker.idle:
            pass


asyncio.run(main())
