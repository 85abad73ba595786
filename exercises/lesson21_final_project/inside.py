"""Behind the door: a service answers the gateway alone, and believes no token that it has not checked itself."""

import time
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from lesson03_middleware_logging.problems import refused
from lesson06_mongodb.models import Role
from lesson07_jwt_auth.errors import NotAllowed, NotLoggedIn
from lesson07_jwt_auth.tokens import LIFETIME_S, AccessTokens, Claims, InvalidToken
from lesson13_microservices.identity import claims_of

SERVICE_TOKEN = "X-Service-Token"
# Whoever watches a process asks for these, and they tell nothing of users and orders.
OPEN = ("/health", "/metrics")


def service_tokens(secret: SecretStr) -> AccessTokens:
    """Tokens that say who the gateway is: of another issuer, for another audience, and with another secret."""
    return AccessTokens(secret, "gateway", "services")


class ServiceToken:
    """The gateway's own token, made anew long before it expires."""

    def __init__(self, tokens: AccessTokens) -> None:
        self._tokens = tokens
        self._token = ""
        self._until = 0.0

    def header(self) -> tuple[bytes, bytes]:
        """The header that shows it."""
        now = time.monotonic()
        if now >= self._until:
            self._token = self._tokens.issue("gateway", Role.ADMIN)
            self._until = now + LIFETIME_S / 2
        return SERVICE_TOKEN.lower().encode(), self._token.encode()


class Inside:
    """Lets nobody in but the gateway, and remembers whom it brings as ``request.state.claims``."""

    def __init__(self, app: ASGIApp, services: AccessTokens, users: AccessTokens) -> None:
        self.app = app
        self._services = services
        self._users = users

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or WebSocket (https://asgi.readthedocs.io)."""
        app = self.app
        if scope["type"] in ("http", "websocket"):
            try:
                self._identify(scope)
            except HTTPException as error:
                is_http = scope["type"] == "http"
                app = await refused(Request(scope), error) if is_http else WebSocketClose(reason=error.detail)
        await app(scope, receive, send)

    def _identify(self, scope: Scope) -> None:
        # TODO users: Users, behind the door
        # A client of Socket.IO says who it is in its first message, not in a header.
        if scope["type"] == "http":
            request = Request(scope)
            request.state.claims = claims_of(request, self._users)

    def _require_gateway(self, headers: Headers) -> None:
        # TODO users: Users, behind the door
        raise NotImplementedError("users")


def caller_of(request: Request) -> Claims:
    """Who is asking; raises ``NotLoggedIn`` when the gateway came without anybody."""
    claims: Claims | None = request.state.claims
    if claims is None:
        raise NotLoggedIn
    return claims


Caller = Annotated[Claims, Depends(caller_of)]


def only_for(caller: Claims, *user_ids: str) -> None:
    """Raise ``NotAllowed`` unless the caller is an admin, or the only one of these users."""
    # TODO users: Users, behind the door
    return
