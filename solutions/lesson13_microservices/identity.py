"""Who is asking: found out once, at the door."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from lesson07_jwt_auth.errors import BadToken, NotLoggedIn
from lesson07_jwt_auth.tokens import AccessTokens, Claims, InvalidToken


def claims_of(request: Request, tokens: AccessTokens) -> Claims | None:
    """What the request's token says, None without one; raises ``HTTPException`` 401 unless it is one good token."""
    # --8<-- [start:identity]
    given = request.headers.getlist("authorization")
    if not given:
        return None
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer":
        raise NotLoggedIn
    try:
        return tokens.verify(token)
    except InvalidToken as error:
        raise BadToken(str(error)) from error
    # --8<-- [end:identity]


def identity_headers(request: Request) -> list[tuple[bytes, bytes]]:
    """Who is asking, as the services are told it; nothing for somebody who did not say."""
    claims: Claims | None = getattr(request.state, "claims", None)
    # starter: return []
    # --8<-- [start:identity]
    if claims is None:
        return []
    return [(b"x-user-id", claims.sub.encode()), (b"x-user-role", claims.role.encode())]
    # --8<-- [end:identity]


class Identify:
    """Lets no request with a bad token through, and remembers what a good one says as ``request.state.claims``."""

    def __init__(self, app: ASGIApp, tokens: AccessTokens) -> None:
        self.app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        # starter:
        # --8<-- [start:identity]
        request = Request(scope)
        request.state.claims = claims_of(request, self._tokens)
        # --8<-- [end:identity]
        await self.app(scope, receive, send)
