"""Who is asking, and whether they may: asked once, before anything else looks at the request."""

import re
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from lesson03_middleware_logging.problems import refused
from lesson06_mongodb.database import DatabaseGone
from lesson06_mongodb.errors import unavailable
from lesson06_mongodb.models import Role
from lesson07_jwt_auth.cookies import SessionCookie, comes_from_here
from lesson07_jwt_auth.errors import BadToken, ForeignPage, NotAllowed, NotLoggedIn
from lesson07_jwt_auth.logins import Logins
from lesson07_jwt_auth.sessions import SessionStore
from lesson07_jwt_auth.tokens import AccessTokens, Claims, InvalidToken

READING = ("GET", "HEAD")
# What every customer may do. All the rest of the API is for admins: a new route is closed until somebody opens it.
# TODO roles: Who may do what
FOR_CUSTOMERS = re.compile(".*")


@dataclass(frozen=True)
class Principal:
    """Who is asking. ``sid`` is the log-in that their token came from; None when they came with a cookie."""

    user_id: str
    role: Role
    sid: str | None = None


class Gate:
    """Finds out who is asking, by an access token or by the cookie of a session."""

    def __init__(self, tokens: AccessTokens, logins: Logins, cookie: SessionCookie, sessions: SessionStore) -> None:
        self._tokens = tokens
        self._logins = logins
        self._cookie = cookie
        self._sessions = sessions

    async def principal(self, request: Request) -> Principal:
        """Who is asking; raises ``NotLoggedIn``, ``BadToken`` or ``ForeignPage``. A token counts before a cookie."""
        if "authorization" in request.headers:
            return await self._by_token(request.headers.getlist("authorization"))
        return await self._by_cookie(request)

    def _claims(self, headers: list[str]) -> Claims:
        # TODO verify: Believe no other token
        raise NotImplementedError("verify")

    async def _by_token(self, headers: list[str]) -> Principal:
        claims = self._claims(headers)
        # A signature tells that we made the token, not that it is still wanted.
        if claims.sid is None or not await self._logins.is_open(claims.sid):
            raise BadToken("its log-in has ended")
        return Principal(claims.sub, claims.role, claims.sid)

    async def _by_cookie(self, request: Request) -> Principal:
        # TODO sessions: The same with a cookie
        raise NotLoggedIn


def authorise(role: Role, method: str, path: str) -> None:
    """Raise ``NotAllowed`` unless somebody of that role may do this."""
    # TODO roles: Who may do what
    return


class Guard:
    """Lets a request to the API through if whoever sends it may do that."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        app = self.app
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            request = Request(scope)
            try:
                principal = await self._gate.principal(request)
                authorise(principal.role, request.method, scope["path"])
                request.state.principal = principal
            except HTTPException as error:
                app = await refused(request, error)
            except DatabaseGone as error:
                app = await unavailable(request, error)
        await app(scope, receive, send)
