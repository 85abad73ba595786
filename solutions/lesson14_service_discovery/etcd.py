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
        # --8<-- [start:register]
        lease = self._leases.get(instance.id)
        if lease is None or not await self._is_kept_alive(lease):
            lease = (await self._client.call("lease/grant", TTL=self._ttl_s))["ID"]
            await self._client.call(
                "kv/put", key=coded(self._key(instance)), value=coded(instance.model_dump_json()), lease=lease
            )
            self._leases[instance.id] = lease
        # --8<-- [end:register]

    async def _is_kept_alive(self, lease: str) -> bool:
        # --8<-- [start:register]
        answer = await self._client.call("lease/keepalive", ID=lease)
        return int(answer.get("result", {}).get("TTL", 0)) > 0
        # --8<-- [end:register]

    async def withdraw(self, instance: Instance) -> None:
        """Give the lease back: all that hangs on it goes with it."""
        # --8<-- [start:leave]
        lease = self._leases.pop(instance.id, None)
        if lease is not None:
            await self._client.call("lease/revoke", ID=lease)
        # --8<-- [end:leave]

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Read everything, then watch what changes; look again after a silence, which may be etcd's own."""
        keys = below(f"{self._prefix}/")
        while True:
            found, revision = await self._read(keys)
            yield self._snapshot(found)
            # starter: return
            # --8<-- [start:discover]
            async for events in self._client.watch(keys, revision + 1, idle_s=self._idle_s):
                for event in events:
                    apply(event, found)
                yield self._snapshot(found)
            # --8<-- [end:discover]

    async def _read(self, keys: dict[str, str]) -> tuple[dict[str, str], int]:
        """All keys with their values, and the revision of the store at which they were so."""
        # --8<-- [start:discover]
        answer = await self._client.call("kv/range", **keys)
        found = {decoded(pair["key"]): decoded(pair.get("value", "")) for pair in answer.get("kvs", [])}
        return found, int(answer["header"]["revision"])
        # --8<-- [end:discover]

    def _snapshot(self, found: dict[str, str]) -> Snapshot:
        services = f"{self._prefix}/services/"
        values = [value for key, value in found.items() if key.startswith(services)]
        instances = [instance for instance in map(read_instance, values) if instance]
        return Snapshot(instances, found.get(f"{self._prefix}/config"))


def apply(event: dict[str, Any], found: dict[str, str]) -> None:
    """Do to our copy what was done to the store; an event without a type is a PUT."""
    # --8<-- [start:discover]
    key = decoded(event["kv"]["key"])
    if event.get("type") == "DELETE":
        found.pop(key, None)
    else:
        found[key] = decoded(event["kv"].get("value", ""))
    # --8<-- [end:discover]


def read_instance(value: str) -> Instance | None:
    """What somebody has written there; None when that is no instance: others may have made a mistake."""
    # --8<-- [start:discover]
    try:
        return Instance.model_validate_json(value)
    except ValidationError:
        log.warning("no instance", value=value[:100])
        return None
    # --8<-- [end:discover]
