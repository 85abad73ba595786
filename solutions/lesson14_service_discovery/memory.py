"""A registry in the gateway's own memory, which instances reach over HTTP; and their side of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from secrets import compare_digest
from typing import Annotated, Self

import httpx
from fastapi import APIRouter, Header, HTTPException, Path
from pydantic import BaseModel, Field, ValidationError

from lesson13_microservices.client import new_client
from lesson14_service_discovery.instances import Instance, InstanceId, ServiceName
from lesson14_service_discovery.registry import RegistryGone, Snapshot

LOOK_S = 0.1
ANSWER_WITHIN_S = 1.0


class Announcement(BaseModel):
    """What an instance says of itself, and for how many seconds that is to count."""

    url: str
    ttl_s: float = Field(alias="ttlS", gt=0, le=3600)


class MemoryRegistry:
    """The gateway's side: instances, each until its time is up. Nothing of it outlives the gateway."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._known: dict[str, tuple[Instance, float]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    def keep(self, instance: Instance, ttl_s: float) -> None:
        """Know an instance for so many seconds."""
        # --8<-- [start:backends]
        self._known[instance.id] = (instance, time.monotonic() + ttl_s)
        # --8<-- [end:backends]

    def forget(self, instance_id: str) -> None:
        """Know it no longer."""
        self._known.pop(instance_id, None)

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Who is there, several times a second."""
        while True:
            # starter: yield Snapshot()
            # --8<-- [start:backends]
            now = time.monotonic()
            self._known = {key: known for key, known in self._known.items() if known[1] > now}
            yield Snapshot([instance for instance, _ in self._known.values()])
            # --8<-- [end:backends]
            await asyncio.sleep(LOOK_S)


def memory_routes(registry: MemoryRegistry) -> APIRouter:
    """Where instances announce themselves; each has to know the secret, if there is one."""
    router = APIRouter(prefix="/registry", tags=["memory"])

    def check(authorization: str) -> None:
        wanted = f"Bearer {registry.secret}"
        if registry.secret and not compare_digest(authorization.encode(), wanted.encode()):
            raise HTTPException(401, "the registry's secret is due", {"WWW-Authenticate": "Bearer"})

    @router.put("/{service}/{instance_id}", status_code=204)
    async def announce(
        service: Annotated[ServiceName, Path()],
        instance_id: Annotated[InstanceId, Path()],
        announcement: Announcement,
        authorization: Annotated[str, Header()] = "",
    ) -> None:
        """Take an instance up, or let it stay."""
        check(authorization)
        try:
            instance = Instance(service=service, id=instance_id, url=announcement.url)
        except ValidationError as error:
            raise HTTPException(422, f"url: {error.errors()[0]['msg']}") from error
        registry.keep(instance, announcement.ttl_s)

    @router.delete("/{service}/{instance_id}", status_code=204)
    async def withdraw(service: str, instance_id: str, authorization: Annotated[str, Header()] = "") -> None:
        """Forget an instance."""
        check(authorization)
        registry.forget(instance_id)

    return router


class RemoteRegistrar:
    """The instances' side: the registry in the memory of the gateway at ``url``."""

    def __init__(self, url: str, secret: str, ttl_s: int) -> None:
        self._http = new_client(ANSWER_WITHIN_S)
        self._http.base_url = httpx.URL(url)
        self._http.headers["Authorization"] = f"Bearer {secret}"
        self._ttl_s = ttl_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, instance: Instance, body: dict[str, object] | None = None) -> None:
        try:
            path = f"/registry/{instance.service}/{instance.id}"
            (await self._http.request(method, path, json=body)).raise_for_status()
        except httpx.HTTPError as error:
            raise RegistryGone(f"the gateway: {error!r}") from error

    async def announce(self, instance: Instance) -> None:
        """Tell the gateway, which believes it for the TTL."""
        # --8<-- [start:backends]
        await self._ask("PUT", instance, {"url": instance.url, "ttlS": self._ttl_s})
        # --8<-- [end:backends]

    async def withdraw(self, instance: Instance) -> None:
        """Have the gateway forget it."""
        # --8<-- [start:backends]
        await self._ask("DELETE", instance)
        # --8<-- [end:backends]
