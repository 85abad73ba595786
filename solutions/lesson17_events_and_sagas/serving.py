"""Run a worker until it is asked to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from lesson14_service_discovery.background import meanwhile


async def until_stopped(*works: Coroutine[Any, Any, None]) -> None:
    """Let them run until SIGTERM or Ctrl-C; says that it is ready, for whoever waits for that."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with meanwhile(*works):
        print("ready", flush=True)
        await stopping.wait()
