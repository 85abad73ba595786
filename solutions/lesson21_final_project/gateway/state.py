"""The state of every service, as their own processes tell it."""

import asyncio
from typing import Any

import httpx

from lesson14_service_discovery.instances import Instance
from lesson21_final_project.gateway.services import Service, Services

TOLD_WITHIN_S = 1.5


class State:
    """Asks every replica of every service what it can use now."""

    def __init__(self, client: httpx.AsyncClient, services: Services) -> None:
        self._client = client
        self._services = services

    async def tell(self) -> dict[str, Any]:
        """All services, the gateway first; whoever does not answer in time is down."""
        # starter: return {"services": []}
        # --8<-- [start:observability]
        told = await asyncio.gather(*(self._service(service) for service in self._services.values()))
        return {"services": [{"name": "gateway", "instances": [{"status": "ok", "checks": {}}]}, *told]}
        # --8<-- [end:observability]

    async def _service(self, service: Service) -> dict[str, Any]:
        # --8<-- [start:observability]
        instances = await asyncio.gather(*(self._instance(instance) for instance in service.instances))
        return {"name": service.name, "instances": instances}
        # --8<-- [end:observability]

    async def _instance(self, instance: Instance) -> dict[str, Any]:
        # --8<-- [start:observability]
        try:
            response = await self._client.get(f"{instance.url}/health/checks", timeout=TOLD_WITHIN_S)
            return {"status": "ok", "checks": response.raise_for_status().json()}
        except (httpx.HTTPError, ValueError):
            return {"status": "down", "checks": {}}
        # --8<-- [end:observability]
