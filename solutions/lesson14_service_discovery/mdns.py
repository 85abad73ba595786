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
        # --8<-- [start:backends]
        host, _, port = instance.url.removeprefix("http://").rpartition(":")
        return AsyncServiceInfo(
            self._type,
            f"{instance.id}.{self._type}",
            parsed_addresses=[host],
            port=int(port),
            server=f"{instance.id}.local.",
            properties={"service": instance.service},
            host_ttl=self._ttl_s,
            other_ttl=self._ttl_s,
        )
        # --8<-- [end:backends]

    async def announce(self, instance: Instance) -> None:
        """Tell everybody who listens, and answer those who ask."""
        # --8<-- [start:backends]
        info = self._info(instance)
        if instance.id in self._announced:
            await self._zeroconf.async_update_service(info)
        else:
            # No other has this id, so nobody need be asked first whether the name is free.
            await self._zeroconf.async_register_service(info, cooperating_responders=True)
            self._announced.add(instance.id)
        # --8<-- [end:backends]

    async def withdraw(self, instance: Instance) -> None:
        """Say goodbye: the same records, with a TTL of zero."""
        # --8<-- [start:backends]
        self._announced.discard(instance.id)
        await (await self._zeroconf.async_unregister_service(self._info(instance)))
        # --8<-- [end:backends]

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
        # starter: return None
        # --8<-- [start:backends]
        info = AsyncServiceInfo(self._type, name)
        if not info.load_from_cache(self._zeroconf.zeroconf):
            return None
        service = (info.decoded_properties or {}).get("service") or ""
        url = f"http://{info.parsed_addresses()[0]}:{info.port}"
        try:
            return Instance(service=service, id=name.removesuffix(f".{self._type}"), url=url)
        except ValidationError:
            log.warning("no instance", name=name)
            return None
        # --8<-- [end:backends]
