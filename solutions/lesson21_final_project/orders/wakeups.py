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
        # starter: return
        # --8<-- [start:replicas]
        try:
            await self.link.ask(lambda redis: redis.publish(CHANNEL, user_id))
        except Away:
            log.warning("nobody was woken", user=user_id)
        # --8<-- [end:replicas]

    async def listen(self, wake: Callable[..., None]) -> None:
        """Call ``wake`` with each user that there is news for; for all, after Redis was away. Goes on for ever."""
        # starter: return
        # --8<-- [start:replicas]
        while True:
            try:
                await self._listen(wake)
            except (RedisError, OSError) as error:
                log.warning("nobody wakes us", reason=str(error))
                await asyncio.sleep(PAUSE_S)
        # --8<-- [end:replicas]

    async def _listen(self, wake: Callable[..., None]) -> None:
        # --8<-- [start:replicas]
        redis = Redis.from_url(self._url, decode_responses=True, socket_connect_timeout=LISTENED_WITHIN_S)
        async with redis, redis.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            wake()
            silent = False
            while True:
                message = await subscription.get_message(timeout=LISTENED_WITHIN_S)
                if message and message["type"] == "message":
                    wake(message["data"])
                elif message is None and silent:
                    raise TimeoutError("no answer to a ping")
                elif message is None:
                    await subscription.ping()
                silent = message is None
        # --8<-- [end:replicas]
