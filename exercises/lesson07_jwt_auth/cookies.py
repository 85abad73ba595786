"""The cookie that names a session: signed, so that a stolen copy of the store is no key to it."""

import hmac

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from lesson07_jwt_auth.sessions import LIFETIME_S

NAME = "session"


def signature_of(session_id: str, secret: SecretStr) -> str:
    """What proves that we gave this id out, 64 hexadecimal digits."""
    # TODO sessions: The same with a cookie
    raise NotImplementedError("sessions")


class SessionCookie:
    """Writes the cookie and reads it. With ``secure``, browsers send it over HTTPS only."""

    def __init__(self, secret: SecretStr, *, secure: bool) -> None:
        self._secret = secret
        self._secure = secure

    def give(self, response: Response, session_id: str) -> None:
        """Have the browser keep the cookie: out of reach of scripts, and not sent along from other sites' forms."""
        # TODO sessions: The same with a cookie
        raise NotImplementedError("sessions")

    def take_back(self, response: Response) -> None:
        """Have the browser forget the cookie."""
        response.delete_cookie(NAME, path="/", secure=self._secure, httponly=True, samesite="lax")

    def session_id(self, request: Request) -> str | None:
        """The id in the cookie; None if there is no cookie of ours."""
        # TODO sessions: The same with a cookie
        return None


def comes_from_here(request: Request) -> bool:
    """Whether a page of our own sent this: browsers say in Origin whose page did, and scripts cannot change that."""
    # TODO sessions: The same with a cookie
    raise NotImplementedError("sessions")
