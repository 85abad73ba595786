"""Who is asking: found out once, at the door."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from lesson07_jwt_auth.errors import BadToken, NotLoggedIn
from lesson07_jwt_auth.tokens import AccessTokens, Claims, InvalidToken


def claims_of(request: Request, tokens: AccessTokens) -> Claims | None:
    """What the request's token says, None without one; raises ``HTTPException`` 401 unless it is one good token."""
    # TODO identity: Check the token once
    raise NotImplementedError("identity")


def identity_headers(request: Request) -> list[tuple[bytes, bytes]]:
    """Who is asking, as the services are told it; nothing for somebody who did not say."""
    claims: Claims | None = getattr(request.state, "claims", None)
    # TODO identity: Check the token once
    return []


class Identify:
    """Lets no request with a bad token through, and remembers what a good one says as ``request.state.claims``."""

    def __init__(self, app: ASGIApp, tokens: AccessTokens) -> None:
        self.app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        # TODO identity: Check the token once
        await self.app(scope, receive, send)
