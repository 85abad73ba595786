"""What the services say of themselves, as one OpenAPI document."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import structlog
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from lesson13_microservices.paths import SERVICES

log = structlog.get_logger("gateway")


def together(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """One document with the paths and the schemas of all; /health and the like are each process's own affair."""
    # TODO same-clients: The same clients keep working
    raise NotImplementedError("same-clients")


class Documents:
    """Answers /openapi.json with what the services that answer say; an ASGI app."""

    def __init__(self, client: httpx.AsyncClient, locate: Callable[[str], Awaitable[httpx.URL]]) -> None:
        self._client = client
        self._locate = locate

    async def _of(self, service: str) -> dict[str, Any]:
        try:
            response = await self._client.get((await self._locate(service)).join("/openapi.json"))
            document: dict[str, Any] = response.raise_for_status().json()
            return document
        except (httpx.HTTPError, ValueError) as error:
            log.warning("no document", of=service, reason=repr(error))
            return {"paths": {}}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        names = sorted(set(SERVICES.values()))
        documents = await asyncio.gather(*(self._of(name) for name in names))
        await JSONResponse(together(documents))(scope, receive, send)
