"""Who is there, as the gateway knows it."""

import asyncio
import time
from collections.abc import Callable

import structlog

from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.registry import Registry, RegistryGone, Snapshot

PAUSE_S = 0.2

log = structlog.get_logger("directory")


class Directory:
    """The instances that the registry told of last.

    After an outage it may have lost some that live: for ``ttl_s`` seconds, in which they register again, they stay.
    """

    def __init__(self, ttl_s: float) -> None:
        self._ttl_s = ttl_s
        self._found: dict[str, Instance] = {}
        self._spared: dict[str, Instance] = {}
        self._spared_until = 0.0
        self._after_outage = False

    def take(self, instances: list[Instance]) -> None:
        """Believe the registry."""
        # TODO discover: See who is there
        raise NotImplementedError("discover")
        # TODO outage: The registry goes away and comes back

    def registry_is_gone(self) -> None:
        """Nobody tells us any more: what we know is the best there is."""
        self._after_outage = True

    def instances(self) -> list[Instance]:
        """Everybody, in the same order always."""
        # TODO discover: See who is there
        raise NotImplementedError("discover")

    def of(self, service: str) -> list[Instance]:
        """The instances of one service."""
        return [instance for instance in self.instances() if instance.service == service]


async def follow(registry: Registry, directory: Directory, configure: Callable[[str | None], None]) -> None:
    """Keep the directory up to date, and hand on the registry's settings; without an end."""

    async def follow_once() -> None:
        async for snapshot in registry.snapshots():
            take(snapshot)

    def take(snapshot: Snapshot) -> None:
        directory.take(snapshot.instances)
        configure(snapshot.settings)

    # TODO outage: The registry goes away and comes back
    await follow_once()
