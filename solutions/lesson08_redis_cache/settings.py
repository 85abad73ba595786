"""What a process that remembers answers in Redis has to be told, or may be."""

from typing import Annotated

from pydantic import AfterValidator, Field
from redis.asyncio.connection import parse_url

from lesson05_postgresql.settings import DatabaseSettings


def redis_url(url: str) -> str:
    """The URL itself; raises ValueError, without the URL in it because that has a password, when it is none."""
    try:
        parse_url(url)
    except ValueError:
        raise ValueError("a URL such as redis://user:password@host:6379/0 is due") from None
    return url


class CacheSettings(DatabaseSettings):
    """Where Redis is, how long it is waited for, how long a product is kept there, and how much a client may ask.

    A client may send ``rate_limit`` requests in any ``rate_window_s`` seconds.
    """

    redis_url: Annotated[str, AfterValidator(redis_url)]
    redis_timeout_ms: int = Field(default=250, ge=10, le=10_000)
    cache_ttl_s: int = Field(default=60, ge=1, le=86_400)
    rate_limit: int = Field(default=100, ge=1, le=1_000_000)
    rate_window_s: int = Field(default=10, ge=1, le=86_400)
