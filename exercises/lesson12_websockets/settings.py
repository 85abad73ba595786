"""What a process of the chat has to be told."""

from typing import Annotated

from pydantic import AfterValidator
from redis import ConnectionPool

from lesson07_jwt_auth.settings import TokenSettings

SCHEMES = ("redis://", "rediss://", "unix://")


def redis_url(url: str) -> str:
    """The URL itself; raises ValueError, without the URL in it because that has a password, when it is none."""
    try:
        ConnectionPool.from_url(url)
    except ValueError:
        url = ""
    if not url.startswith(SCHEMES):
        raise ValueError("a URL such as redis://user:password@host:6379/0 is due")
    return url


class ChatSettings(TokenSettings):
    """Where a process listens, how it logs, whose tokens it takes, and where Redis is."""

    redis_url: Annotated[str, AfterValidator(redis_url)]
