"""Access tokens, made and checked without a library for them."""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, TypeGuard

from pydantic import SecretStr

from lesson06_mongodb.models import Role
from lesson07_jwt_auth import by_hand

HEADER = b'{"typ":"at+jwt","alg":"HS256"}'
LIFETIME_S = 3600
LEEWAY_S = 5
TEXTS = ("sub", "role", "jti", "sid")
MOMENTS = ("iat", "exp")


class InvalidToken(Exception):
    """This is no access token of ours, or not any more."""


@dataclass(frozen=True)
class Claims:
    """What an access token says."""

    sub: str
    role: Role
    jti: str
    iat: int
    exp: int
    sid: str


def is_text(value: object) -> TypeGuard[str]:
    """Whether a claim is a text that says something, in letters that can be written."""
    return isinstance(value, str) and value != "" and value.encode(errors="replace").decode() == value


def is_moment(value: object) -> TypeGuard[int]:
    """Whether a claim is a whole number; to Python true is one too."""
    return type(value) is int


def check(condition: bool, reason: str) -> None:
    """Raise ``InvalidToken`` unless the condition holds."""
    if not condition:
        raise InvalidToken(reason)


class AccessTokens:
    """Issues access tokens and verifies them."""

    def __init__(self, secret: SecretStr, issuer: str, audience: str) -> None:
        self._key = secret.get_secret_value().encode()
        self._names = {"iss": issuer, "aud": audience}

    def issue(self, user_id: str, role: Role, sid: str) -> str:
        """A new token for this user, good for an hour."""
        now = int(time.time())
        claims = {"sub": user_id, "role": role, "jti": secrets.token_hex(16), "sid": sid}
        times = {"iat": now, "exp": now + LIFETIME_S}
        return by_hand.encode(HEADER, json.dumps(self._names | claims | times).encode(), self._key)

    def verify(self, token: str) -> Claims:
        """What the token says; raises ``InvalidToken`` unless it is one of ours and good now."""
        try:
            parts = by_hand.decode(token, self._key)
            check(by_hand.members_of(parts.header).get("typ") == "at+jwt", "typ")
            said = by_hand.members_of(parts.payload)
            self._check(said)
            return Claims(**{name: said[name] for name in (*TEXTS, *MOMENTS)} | {"role": Role(said["role"])})
        except ValueError as error:
            raise InvalidToken(str(error)) from error

    def _check(self, said: dict[str, Any]) -> None:
        now = time.time()
        for name, expected in self._names.items():
            check(said.get(name) == expected, name)
        for name in TEXTS:
            check(is_text(said.get(name)), name)
        for name in MOMENTS:
            check(is_moment(said.get(name)), name)
        not_before = said.get("nbf", 0)
        check(is_moment(not_before) and not_before <= now + LEEWAY_S, "nbf")
        check(0 <= said["iat"] <= now + LEEWAY_S and said["exp"] > now - LEEWAY_S, "not now")
        check(said["exp"] - said["iat"] <= LIFETIME_S, "it lives too long")
