"""The services behind the gateway: each of some replicas, asked in turn, and another one where the first fails."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from lesson13_microservices.errors import UpstreamSilent, UpstreamUnreachable
from lesson14_service_discovery.balancing import RoundRobin
from lesson14_service_discovery.instances import Instance
from lesson15_resilience.calls import Call
from lesson15_resilience.deadlines import before
from lesson15_resilience.errors import NO_ANSWER, BreakerOpen, BulkheadFull
from lesson15_resilience.retries import may_be_repeated
from lesson15_resilience.settings import PatienceSettings
from lesson15_resilience.upstream import Upstream
from lesson21_final_project.gateway.errors import NotToday


@dataclass(frozen=True)
class Reply:
    """What a service has answered."""

    status: int
    body: bytes


def another_may_be_asked(call: Call, error: Exception) -> bool:
    """Whether another replica may be asked: the first has not got the call, or it does no harm to do it twice."""
    # TODO replicas: Two that act as one
    raise NotImplementedError("replicas")


class Service:
    """A service by its name; its replicas each have a breaker and a bulkhead of lesson15."""

    def __init__(self, name: str, urls: tuple[str, ...], client: httpx.AsyncClient, settings: PatienceSettings) -> None:
        self.name = name
        self.instances = [Instance(service=name, id=f"{name}-{number}", url=url) for number, url in enumerate(urls, 1)]
        self._upstreams = {each.id: Upstream(each.id, each.url, client, settings) for each in self.instances}
        self._turns = RoundRobin()

    def in_turn(self) -> list[Instance]:
        """The replicas in the order in which they are to be asked."""
        # TODO replicas: Two that act as one
        return self.instances[:1]

    async def answer(self, call: Call) -> Reply:
        """What the first replica answers that can; raises ``NotToday`` when none does in time."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def _from_one_of_many(self, instance: Instance, call: Call) -> Reply | None:
        # TODO replicas: Two that act as one
        return await self._from(instance, call)

    async def _from(self, instance: Instance, call: Call) -> Reply:
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")


Services = Mapping[str, Service]
