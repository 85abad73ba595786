"""A bulkhead: one upstream that is slow must not sink the ship."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lesson15_resilience.errors import BulkheadFull


class Bulkhead:
    """Room for ``calls`` calls at a time, and for ``queue`` more that wait."""

    def __init__(self, calls: int, queue: int) -> None:
        self._room = asyncio.Semaphore(calls)
        self._queue = queue
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Have a place as long as this context lasts, after waiting for one in turn; raises ``BulkheadFull``."""
        # TODO bulkhead: A bulkhead for each
        yield

    async def _enter(self) -> None:
        # TODO bulkhead: A bulkhead for each
        raise NotImplementedError("bulkhead")
