"""What HTTP asks of every resource, whatever its methods do (RFC 9110, sections 9 and 15.5.6)."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


def allowed(request: Request) -> str:
    """The methods that the resource has, as the header Allow lists them; empty if there is no such resource."""
    # TODO methods: HEAD, OPTIONS and 405
    raise NotImplementedError("methods")


async def method_not_allowed(request: Request, error: Exception) -> Response:
    """Answer 405 with all that is allowed; the router alone would name only the first route's methods."""
    # TODO methods: HEAD, OPTIONS and 405
    raise NotImplementedError("methods")


class HeadAndOptions:
    """Answers OPTIONS from the routes, and HEAD by the GET of the same resource: the server drops its body."""

    def __init__(self, app: ASGIApp, fastapi: FastAPI) -> None:
        self.app = app
        self.fastapi = fastapi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        # TODO methods: HEAD, OPTIONS and 405
        await self.app(scope, receive, send)


def add_method_rules(app: FastAPI) -> None:
    """Make every resource of the app answer HEAD, OPTIONS and methods that it does not have."""
    app.add_middleware(HeadAndOptions, fastapi=app)
    app.add_exception_handler(405, method_not_allowed)
