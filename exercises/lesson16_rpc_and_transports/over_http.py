"""Calls over HTTP: POST /SERVICE/METHOD, with JSON."""

import httpx
from fastapi import APIRouter, Request, Response

from lesson03_middleware_logging.problems import problem
from lesson16_rpc_and_transports.calls import Call, Handler
from lesson16_rpc_and_transports.codecs import JSON
from lesson16_rpc_and_transports.codes import Code, RpcError, code_of, status_of
from lesson16_rpc_and_transports.deadlines import deadline_of, headers_of


def routes_to(handler: Handler) -> APIRouter:
    """The route that hands calls to a handler."""
    router = APIRouter()

    @router.post("/{service}/{method}")
    async def answer(service: str, method: str, request: Request) -> Response:
        """Answer a call with its message, or with a problem that tells its code by the status."""
        # TODO http: Call it over HTTP
        raise NotImplementedError("http")

    return router


class HttpWire:
    """The client's end: a handler that sends calls to a URL."""

    codec = JSON

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=None, trust_env=False, verify=url.startswith("https:"))

    async def open(self) -> None:
        """Connections are made when they are needed."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __call__(self, call: Call) -> bytes:
        """Send a call; its answer in bytes."""
        # TODO http: Call it over HTTP
        raise NotImplementedError("http")
