"""Users who have left, until the broker knows: lesson17's outbox, in MongoDB."""

import asyncio

import structlog
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession

from lesson06_mongodb.database import Database, DatabaseGone, Mongo
from lesson17_events_and_sagas.bus import BusGone, EventBus
from lesson17_events_and_sagas.events import Event, new_event
from lesson21_final_project.correlation import headers_now, request_id_now
from lesson21_final_project.topics import USER_DELETED

COLLECTION = "departures"
BATCH = 100
LOOK_AGAIN_S = 0.5

log = structlog.get_logger("departures")


async def note_departure(mongo: Mongo, session: AsyncClientSession, user_id: str) -> None:
    """Have it published that a user has left, once the session's transaction is committed."""
    # --8<-- [start:saga]
    event = new_event(
        USER_DELETED, "users", user_id, {"userId": user_id}, correlation_id=request_id_now(), headers=headers_now()
    )
    document = {"_id": str(event.id), "at": event.occurred_at, "body": event.to_body(), "headers": event.headers}
    await mongo[COLLECTION].insert_one(document, session=session)
    # --8<-- [end:saga]


class Departures:
    """Publishes what was noted: each at least once, and again if the process dies in between."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database = database
        self._bus = bus

    async def run(self) -> None:
        """Publish for ever, what is there and what comes."""
        while True:
            try:
                await self.publish_some()
            except (DatabaseGone, BusGone) as error:
                log.warning("nothing can be published", reason=str(error))
            await asyncio.sleep(LOOK_AGAIN_S)

    async def publish_some(self) -> None:
        """Publish those that have waited longest, and forget them when the broker has them."""
        # starter: return
        # --8<-- [start:saga]
        async with self._database.reached() as mongo:
            waiting = await mongo[COLLECTION].find().sort("at", ASCENDING).limit(BATCH).to_list()
        if waiting:
            await self._bus.publish([Event.from_body(noted["body"], noted["headers"]) for noted in waiting])
            async with self._database.reached() as mongo:
                await mongo[COLLECTION].delete_many({"_id": {"$in": [noted["_id"] for noted in waiting]}})
        # --8<-- [end:saga]
