"""The relay: publishes what is in the outbox."""

import asyncio

import structlog

from lesson05_postgresql.database import Database, DatabaseGone
from lesson17_events_and_sagas.bus import BusGone, EventBus
from lesson17_events_and_sagas.outbox import CHANNEL, mark_published, unpublished

BATCH = 100
LOOK_AGAIN_S = 1.0
PAUSE_S = 0.3

log = structlog.get_logger("relay")


class Relay:
    """Brings events from the outbox to the bus: each at least once, and each again if it dies in between."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database = database
        self._bus = bus

    async def run(self) -> None:
        """Publish for ever, what is there and what comes."""
        # --8<-- [start:relay]
        while True:
            try:
                if not await self.publish_some():
                    await self._wait()
            except (DatabaseGone, BusGone) as error:
                log.warning("nothing can be published", reason=str(error))
                await asyncio.sleep(PAUSE_S)
        # --8<-- [end:relay]

    async def publish_some(self) -> int:
        """Publish the oldest events that wait; how many they were."""
        # --8<-- [start:relay]
        async with self._database.connection() as connection, connection.transaction():
            events = await unpublished(connection, BATCH)
            await self._bus.publish(events)
            await mark_published(connection, events)
        return len(events)
        # --8<-- [end:relay]

    async def _wait(self) -> None:
        """Wait until something is committed to the outbox, at most a second."""
        async with self._database.connection() as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            # What was committed before we listened is announced to nobody.
            if not await unpublished(connection, 1):
                async for _ in connection.notifies(timeout=LOOK_AGAIN_S, stop_after=1):
                    pass
            # The connection goes back to the pool, and whoever gets it next does not read what is announced.
            await connection.execute(f"UNLISTEN {CHANNEL}")
