"""An instance is registered from its first answer to its last."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import structlog

from lesson13_microservices.client import new_client
from lesson14_service_discovery.background import tell
from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.registry import Registrar, RegistryGone

LOOK_S = 0.02
ANSWER_WITHIN_S = 1.0

log = structlog.get_logger("membership")


async def until_it_serves(url: str) -> None:
    """Wait until our own server answers: whoever finds us will call at once."""
    # TODO register: Say that you are there
    raise NotImplementedError("register")


async def announce(registrar: Registrar, instance: Instance) -> None:
    """One beat; a registry that is gone is there again at some later one."""
    # TODO outage: The registry goes away and comes back
    await registrar.announce(instance)


async def keep_registered(registrar: Registrar, instance: Instance, beat_s: float) -> None:
    """Register once we serve, and say every ``beat_s`` seconds that we still do; without an end."""
    # TODO register: Say that you are there
    raise NotImplementedError("register")


class Membership:
    """This process's place in the registry."""

    def __init__(self, registrar: Registrar, instance: Instance, beat_s: float) -> None:
        self._registrar = registrar
        self._instance = instance
        self._beat_s = beat_s
        self._beating: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Registered, until ``end`` is called or the context ends."""
        async with self._registrar:
            self._beating = asyncio.create_task(keep_registered(self._registrar, self._instance, self._beat_s))
            self._beating.add_done_callback(tell)
            try:
                yield
            finally:
                await self.end()

    async def end(self) -> None:
        """Beat no more, and tell the registry; a second call does nothing."""
        beating, self._beating = self._beating, None
        if beating is None:
            return
        beating.cancel()
        await asyncio.wait({beating})
        # TODO leave: Leave in order
        return
