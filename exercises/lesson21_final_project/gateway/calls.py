"""The calls that one operation makes: with the visitor's token and the gateway's own, and never the same twice."""

import asyncio
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json, to_json
from starlette.datastructures import Headers
from structlog.contextvars import get_contextvars

from lesson15_resilience.calls import Call
from lesson15_resilience.deadlines import Deadline
from lesson21_final_project.gateway.errors import refusal
from lesson21_final_project.gateway.services import Services
from lesson21_final_project.gateway.visitors import Visitor
from lesson21_final_project.inside import ServiceToken

Pairs = list[tuple[bytes, bytes]]


class Calls:
    """Calls services for one visitor and one operation, until one deadline; ``made`` is how many."""

    def __init__(self, services: Services, token: ServiceToken, visitor: Visitor, deadline: Deadline) -> None:
        self._services = services
        self._token = token
        self._visitor = visitor
        self._deadline = deadline
        self._answers: dict[str, asyncio.Task[Any]] = {}
        self.made = 0

    async def get(self, service: str, target: str) -> Any:
        """What a service answers; what was asked before in this operation is not asked again."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def send(self, service: str, method: str, target: str, body: Any = None, key: str | None = None) -> Any:
        """What a service answers to something that is to be done; with a ``key`` it is done once."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def _send(self, service: str, method: str, target: str, body: Any, added: Pairs) -> Any:
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    def _own_headers(self, content: bytes) -> Pairs:
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")
