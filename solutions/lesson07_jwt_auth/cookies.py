"""The cookie that names a session: signed, so that a stolen copy of the store is no key to it."""

import hmac

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from lesson07_jwt_auth.sessions import LIFETIME_S

NAME = "session"


def signature_of(session_id: str, secret: SecretStr) -> str:
    """What proves that we gave this id out, 64 hexadecimal digits."""
    # --8<-- [start:sessions]
    return hmac.new(secret.get_secret_value().encode(), f"session {session_id}".encode(), "sha256").hexdigest()
    # --8<-- [end:sessions]


class SessionCookie:
    """Writes the cookie and reads it. With ``secure``, browsers send it over HTTPS only."""

    def __init__(self, secret: SecretStr, *, secure: bool) -> None:
        self._secret = secret
        self._secure = secure

    def give(self, response: Response, session_id: str) -> None:
        """Have the browser keep the cookie: out of reach of scripts, and not sent along from other sites' forms."""
        # --8<-- [start:sessions]
        value = f"{session_id}.{signature_of(session_id, self._secret)}"
        response.set_cookie(
            NAME, value, max_age=LIFETIME_S, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
        # --8<-- [end:sessions]

    def take_back(self, response: Response) -> None:
        """Have the browser forget the cookie."""
        response.delete_cookie(NAME, path="/", secure=self._secure, httponly=True, samesite="lax")

    def session_id(self, request: Request) -> str | None:
        """The id in the cookie; None if there is no cookie of ours."""
        # starter: return None
        # --8<-- [start:sessions]
        session_id, _, signature = request.cookies.get(NAME, "").rpartition(".")
        genuine = hmac.compare_digest(signature.encode(), signature_of(session_id, self._secret).encode())
        return session_id if genuine else None
        # --8<-- [end:sessions]


def comes_from_here(request: Request) -> bool:
    """Whether a page of our own sent this: browsers say in Origin whose page did, and scripts cannot change that."""
    # --8<-- [start:sessions]
    host = request.headers.get("host")
    return request.headers.get("origin") in (f"http://{host}", f"https://{host}")
    # --8<-- [end:sessions]
