"""The app, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson01_rest_crud.methods import add_method_rules
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import add_error_answers
from lesson14_service_discovery.background import meanwhile
from lesson17_events_and_sagas import orders, sales
from lesson17_events_and_sagas.bus import EventBus
from lesson17_events_and_sagas.inbox import once
from lesson17_events_and_sagas.routes import router
from lesson17_events_and_sagas.shop_events import ORDERS, SALES


def create_app(database: Database, bus: EventBus) -> FastAPI:
    """The shop's API over a database, with the two services that follow the events; both are opened with the app."""

    @asynccontextmanager
    async def following_events(_: FastAPI) -> AsyncIterator[None]:
        async with (
            database,
            bus,
            meanwhile(
                bus.consume(ORDERS, once(database, ORDERS.name, orders.apply)),
                bus.consume(SALES, once(database, SALES.name, sales.apply)),
            ),
        ):
            yield

    app = FastAPIOffline(title="Shop", version="1.0.0", redoc_url=None, lifespan=following_events)
    app.state.database = database
    app.include_router(router)
    add_error_answers(app)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    add_middleware_and_logging(app)
    return app
