"""A registry in etcd: a key for each instance, that lives as long as its lease."""

from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from pydantic import ValidationError

from lesson14_service_discovery.etcd_api import EtcdClient, below, coded, decoded
from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.registry import Snapshot

LONGEST_ANSWER_S = 1.0

log = structlog.get_logger("registry")


class EtcdRegistry:
    """Instances at ``PREFIX/services/SERVICE/ID``, settings at ``PREFIX/config``, all as JSON."""

    def __init__(self, url: str, ttl_s: int) -> None:
        # A silence of etcd has to be noticed before the leases run out, of which a beat ago the whole TTL was left.
        self._client = EtcdClient(url, min(ttl_s / 2, LONGEST_ANSWER_S))
        self._idle_s = ttl_s / 4
        self._prefix = urlsplit(url).path.rstrip("/")
        self._ttl_s = ttl_s
        self._leases: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    def _key(self, instance: Instance) -> str:
        return f"{self._prefix}/services/{instance.service}/{instance.id}"

    async def announce(self, instance: Instance) -> None:
        """Keep the lease alive, or take a new one when etcd has none of ours (any more)."""
        # TODO register: Say that you are there
        raise NotImplementedError("register")

    async def _is_kept_alive(self, lease: str) -> bool:
        # TODO register: Say that you are there
        raise NotImplementedError("register")

    async def withdraw(self, instance: Instance) -> None:
        """Give the lease back: all that hangs on it goes with it."""
        # TODO leave: Leave in order
        raise NotImplementedError("leave")

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Read everything, then watch what changes; look again after a silence, which may be etcd's own."""
        keys = below(f"{self._prefix}/")
        while True:
            found, revision = await self._read(keys)
            yield self._snapshot(found)
            # TODO discover: See who is there
            return

    async def _read(self, keys: dict[str, str]) -> tuple[dict[str, str], int]:
        """All keys with their values, and the revision of the store at which they were so."""
        # TODO discover: See who is there
        raise NotImplementedError("discover")

    def _snapshot(self, found: dict[str, str]) -> Snapshot:
        services = f"{self._prefix}/services/"
        values = [value for key, value in found.items() if key.startswith(services)]
        instances = [instance for instance in map(read_instance, values) if instance]
        return Snapshot(instances, found.get(f"{self._prefix}/config"))


def apply(event: dict[str, Any], found: dict[str, str]) -> None:
    """Do to our copy what was done to the store; an event without a type is a PUT."""
    # TODO discover: See who is there
    raise NotImplementedError("discover")


def read_instance(value: str) -> Instance | None:
    """What somebody has written there; None when that is no instance: others may have made a mistake."""
    # TODO discover: See who is there
    raise NotImplementedError("discover")
