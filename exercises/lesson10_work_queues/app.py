"""The app, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson01_rest_crud.errors import bad_input
from lesson01_rest_crud.methods import add_method_rules
from lesson10_work_queues.link import BrokerUnavailable, Link
from lesson10_work_queues.routes import router, unavailable
from lesson10_work_queues.store import Store


def create_app(link: Link, store: Store) -> FastAPI:
    """The shop's tasks, over a link to the broker and the store that it keeps up to date."""

    @asynccontextmanager
    async def linked(_: FastAPI) -> AsyncIterator[None]:
        async with link:
            yield

    app = FastAPIOffline(title="Shop", version="1.0.0", redoc_url=None, lifespan=linked)
    app.state.link = link
    app.state.store = store
    app.include_router(router)
    app.add_exception_handler(RequestValidationError, bad_input)
    app.add_exception_handler(BrokerUnavailable, unavailable)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    return app
