"""Work that goes on while a program serves."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

log = structlog.get_logger("background")


def tell(task: asyncio.Task[None]) -> None:
    """Log the error that has ended it: nobody waits for its result."""
    if not task.cancelled() and task.exception():
        log.error("background work has ended", exc_info=task.exception())


@asynccontextmanager
async def meanwhile(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let them run until the context ends."""
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(tell)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
