"""The gateway, put together from its parts."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.routing import Route

from lesson03_middleware_logging.problems import add_problems
from lesson03_middleware_logging.request_log import RequestLog
from lesson15_resilience.errors import add_no_answer_answers
from lesson15_resilience.gateway import Gateway
from lesson15_resilience.settings import ResilienceSettings
from lesson15_resilience.stale import LastGood
from lesson15_resilience.upstream import Upstream


async def health(request: Request) -> JSONResponse:
    """Tell that the gateway can serve; whether the services can is on /breakers."""
    # --8<-- [start:health]
    return JSONResponse({"status": "ok"})
    # --8<-- [end:health]


def breakers_of(upstreams: Mapping[str, Upstream]) -> dict[str, dict[str, str | int]]:
    """The state of each upstream's breaker, and how often in a row it has failed."""
    return {
        name: {"state": upstream.breaker.state, "failures": upstream.breaker.failures}
        for name, upstream in upstreams.items()
    }


def create_gateway(client: httpx.AsyncClient, settings: ResilienceSettings) -> FastAPI:
    """The shop's services as one address that stays up when they do not. The client is closed with the app."""
    urls = {"users": settings.users_url, "products": settings.products_url}
    upstreams = {name: Upstream(name, url, client, settings) for name, url in urls.items()}
    last_good = LastGood(settings.stale_answers, settings.stale_for_ms / 1000)

    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        async with client:
            yield

    async def breakers(request: Request) -> JSONResponse:
        return JSONResponse(breakers_of(upstreams))

    app = FastAPI(
        title="Gateway",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=connected,
        routes=[Route("/health", health), Route("/breakers", breakers)],
    )
    app.router.routes.append(Route("/{path:path}", Gateway(upstreams, last_good, settings.deadline_ms / 1000)))
    add_problems(app)
    add_no_answer_answers(app)
    # Not all that lesson03 adds: it would put problems in the place of the services' own errors.
    app.add_middleware(RequestLog)
    return app
