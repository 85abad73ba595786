"""Register, log in, stay logged in, log out: by tokens, or by a cookie."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response

from lesson01_rest_crud.descriptions import BAD_INPUT, TOO_LARGE
from lesson05_postgresql.descriptions import GONE
from lesson06_mongodb.database import DatabaseGone
from lesson06_mongodb.descriptions import TAKEN
from lesson06_mongodb.models import Credentials, Role, User
from lesson07_jwt_auth.auth import Auth
from lesson07_jwt_auth.auth_settings import AuthSettings
from lesson07_jwt_auth.cookies import comes_from_here
from lesson07_jwt_auth.descriptions import BAD_REFRESH, NOT_ALLOWED, NOT_LOGGED_IN, TOO_MANY, WRONG_LOGIN
from lesson07_jwt_auth.errors import BadToken, ForeignPage
from lesson07_jwt_auth.guard import Principal
from lesson07_jwt_auth.logins import BadRefreshToken, OpenLogin
from lesson07_jwt_auth.models import Login, Me, Refresh, Registration, Tokens
from lesson07_jwt_auth.sessions import LIFETIME_S, Session

log = structlog.get_logger("auth")


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """Keep the users' database open as long as the app runs, and see that the shop has an admin."""
    auth: Auth = app.state.auth
    settings: AuthSettings = app.state.settings
    async with auth.database:
        try:
            await auth.accounts.have_admin(settings.admin_email, settings.admin_password)
        except DatabaseGone as error:
            log.warning("starting without an admin", reason=str(error))
        yield


router = APIRouter(lifespan=connected, responses=BAD_INPUT | TOO_LARGE | GONE)


async def auth_of(request: Request) -> Auth:
    """The parts that the composition root gave to the app."""
    auth: Auth = request.app.state.auth
    return auth


TheAuth = Annotated[Auth, Depends(auth_of)]


async def principal_of(request: Request, auth: TheAuth) -> Principal:
    """Who is asking, whether a guard has found that out already or not."""
    found: Principal | None = getattr(request.state, "principal", None)
    return found or await auth.gate.principal(request)


ThePrincipal = Annotated[Principal, Depends(principal_of)]


async def credentials_of(login: Login, request: Request, auth: TheAuth) -> Credentials:
    """Whose address and password the body has; 401 if they are nobody's, 429 after too many of these."""
    return await auth.accounts.check(login, request.client.host if request.client else "")


TheCredentials = Annotated[Credentials, Depends(credentials_of)]


def tokens_for(auth: Auth, login: OpenLogin, role: Role, response: Response) -> Tokens:
    """The answer that goes on with a log-in; nobody on the way may keep it (RFC 6749, section 5.1)."""
    response.headers["Cache-Control"] = "no-store"
    access_token = auth.tokens.issue(login.user_id, role, login.sid)
    return Tokens(access_token=access_token, refresh_token=login.refresh_token)


@router.post("/auth/register", status_code=201, responses=TAKEN)
async def register(registration: Registration, auth: TheAuth) -> User:
    """Become a customer."""
    return await auth.accounts.register(registration)


@router.post("/auth/login", responses=WRONG_LOGIN | TOO_MANY)
async def log_in(credentials: TheCredentials, auth: TheAuth, response: Response) -> Tokens:
    """Begin a log-in, and get the first tokens of it."""
    # --8<-- [start:log-in]
    login = await auth.logins.begin(credentials.id)
    return tokens_for(auth, login, credentials.role, response)
    # --8<-- [end:log-in]


@router.post("/auth/refresh", responses=BAD_REFRESH)
async def refresh(body: Refresh, auth: TheAuth, response: Response) -> Tokens:
    """Get new tokens for the refresh token that came last; it is good once."""
    # --8<-- [start:refresh]
    try:
        login = await auth.logins.go_on(body.refresh_token)
    except BadRefreshToken as error:
        raise BadToken("a refresh token that is not the last one") from error
    role = await auth.accounts.role_of(login.user_id)
    if role is None:
        raise BadToken("there is no such user any more")
    return tokens_for(auth, login, role, response)
    # --8<-- [end:refresh]


@router.post("/auth/logout", status_code=204, responses=NOT_LOGGED_IN)
async def log_out(principal: ThePrincipal, auth: TheAuth) -> None:
    """End the log-in that this access token came from: all its tokens, at once."""
    # --8<-- [start:refresh]
    if principal.sid:
        await auth.logins.end(principal.sid)
    # --8<-- [end:refresh]


@router.post("/auth/session", status_code=204, responses=WRONG_LOGIN | NOT_ALLOWED | TOO_MANY)
async def open_session(credentials: TheCredentials, request: Request, auth: TheAuth, response: Response) -> None:
    """Log in for a cookie; its id is a new one, whatever cookie came with the request."""
    # --8<-- [start:sessions]
    if "origin" in request.headers and not comes_from_here(request):
        raise ForeignPage
    session_id = secrets.token_urlsafe(32)
    await auth.sessions.add(session_id, Session(credentials.id, credentials.role), LIFETIME_S)
    auth.cookie.give(response, session_id)
    # --8<-- [end:sessions]


@router.delete("/auth/session", status_code=204, responses=NOT_LOGGED_IN | NOT_ALLOWED)
async def close_session(principal: ThePrincipal, request: Request, auth: TheAuth, response: Response) -> None:
    """Log out: forget the session, and have the browser forget the cookie."""
    # --8<-- [start:sessions]
    if session_id := auth.cookie.session_id(request):
        await auth.sessions.remove(session_id)
    auth.cookie.take_back(response)
    # --8<-- [end:sessions]


@router.get("/api/me", responses=NOT_LOGGED_IN)
async def me(principal: ThePrincipal) -> Me:
    """Who is asking."""
    return Me(id=principal.user_id, role=principal.role)
