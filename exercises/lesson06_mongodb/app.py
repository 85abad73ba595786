"""The app, put together from its parts."""

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.routes import health
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson06_mongodb.database import Database
from lesson06_mongodb.errors import add_error_answers
from lesson06_mongodb.routes import router
from lesson06_mongodb.users import Users


def create_app(database: Database) -> FastAPI:
    """The shop's users over a database, which is opened and closed with the app."""
    app = FastAPIOffline(title="Shop", version="1.0.0", redoc_url=None)
    app.state.database = database
    app.state.users = Users(database)
    app.get("/health")(health)
    app.include_router(router)
    add_error_answers(app)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    add_middleware_and_logging(app)
    return app
