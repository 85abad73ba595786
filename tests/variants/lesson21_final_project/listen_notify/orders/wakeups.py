"""How replicas tell each other that there is news for somebody: by NOTIFY of the database that they share anyway.

Redis is watched, because the state of the service tells of it, and nothing depends on it.
"""

import asyncio
from collections.abc import Callable

import structlog
from psycopg import AsyncConnection, OperationalError

from lesson05_postgresql.settings import DatabaseSettings
from lesson08_redis_cache.link import Link

CHANNEL = "news"
LISTENED_WITHIN_S = 2.0
PAUSE_S = 0.5

log = structlog.get_logger("wakeups")


class Wakeups:
    """Wakes all replicas, this one too; open as long as it is used as a context."""

    def __init__(self, url: str) -> None:
        self.link = Link(url, LISTENED_WITHIN_S, ())
        self._database_url = DatabaseSettings.from_environment().database_url

    async def call(self, user_id: str) -> None:
        """Say that there is news for a user."""
        try:
            connection = await self._connected()
            async with connection:
                await connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, user_id])
        except OperationalError as error:
            log.warning("nobody was woken", user=user_id, reason=str(error))

    async def listen(self, wake: Callable[..., None]) -> None:
        """Call ``wake`` with each user that there is news for; for all, after the database was away."""
        while True:
            try:
                connection = await self._connected()
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    wake()
                    async for notify in connection.notifies():
                        wake(notify.payload)
            except OperationalError as error:
                log.warning("nobody wakes us", reason=str(error))
            await asyncio.sleep(PAUSE_S)

    async def _connected(self) -> AsyncConnection:
        return await AsyncConnection.connect(self._database_url, autocommit=True, connect_timeout=2)
