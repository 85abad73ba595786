"""The shop of lesson05, with a guard before it."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from lesson05_postgresql import app as lesson05
from lesson05_postgresql.database import Database
from lesson06_mongodb.errors import add_error_answers
from lesson07_jwt_auth import by_hand_routes, routes
from lesson07_jwt_auth.auth import Auth
from lesson07_jwt_auth.auth_settings import AuthSettings
from lesson07_jwt_auth.documentation import document_guard
from lesson07_jwt_auth.guard import Guard


def create_app(database: Database, auth: Auth, settings: AuthSettings) -> FastAPI:
    """The shop's API over a database of products and orders, for those whom ``auth`` knows."""
    app = lesson05.create_app(database)
    app.state.auth = auth
    app.state.settings = settings
    app.include_router(routes.router)
    app.include_router(by_hand_routes.router)
    add_error_answers(app)
    document_guard(app)
    # The last of the list is the innermost: what the guard refuses is logged, and HEAD has become GET before it.
    app.user_middleware.append(Middleware(Guard, gate=auth.gate))
    return app
