"""A registry in Consul, by its HTTP API (https://developer.hashicorp.com/consul/api-docs)."""

from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx

from lesson13_microservices.client import new_client
from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.registry import RegistryGone, Snapshot

ANSWER_WITHIN_S = 1.0
TAG = "taller"


class ConsulRegistry:
    """Services of a Consul agent with the tag ``taller``, each with a check that passes for the TTL after a beat.

    A URL of the form ``consul://TOKEN@host:port`` has an ACL token in it.
    """

    def __init__(self, url: str, ttl_s: int) -> None:
        parts = urlsplit(url)
        self._http = new_client(ANSWER_WITHIN_S)
        self._http.base_url = httpx.URL(f"http://{parts.hostname}:{parts.port}/v1/")
        if parts.username:
            self._http.headers["X-Consul-Token"] = unquote(parts.username)
        self._ttl_s = ttl_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return (await self._http.request(method, path, **options)).raise_for_status()
        except httpx.HTTPError as error:
            raise RegistryGone(f"consul: {error!r}") from error

    async def announce(self, instance: Instance) -> None:
        """Let the check pass once more, or register when the agent does not know it (any more)."""
        try:
            await self._ask("PUT", f"agent/check/update/service:{instance.id}", json={"Status": "passing"})
        except RegistryGone:
            # Which status it answers for a check that it does not know depends on its version.
            await self._register(instance)

    async def _register(self, instance: Instance) -> None:
        url = httpx.URL(instance.url)
        check = {"TTL": f"{self._ttl_s}s", "Status": "passing", "DeregisterCriticalServiceAfter": "1m"}
        service = {"Name": instance.service, "ID": instance.id, "Address": url.host, "Port": url.port, "Tags": [TAG]}
        await self._ask("PUT", "agent/service/register", json={**service, "Check": check})

    async def withdraw(self, instance: Instance) -> None:
        """Have the agent forget the service and its check."""
        await self._ask("PUT", f"agent/service/deregister/{instance.id}")

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Blocking queries: each is answered when something has changed since the index, or after the TTL."""
        index = "0"
        while True:
            changed = await self._ask(
                "GET",
                "health/state/any",
                params={"index": index, "wait": f"{self._ttl_s}s"},
                timeout=httpx.Timeout(ANSWER_WITHIN_S, read=self._ttl_s + ANSWER_WITHIN_S),
            )
            index = changed.headers.get("X-Consul-Index", "0")
            names = {check["ServiceName"] for check in changed.json() if TAG in (check["ServiceTags"] or [])}
            yield Snapshot([found for name in sorted(names) for found in await self._passing(name)])

    async def _passing(self, name: str) -> list[Instance]:
        answer = await self._ask("GET", f"health/service/{name}", params={"passing": "1", "tag": TAG})
        return [
            Instance(service=name, id=entry["ID"], url=f"http://{entry['Address']}:{entry['Port']}")
            for entry in (each["Service"] for each in answer.json())
        ]
