"""The service of orders, put together from its parts: HTTP and Socket.IO for the gateway, events for the others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import socketio
from fastapi import FastAPI

from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import add_error_answers
from lesson14_service_discovery.background import meanwhile
from lesson17_events_and_sagas.bus import EventBus
from lesson17_events_and_sagas.relay import Relay
from lesson21_final_project.orders.consumer import handler
from lesson21_final_project.orders.departed import UserHasLeft, has_left
from lesson21_final_project.orders.hub import Hub
from lesson21_final_project.orders.mailboxes import Mailboxes
from lesson21_final_project.orders.routes import router
from lesson21_final_project.orders.settings import OrdersSettings
from lesson21_final_project.orders.store import Store
from lesson21_final_project.orders.wakeups import Wakeups
from lesson21_final_project.service import finish, user_tokens
from lesson21_final_project.topics import OF_ORDERS


def create_app(database: Database, bus: EventBus, wakeups: Wakeups, settings: OrdersSettings) -> FastAPI:
    """The service over its database, the bus and Redis, which are opened and closed with the app."""
    hub = Hub(user_tokens(settings), Mailboxes(database))

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with (
            database,
            bus,
            wakeups.link,
            meanwhile(
                Relay(database, bus).run(),
                bus.consume(OF_ORDERS, handler(database, hub, wakeups)),
                hub.run(),
                wakeups.listen(hub.wake),
            ),
        ):
            yield

    app = FastAPI(title="Orders", openapi_url=None, lifespan=connected)
    app.state.store = Store(database)
    app.include_router(router)
    app.mount("/socket.io", socketio.ASGIApp(hub.server, socketio_path=None))
    app.add_exception_handler(UserHasLeft, has_left)
    add_error_answers(app)
    finish(app, settings)
    return app
