"""The gateway, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.requests import Request
from starlette.routing import Route

from lesson03_middleware_logging.problems import add_problems, problem
from lesson03_middleware_logging.request_log import RequestLog
from lesson13_microservices.errors import add_error_answers
from lesson14_service_discovery.background import meanwhile
from lesson14_service_discovery.balancing import Balanced, NoInstance
from lesson14_service_discovery.configuration import Configuration
from lesson14_service_discovery.directory import Directory, follow
from lesson14_service_discovery.memory import MemoryRegistry, memory_routes
from lesson14_service_discovery.registry import Registry
from lesson14_service_discovery.sources import Source, file_source, follow_file


async def nobody(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 (RFC 9110, section 15.6.4), and say when to ask again."""
    assert isinstance(error, NoInstance)
    # TODO balance: Share the requests
    return problem(503, str(error))


def create_gateway(
    client: httpx.AsyncClient,
    registry: Registry,
    directory: Directory,
    configuration: Configuration,
    *,
    config_file: Path | None = None,
) -> FastAPI:
    """One address for all services whose instances the registry knows. Client and registry are closed with the app."""
    settings = Source("registry", configuration)
    works = [follow(registry, directory, lambda text: settings.take(text or ""))]
    if config_file:
        works.append(follow_file(config_file, file_source(config_file, configuration)))

    @asynccontextmanager
    async def following(app: FastAPI) -> AsyncIterator[None]:
        async with client, registry, meanwhile(*works):
            yield

    app = FastAPIOffline(title="Gateway", version="1.0.0", redoc_url=None, redirect_slashes=False, lifespan=following)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Tell that the gateway can serve; whether anybody is there is the registry's to tell."""
        return {"status": "ok"}

    @app.get("/registry")
    async def instances() -> dict[str, list[dict[str, str]]]:
        """Who is there, as the gateway knows it."""
        return {"instances": [instance.model_dump() for instance in directory.instances()]}

    @app.get("/config")
    async def config() -> dict[str, dict[str, Any]]:
        """The values in force, and where each comes from."""
        return configuration.told()

    if isinstance(registry, MemoryRegistry):
        app.include_router(memory_routes(registry))
    app.router.routes.append(Route("/api/{path:path}", Balanced(client, directory, configuration)))
    add_problems(app)
    add_error_answers(app)
    app.add_exception_handler(NoInstance, nobody)
    app.add_middleware(RequestLog)
    return app
