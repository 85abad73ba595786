"""etcd without a watch and without keep-alives: each beat puts the key on a new lease, and the gateway asks often."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Self
from urllib.parse import urlsplit

from pydantic import ValidationError

from lesson14_service_discovery.etcd_api import EtcdClient
from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.registry import Snapshot

EVERY_S = 0.15


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


class EtcdRegistry:
    def __init__(self, url: str, ttl_s: int) -> None:
        self.client = EtcdClient(url, answer_within_s=ttl_s / 2)
        self.prefix = urlsplit(url).path.rstrip("/")
        self.ttl_s = ttl_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    def key(self, instance: Instance) -> str:
        return b64(f"{self.prefix}/services/{instance.service}/{instance.id}")

    async def announce(self, instance: Instance) -> None:
        lease = (await self.client.call("lease/grant", TTL=self.ttl_s))["ID"]
        value = json.dumps(instance.model_dump())
        await self.client.call("kv/put", key=self.key(instance), value=b64(value), lease=lease)

    async def withdraw(self, instance: Instance) -> None:
        await self.client.call("kv/deleterange", key=self.key(instance))

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        while True:
            answer = await self.client.call("kv/range", key=b64(f"{self.prefix}/"), range_end=b64(f"{self.prefix}0"))
            found = [(b64decode(kv["key"]).decode(), b64decode(kv.get("value", ""))) for kv in answer.get("kvs", [])]
            instances, settings = [], None
            for key, value in found:
                if key == f"{self.prefix}/config":
                    settings = value.decode(errors="replace")
                    continue
                try:
                    instances.append(Instance.model_validate_json(value))
                except ValidationError:
                    continue
            yield Snapshot(instances, settings)
            await asyncio.sleep(EVERY_S)
