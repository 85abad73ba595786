"""Where Redis is, as a process is told."""

from typing import Annotated

from pydantic import AfterValidator
from redis import ConnectionPool

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


RedisUrl = Annotated[str, AfterValidator(redis_url)]
