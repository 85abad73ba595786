"""Start and stop a process in a known order, with hooks for whoever has something to do around it."""

import asyncio
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Protocol

import structlog

log = structlog.get_logger("lifecycle")

Hook = Callable[[], Awaitable[None]]


class Stage(StrEnum):
    """The four moments at which hooks are called."""

    BEFORE_START = "before_start"
    AFTER_START = "after_start"
    BEFORE_STOP = "before_stop"
    AFTER_STOP = "after_stop"


class Server(Protocol):
    """What listens on one transport."""

    async def start(self) -> None:
        """Begin to take calls; returns when it does."""

    async def stop(self) -> None:
        """Take no more calls, finish those in hand, and close what was opened."""


class Lifecycle:
    """Runs servers from start to stop, and the hooks around that."""

    def __init__(self) -> None:
        self._hooks: defaultdict[Stage, list[Hook]] = defaultdict(list)

    def on(self, stage: Stage, hook: Hook) -> None:
        """Have a hook called at that stage, after those that were added before."""
        self._hooks[stage].append(hook)

    async def run(self, servers: Sequence[Server]) -> None:
        """Start the servers, serve until SIGTERM or Ctrl-C, and stop them, the last one first."""
        # TODO lifecycle: Stop as well as you start
        await self._reach(Stage.BEFORE_START)
        for server in servers:
            await server.start()
        await asyncio.Event().wait()

    async def _reach(self, stage: Stage) -> None:
        log.info("lifecycle", stage=stage.value)
        for hook in self._hooks[stage]:
            await hook()
