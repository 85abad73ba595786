"""The service of users, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

from lesson06_mongodb.database import Database, DatabaseGone, Mongo
from lesson06_mongodb.errors import add_error_answers
from lesson06_mongodb.users import Users, prepare_users
from lesson07_jwt_auth.accounts import Accounts
from lesson07_jwt_auth.throttle import Throttle, prepare_throttle
from lesson14_service_discovery.background import meanwhile
from lesson17_events_and_sagas.bus import EventBus
from lesson21_final_project.service import finish, user_tokens
from lesson21_final_project.users.departures import Departures
from lesson21_final_project.users.people import People
from lesson21_final_project.users.routes import Parts, router
from lesson21_final_project.users.settings import UsersSettings

WINDOW_S = 900
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 100

log = structlog.get_logger("users")


async def prepare(mongo: Mongo) -> None:
    """Make the indexes of users and of wrong guesses."""
    await prepare_users(mongo)
    await prepare_throttle(mongo)


def create_app(database: Database, bus: EventBus, settings: UsersSettings) -> FastAPI:
    """The service over its database and the bus, which are opened and closed with the app."""
    users = Users(database)
    accounts = Accounts(users, Throttle(database, WINDOW_S), FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS)

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with database, bus, meanwhile(Departures(database, bus).run()):
            try:
                await accounts.have_admin(settings.admin_email, settings.admin_password)
            except DatabaseGone as error:
                log.warning("starting without an admin", reason=str(error))
            yield

    app = FastAPI(title="Users", openapi_url=None, lifespan=connected)
    app.state.parts = Parts(users, accounts, People(database), user_tokens(settings))
    app.include_router(router)
    add_error_answers(app)
    finish(app, settings)
    return app
