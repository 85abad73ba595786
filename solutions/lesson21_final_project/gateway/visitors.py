"""Who is at the door: found out once for each request, and passed on with each call that it costs."""

from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from lesson07_jwt_auth.tokens import AccessTokens, Claims
from lesson13_microservices.identity import claims_of


@dataclass(frozen=True)
class Visitor:
    """Whoever has sent a request: what their token says, the header that it came in, and where they are."""

    claims: Claims | None
    authorization: str | None
    address: str


NOBODY = Visitor(None, None, "")
current: ContextVar[Visitor] = ContextVar("visitor", default=NOBODY)


class Door:
    """Lets no bad token through (401), and remembers who comes in for as long as the request lasts."""

    def __init__(self, app: ASGIApp, tokens: AccessTokens) -> None:
        self.app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io); raises ``HTTPException``."""
        # starter:
        # --8<-- [start:gateway]
        request = Request(scope)
        claims = claims_of(request, self._tokens)
        address = request.client.host if request.client else ""
        current.set(Visitor(claims, request.headers.get("authorization"), address))
        # --8<-- [end:gateway]
        await self.app(scope, receive, send)
