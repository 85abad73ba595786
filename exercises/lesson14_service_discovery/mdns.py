"""No registry at all: instances shout, and whoever wants to know listens (RFC 6762 and RFC 6763)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import structlog
from pydantic import ValidationError
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.registry import Snapshot

LOOK_S = 0.1
USUAL_NAME = "taller"
ADDRESS = "127.0.0.1"

log = structlog.get_logger("registry")


class MdnsRegistry:
    """Instances of the DNS-SD type ``_NAME._tcp.local.``, on this machine only; the id is the instance's name.

    The TTL of the records is the lease: an announcement renews it in everybody's cache.
    """

    def __init__(self, name: str, ttl_s: int) -> None:
        self._type = f"_{name or USUAL_NAME}._tcp.local."
        self._ttl_s = ttl_s
        self._announced: set[str] = set()
        self._names: set[str] = set()

    async def __aenter__(self) -> Self:
        self._zeroconf = AsyncZeroconf(interfaces=[ADDRESS])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._zeroconf.async_close()

    def _info(self, instance: Instance) -> AsyncServiceInfo:
        # TODO backends: The same with other registries
        raise NotImplementedError("backends")

    async def announce(self, instance: Instance) -> None:
        """Tell everybody who listens, and answer those who ask."""
        # TODO backends: The same with other registries
        raise NotImplementedError("backends")

    async def withdraw(self, instance: Instance) -> None:
        """Say goodbye: the same records, with a TTL of zero."""
        # TODO backends: The same with other registries
        raise NotImplementedError("backends")

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Whose records have not run out, several times a second."""
        browser = AsyncServiceBrowser(self._zeroconf.zeroconf, self._type, handlers=[self._heard])
        try:
            while True:
                yield Snapshot([instance for name in sorted(self._names) if (instance := self._cached(name))])
                await asyncio.sleep(LOOK_S)
        finally:
            await browser.async_cancel()

    def _heard(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Removed:
            self._names.discard(name)
        else:
            self._names.add(name)

    def _cached(self, name: str) -> Instance | None:
        """What the cache has of an instance; None when a record of it has run out."""
        # TODO backends: The same with other registries
        return None
