"""Proof that a form was filled in on our own page: a signed token, tied to a cookie.

A browser sends our cookie along with a form that another site has made. That site cannot read the cookie, nor the page
with the token, and cannot make a token without the secret.
"""

import hmac
import secrets

from pydantic import SecretStr

COOKIE = "shop_session"
FIELD = "csrf_token"


def new_session() -> str:
    """A name for one browser that nobody can guess."""
    return secrets.token_urlsafe(24)


def token_of(session: str, secret: SecretStr) -> str:
    """The token that belongs to a session, 64 hexadecimal digits."""
    # starter: return ""
    # --8<-- [start:csrf]
    return hmac.new(secret.get_secret_value().encode(), b"csrf " + session.encode(), "sha256").hexdigest()
    # --8<-- [end:csrf]


def is_genuine(session: str, token: str, secret: SecretStr) -> bool:
    """Whether the token is the one of this session; takes as long for a wrong one as for a right one."""
    # --8<-- [start:csrf]
    return bool(session) and hmac.compare_digest(token.encode(), token_of(session, secret).encode())
    # --8<-- [end:csrf]
