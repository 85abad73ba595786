"""What all services behind the gateway are alike in."""

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.routes import health
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson07_jwt_auth.tokens import AccessTokens
from lesson21_final_project.inside import Inside, service_tokens
from lesson21_final_project.settings import InsideSettings

LARGEST_BODY = 100_000


def user_tokens(settings: InsideSettings) -> AccessTokens:
    """The tokens that users show, at the door and again inside."""
    return AccessTokens(settings.jwt_secret, settings.jwt_issuer, settings.jwt_audience)


def finish(app: FastAPI, settings: InsideSettings) -> None:
    """Give a service its health, its guard, its limits and its log."""
    app.get("/health")(health)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    app.add_middleware(Inside, services=service_tokens(settings.service_secret), users=user_tokens(settings))
    add_middleware_and_logging(app)
