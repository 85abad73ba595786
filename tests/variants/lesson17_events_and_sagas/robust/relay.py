"""The relay, as it is without LISTEN: it looks again and again, and one of several is at work."""

import asyncio

from psycopg import AsyncConnection

from lesson05_postgresql.database import Database, DatabaseGone
from lesson17_events_and_sagas.bus import BusGone, EventBus
from lesson17_events_and_sagas.outbox import mark_published, unpublished

LOCK = 1_700_000_001
PAUSE_S = 0.05


class Relay:
    """Publishes in batches; whoever has the lock is at work, the others wait for it."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database = database
        self._bus = bus

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            try:
                async with self._database.connection() as connection, connection.transaction():
                    if await self._is_mine(connection):
                        events = await unpublished(connection, 50)
                        await self._bus.publish(events)
                        await mark_published(connection, events)
            except (DatabaseGone, BusGone) as error:
                print(f"nothing can be published: {error}", flush=True)
            await asyncio.sleep(PAUSE_S)

    async def _is_mine(self, connection: AsyncConnection) -> bool:
        cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        row = await cursor.fetchone()
        return bool(row and row[0])
