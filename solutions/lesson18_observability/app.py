"""The apps of the three services, put together from their parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Route

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.routes import health
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson03_middleware_logging.problems import add_problems, problem
from lesson03_middleware_logging.request_log import RequestLog
from lesson05_postgresql import errors as database_errors
from lesson05_postgresql.database import Database
from lesson10_work_queues.link import BrokerUnavailable, Publisher
from lesson13_microservices import errors as upstream_errors
from lesson13_microservices.app import Locate
from lesson13_microservices.proxy import Proxy
from lesson18_observability import orders_routes
from lesson18_observability.tracing import trace_calls
from lesson18_observability.users_client import UsersClient

RETRY_AFTER_S = 1


async def no_broker(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 and say when to try again (RFC 9110, section 10.2.3)."""
    return problem(503, "the broker cannot be reached", headers={"Retry-After": str(RETRY_AFTER_S)})


def forwarding(service: str, client: httpx.AsyncClient, locate: Locate) -> list[BaseRoute]:
    """Routes for all that is below ``/api/`` and the name of a service, to that service."""

    async def choose(_: Request) -> httpx.URL:
        return await locate(service)

    proxy = Proxy(client, choose)
    return [Route(f"/api/{service}", proxy), Route(f"/api/{service}/{{rest:path}}", proxy)]


def create_gateway(client: httpx.AsyncClient, locate: Locate) -> FastAPI:
    """The users and the orders as one address; ``locate`` gives the URL of each. The client is closed with the app."""

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with client:
            yield

    routes = [route for service in ("users", "orders") for route in forwarding(service, client, locate)]
    app = FastAPI(title="Shop", docs_url=None, redoc_url=None, openapi_url=None, lifespan=connected, routes=routes)
    app.get("/health")(health)
    trace_calls(client)
    add_problems(app)
    upstream_errors.add_error_answers(app)
    app.add_middleware(RequestLog)
    return app


def create_orders(database: Database, publisher: Publisher, users: UsersClient) -> FastAPI:
    """The shop's orders; what they are over is opened and closed with the app."""

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with database, publisher, users.client:
            yield

    app = FastAPIOffline(title="Orders", version="1.0.0", redoc_url=None, lifespan=connected)
    app.state.database = database
    app.state.publisher = publisher
    app.state.users = users
    app.get("/health")(health)
    app.include_router(orders_routes.router)
    trace_calls(users.client)
    database_errors.add_error_answers(app)
    upstream_errors.add_error_answers(app)
    app.add_exception_handler(BrokerUnavailable, no_broker)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    add_middleware_and_logging(app)
    return app
