"""Redis by blocking calls, each in a thread."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from secrets import token_hex
from types import TracebackType
from typing import Any, Self, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.retry import Retry

from lesson08_redis_cache.scripts import Script

T = TypeVar("T")
EPOCH = "shop:epoch"
Command = Callable[[Redis], Any]


class Away(Exception):
    """Redis cannot be used now."""


class Restarted(RedisError):
    """Redis has forgotten our scripts."""


class Link:
    """A Redis that may go away."""

    def __init__(self, url: str, timeout_s: float, scripts: Sequence[Script]) -> None:
        once_more = Retry(NoBackoff(), 1, supported_errors=(Disconnected,))
        self._redis = self._client(url, timeout_s, once_more)
        self._watcher = self._client(url, timeout_s / 2, once_more)
        self._scripts = scripts
        self._pause = timeout_s / 5
        self._stopping = threading.Event()
        self._trusted = threading.Event()
        self._lost = 0

    @staticmethod
    def _client(url: str, timeout_s: float, retry: Retry) -> Redis:
        return Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=retry)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._beat)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)

    async def run(self, script: Script, keys: Sequence[str], values: Sequence[str | bytes | int]) -> Any:
        """Run a script."""
        return await self.call(lambda redis: redis.evalsha(script.sha, len(keys), *keys, *values))

    async def ask(self, command: Command) -> Any:
        """What Redis answers."""
        return await self.call(command)

    async def call(self, work: Callable[[Redis], T], *, always: bool = False) -> T:
        """What some work with Redis gives; unless ``always``, it is not begun while Redis is away."""
        return await asyncio.to_thread(self._call, work, always)

    def has_scripts(self, answer: Sequence[bool]) -> None:
        """Raise ``Restarted`` when SCRIPT EXISTS has said no."""
        if not all(answer):
            raise Restarted

    @property
    def one_sha(self) -> str:
        """The name of one script that is loaded."""
        return self._scripts[0].sha

    def _call(self, work: Callable[[Redis], T], always: bool) -> T:
        if not always and not self._trusted.is_set():
            raise Away
        try:
            return work(self._redis)
        except (NoScriptError, Restarted) as error:
            self._lose()
            raise Away from error
        except ResponseError as error:
            if always:
                self._lose()
            raise Away from error
        except (RedisError, OSError) as error:
            self._lose()
            raise Away from error

    def _lose(self) -> None:
        self._lost += 1
        self._trusted.clear()

    def _watch(self) -> None:
        while not self._stopping.wait(self._pause):
            self._beat()

    def _beat(self) -> None:
        lost = self._lost
        try:
            if self._trusted.is_set():
                self._watcher.ping()
                return
            self._watcher.set(EPOCH, token_hex(8))
            for script in self._scripts:
                self._watcher.script_load(script.text)
        except (RedisError, OSError):
            self._lose()
        else:
            if lost == self._lost:
                self._trusted.set()
