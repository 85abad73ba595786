"""Access tokens: short-lived, signed, and readable without asking anybody."""

import time
from dataclasses import asdict, dataclass
from typing import Annotated
from uuid import uuid4

import jwt
from pydantic import Field, SecretStr, TypeAdapter

from lesson06_mongodb.models import Role
from lesson07_jwt_auth.by_hand import ALGORITHM, header_of, members_of, take_apart

# Tells access tokens from all other tokens that the same key may sign one day (RFC 8725, section 3.11; RFC 9068).
TYPE = "at+jwt"
LIFETIME_S = 3600
# How far the clocks of two machines may be apart.
LEEWAY_S = 5

Text = Annotated[str, Field(min_length=1, max_length=200)]
# Seconds since 1970, whole ones: RFC 7519 would also take 1.5e9.
Moment = Annotated[int, Field(ge=0, strict=True)]


class InvalidToken(Exception):
    """This is no access token of ours, or not any more. Why is for the log: whoever forges learns from each answer."""


@dataclass(frozen=True)
class Claims:
    """What an access token says (RFC 7519, section 4.1).

    ``sub`` is the user's id, ``jti`` the token's own; ``sid`` names the login that it came from, if there was one.
    """

    sub: Text
    role: Role
    jti: Text
    iat: Moment
    exp: Moment
    nbf: Moment | None = None
    sid: Text | None = None


CLAIMS = TypeAdapter(Claims)


class AccessTokens:
    """Issues access tokens and verifies them, with a secret that all processes of the shop share."""

    def __init__(self, secret: SecretStr, issuer: str, audience: str) -> None:
        self._key = secret.get_secret_value().encode()
        self._issuer = issuer
        self._audience = audience

    def issue(self, user_id: str, role: Role, sid: str | None = None) -> str:
        """A new token for this user, good for an hour."""
        # TODO log-in: Register and log in
        raise NotImplementedError("log-in")

    def verify(self, token: str) -> Claims:
        """What the token says; raises ``InvalidToken`` unless it is one of ours and good now."""
        # TODO verify: Believe no other token
        raise NotImplementedError("verify")
