"""How an instance leaves: out of rotation first, and only then out of the door."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lesson14_service_discovery.membership import Membership


async def leave(membership: Membership, drain_s: float) -> None:
    """Withdraw, and go on serving while the gateways still learn of it."""
    # --8<-- [start:leave]
    await membership.end()
    await asyncio.sleep(drain_s)
    # --8<-- [end:leave]


@asynccontextmanager
async def leaving_in_order(membership: Membership, drain_s: float) -> AsyncIterator[None]:
    """Put ``leave`` before what the server does on SIGTERM, which is to take no more connections at once."""
    # starter: yield
    # --8<-- [start:leave]
    loop = asyncio.get_running_loop()
    stop_serving = signal.getsignal(signal.SIGTERM)
    leaving: set[asyncio.Task[None]] = set()

    async def leave_and_stop() -> None:
        await leave(membership, drain_s)
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, stop_serving)
        signal.raise_signal(signal.SIGTERM)

    def begin() -> None:
        if not leaving:
            leaving.add(asyncio.create_task(leave_and_stop()))

    loop.add_signal_handler(signal.SIGTERM, begin)
    yield
    # --8<-- [end:leave]
