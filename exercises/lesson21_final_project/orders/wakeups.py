"""How replicas tell each other that there is news for somebody: over Redis, and it is no harm if it gets lost."""

import asyncio
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from lesson08_redis_cache.link import Away, Link

CHANNEL = "pedidos:news"
LISTENED_WITHIN_S = 2.0
PAUSE_S = 0.5

log = structlog.get_logger("wakeups")


class Wakeups:
    """Wakes all replicas, this one too; open as long as it is used as a context."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.link = Link(url, LISTENED_WITHIN_S, ())

    async def call(self, user_id: str) -> None:
        """Say that there is news for a user. If Redis is away nobody hears it, and each replica looks by itself."""
        # TODO replicas: Two that act as one
        return

    async def listen(self, wake: Callable[..., None]) -> None:
        """Call ``wake`` with each user that there is news for; for all, after Redis was away. Goes on for ever."""
        # TODO replicas: Two that act as one
        return

    async def _listen(self, wake: Callable[..., None]) -> None:
        # TODO replicas: Two that act as one
        raise NotImplementedError("replicas")
