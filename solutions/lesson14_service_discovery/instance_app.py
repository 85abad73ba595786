"""A service that is nothing but an instance of itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.leaving import leaving_in_order
from lesson14_service_discovery.membership import Membership


def create_instance(me: Instance, membership: Membership, drain_s: float) -> FastAPI:
    """Answers who it is, and is registered as long as it serves."""

    @asynccontextmanager
    async def registered(app: FastAPI) -> AsyncIterator[None]:
        async with membership.open(), leaving_in_order(membership, drain_s):
            yield

    app = FastAPIOffline(title=me.service, version="1.0.0", redoc_url=None, lifespan=registered)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Tell that this instance can serve."""
        return {"status": "ok"}

    @app.get(f"/api/{me.service}/whoami")
    async def whoami() -> dict[str, str]:
        """Tell which instance has answered."""
        return {"service": me.service, "id": me.id}

    add_middleware_and_logging(app)
    return app
