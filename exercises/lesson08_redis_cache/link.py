"""The connection to Redis: bounded in time, and not trusted again before it has begun anew."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from secrets import token_hex
from types import TracebackType
from typing import Any, Self

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from lesson08_redis_cache.scripts import Script

log = structlog.get_logger("redis")

EPOCH = "product:epoch"
MOST_AT_ONCE = 10
# Parts of the time that a command may take. Together below 1: when a command was given up for lost, every process
# that watches has noticed.
BEAT_EVERY = 0.2
BEAT_WITHIN = 0.6

FAILURES = (RedisError, OSError, TimeoutError)

Command = Callable[[Redis], Awaitable[Any]]


class Away(Exception):
    """Redis does not answer, or has not begun anew since it did not."""


class Link:
    """A Redis that may go away at any time; open as long as it is used as a context.

    ``timeout_s`` bounds each command. ``scripts`` are what ``run`` may run.
    """

    def __init__(self, url: str, timeout_s: float, scripts: Sequence[Script]) -> None:
        # A connection may have been closed while nobody used it: that alone is no sign that Redis is away.
        once_more = Retry(NoBackoff(), 1)
        self._redis = Redis.from_url(url, retry=once_more, socket_timeout=None, socket_connect_timeout=None)
        self._timeout_s = timeout_s
        self._scripts = scripts
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._losses = 1
        self._made_good = 0
        self._reason = ""
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_away(self) -> bool:
        """Whether it was lost and has not begun anew."""
        return self._losses > self._made_good

    async def __aenter__(self) -> Self:
        # TODO outage: Redis goes away and comes back
        await self._begin_anew()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        await self._redis.aclose()

    async def run(self, script: Script, keys: Sequence[str], values: Sequence[str | bytes | int]) -> Any:
        """What a script returns; raises ``Away``."""
        return await self.ask(lambda redis: redis.evalsha(script.sha, len(keys), *keys, *values))

    async def ask(self, command: Command) -> Any:
        """What Redis answers to a command; raises ``Away``, at once while Redis is known to be away."""
        # TODO outage: Redis goes away and comes back
        return await command(self._redis)

    async def delete(self, *keys: str) -> None:
        """Delete keys; where that fails, nothing that is in Redis now will be believed.

        It is tried also while Redis is away: another process may have found it again already.
        """
        # TODO outage: Redis goes away and comes back
        await self._redis.delete(*keys)

    def _lose(self, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        # Each beat finds the same as long as it lasts: said once, also when it was so from the start.
        if not self.is_away or reason != self._reason:
            log.warning("redis away", reason=reason)
        self._reason = reason
        self._losses += 1

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._timeout_s * BEAT_EVERY)
            await self._beat()

    async def _beat(self) -> None:
        """Look whether Redis is there, and begin anew when it is there again."""
        # TODO outage: Redis goes away and comes back
        return

    async def _begin_anew(self) -> None:
        """Start an epoch, and only then load the scripts.

        A server that was started again has forgotten its scripts, though not its keys. So whoever can run a script
        knows that an epoch was begun since.
        """
        await self._redis.set(EPOCH, token_hex(8))
        for script in self._scripts:
            await self._redis.script_load(script.text)
