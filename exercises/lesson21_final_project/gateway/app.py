"""The gateway, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.routing import Route, WebSocketRoute, request_response

from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.routes import health
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson11_graphql.routes import graphql
from lesson13_microservices.errors import add_error_answers
from lesson13_microservices.proxy import Proxy
from lesson15_resilience.deadlines import Deadline
from lesson21_final_project.gateway import pages
from lesson21_final_project.gateway.calls import Calls
from lesson21_final_project.gateway.context import Context
from lesson21_final_project.gateway.operations import GatewayOperations
from lesson21_final_project.gateway.resolvers import executable_schema
from lesson21_final_project.gateway.services import Service
from lesson21_final_project.gateway.settings import GatewaySettings
from lesson21_final_project.gateway.sockets import WebSocketProxy
from lesson21_final_project.gateway.state import State
from lesson21_final_project.gateway.visitors import Door, current
from lesson21_final_project.inside import ServiceToken, service_tokens
from lesson21_final_project.service import LARGEST_BODY, user_tokens
from lesson21_final_project.tracing import TellTrace


def create_app(client: httpx.AsyncClient, settings: GatewaySettings) -> FastAPI:
    """The only door of the shop. The client is closed with the app."""
    token = ServiceToken(service_tokens(settings.service_secret))
    urls = {"users": (settings.users_url,), "orders": settings.orders_urls, "shipping": (settings.shipping_url,)}
    services = {name: Service(name, each, client, settings) for name, each in urls.items()}

    def new_context() -> Context:
        visitor = current.get()
        calls = Calls(services, token, visitor, Deadline(settings.deadline_ms / 1000))
        return Context(calls, visitor, batching=settings.batching)

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with client:
            yield

    app = FastAPI(title="Shop", openapi_url=None, lifespan=connected)
    app.state.operations = GatewayOperations(executable_schema(), settings, new_context)
    app.router.routes.append(Route("/graphql", Door(request_response(graphql), user_tokens(settings))))
    app.router.routes.append(WebSocketRoute("/socket.io/", WebSocketProxy(services["orders"], "/socket.io/", token)))
    state = State(client, services)

    @app.get("/estado")
    async def tell() -> dict[str, Any]:
        """The state of every service."""
        return await state.tell()

    app.get("/health")(health)
    app.include_router(pages.router)
    app.mount("/static/vendor", pages.vendored)
    app.mount("/static", pages.files)
    if settings.traces_url:
        add_traces(app, client, httpx.URL(settings.traces_url))
    add_error_answers(app)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    app.add_middleware(TellTrace)
    add_middleware_and_logging(app)
    return app


def add_traces(app: FastAPI, client: httpx.AsyncClient, url: httpx.URL) -> None:
    """Show what lesson18's collector has: whoever knows the id of a trace may look at it."""

    async def choose(_: Request) -> httpx.URL:
        return url

    for path in ("/traces/{trace_id}", "/api/traces/{trace_id}"):
        app.router.routes.append(Route(path, Proxy(client, choose)))
