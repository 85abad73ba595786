"""The users that there are: what lesson06 has no question for, and how one leaves."""

from collections.abc import Sequence

from pymongo import ASCENDING

from lesson06_mongodb.database import Database, Document
from lesson06_mongodb.models import User
from lesson06_mongodb.users import COLLECTION, SEEN_BY_ALL, object_id, user_of
from lesson21_final_project.users.departures import note_departure


class People:
    """Users in MongoDB, by many ids at once or page by page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def many(self, ids: Sequence[str]) -> list[User]:
        """Those of these ids that there are, in one question."""
        # --8<-- [start:users]
        wanted = [found for found in map(object_id, ids) if found]
        return await self._found({"_id": {"$in": wanted}}, len(wanted))
        # --8<-- [end:users]

    async def page(self, first: int, after: str | None) -> list[User]:
        """The first so many by id, after one of them."""
        # --8<-- [start:users]
        return await self._found({"_id": {"$gt": object_id(after)}} if after else {}, first)
        # --8<-- [end:users]

    async def remove(self, user_id: str) -> bool:
        """Forget a user, and have everybody told: both, or neither. False if there is none of that id."""
        # starter: async with self._database.reached() as mongo:
        # starter:     result = await mongo[COLLECTION].delete_one({"_id": object_id(user_id)})
        # starter: return result.deleted_count == 1
        # --8<-- [start:saga]
        async with (
            self._database.reached() as mongo,
            mongo.client.start_session() as session,
            await session.start_transaction(),
        ):
            result = await mongo[COLLECTION].delete_one({"_id": object_id(user_id)}, session=session)
            if result.deleted_count:
                await note_departure(mongo, session, user_id)
        return result.deleted_count == 1
        # --8<-- [end:saga]

    async def _found(self, query: Document, most: int) -> list[User]:
        if not most:
            return []
        async with self._database.reached() as mongo:
            found = mongo[COLLECTION].find(query, SEEN_BY_ALL).sort("_id", ASCENDING).limit(most)
            return [user_of(document) async for document in found]
