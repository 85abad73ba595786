"""How an instance leaves: out of rotation first, and only then out of the door."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lesson14_service_discovery.membership import Membership


async def leave(membership: Membership, drain_s: float) -> None:
    """Withdraw, and go on serving while the gateways still learn of it."""
    # TODO leave: Leave in order
    raise NotImplementedError("leave")


@asynccontextmanager
async def leaving_in_order(membership: Membership, drain_s: float) -> AsyncIterator[None]:
    """Put ``leave`` before what the server does on SIGTERM, which is to take no more connections at once."""
    # TODO leave: Leave in order
    yield
