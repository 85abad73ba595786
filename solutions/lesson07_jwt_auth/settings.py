"""What a process that issues or reads tokens has to be told."""

from typing import Annotated

import jwt
from pydantic import AfterValidator, Field, SecretStr

from lesson03_middleware_logging.settings import LoggingSettings

SHORTEST_SECRET = 32


def key_for_hs256(secret: SecretStr) -> SecretStr:
    """The secret itself; raises ValueError, without the secret in it, when HS256 cannot be trusted with it.

    A key has at least as many bytes as the hash that it makes (RFC 7518, section 3.2).
    """
    # --8<-- [start:configure]
    if len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
        raise ValueError(f"at least {SHORTEST_SECRET} bytes are due")
    try:
        jwt.encode({}, secret.get_secret_value(), "HS256")
    except jwt.InvalidKeyError:
        raise ValueError("this is a public key or the like: no secret") from None
    return secret
    # --8<-- [end:configure]


class TokenSettings(LoggingSettings):
    """As lesson03's, and what tokens are signed with, by whom and for whom; the same in every process of the shop."""

    jwt_secret: Annotated[SecretStr, AfterValidator(key_for_hs256)]
    jwt_issuer: str = Field(default="taller", min_length=1)
    jwt_audience: str = Field(default="shop", min_length=1)
