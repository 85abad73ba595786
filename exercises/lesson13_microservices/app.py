"""The gateway, put together from its parts."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.requests import Request
from starlette.routing import Route

from lesson03_middleware_logging.problems import add_problems
from lesson03_middleware_logging.request_log import RequestLog
from lesson07_jwt_auth.tokens import AccessTokens
from lesson13_microservices.documents import Documents
from lesson13_microservices.errors import add_error_answers
from lesson13_microservices.identity import Identify
from lesson13_microservices.paths import SERVICES, service_of
from lesson13_microservices.proxy import Proxy

Locate = Callable[[str], Awaitable[httpx.URL]]


def fixed(urls: Mapping[str, str]) -> Locate:
    """Services that are always at the same places."""

    async def locate(service: str) -> httpx.URL:
        return httpx.URL(urls[service])

    return locate


async def home(request: Request) -> JSONResponse:
    """Say what this is, and what can be asked for here."""
    return JSONResponse({"name": "API Gateway", "paths": sorted(SERVICES)})


async def health(request: Request) -> JSONResponse:
    """Tell that the gateway can serve; whether the services can is theirs to tell."""
    return JSONResponse({"status": "ok"})


def create_gateway(client: httpx.AsyncClient, locate: Locate, tokens: AccessTokens) -> FastAPI:
    """The shop as one address: each request goes to the service that ``locate`` finds by its name.

    The client is closed with the app.
    """

    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        async with client:
            yield

    async def choose(request: Request) -> httpx.URL:
        return await locate(service_of(request))

    documents = Documents(client, locate)
    app = FastAPIOffline(
        title="Shop",
        version="1.0.0",
        redoc_url=None,
        lifespan=connected,
        routes=[Route("/", home), Route("/health", health), Route("/openapi.json", documents)],
    )
    app.router.routes.append(Route("/{path:path}", Identify(Proxy(client, choose), tokens)))
    add_problems(app)
    add_error_answers(app)
    # Not all that lesson03 adds: it would put problems in the place of the services' own errors.
    app.add_middleware(RequestLog)
    return app
