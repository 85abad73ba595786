"""The apps of both processes, put together from their parts."""

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson01_rest_crud.methods import add_method_rules
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson16_rpc_and_transports import operations, routes
from lesson16_rpc_and_transports.codes import RpcError
from lesson16_rpc_and_transports.errors import call_failed
from lesson16_rpc_and_transports.events import EventService


def create_app(title: str, registry: CollectorRegistry, *routers: APIRouter) -> FastAPI:
    """An app that tells its health and its figures, and has these routes."""
    app = FastAPIOffline(title=title, version="1.0.0", redoc_url=None)
    app.state.registry = registry
    for router in (operations.router, *routers):
        app.include_router(router)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    add_middleware_and_logging(app)
    return app


def create_web(events: EventService, registry: CollectorRegistry, timeout_s: float) -> FastAPI:
    """The REST front of the event service; ``timeout_s`` is how long a request may take that does not say."""
    app = create_app("Events", registry, routes.router)
    app.state.events = events
    app.state.timeout_s = timeout_s
    app.add_exception_handler(RpcError, call_failed)
    return app
