"""Sessions in MongoDB."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING

from lesson06_mongodb.database import Database, Mongo
from lesson06_mongodb.models import Role
from lesson07_jwt_auth.sessions import Session

COLLECTION = "sessions"


async def prepare_sessions(mongo: Mongo) -> None:
    """Have MongoDB forget sessions that are over."""
    await mongo[COLLECTION].create_index([("until", ASCENDING)], expireAfterSeconds=0)


class MongoSessions:
    """A ``SessionStore`` with a document for each session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session_id: str, session: Session, seconds: int) -> None:
        """Keep a session for so long and no longer."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        async with self._database.reached() as mongo:
            await mongo[COLLECTION].insert_one({"_id": session_id, "until": until, **asdict(session)})

    async def get(self, session_id: str) -> Session | None:
        """The session of that id; None if there is none, or not any more."""
        async with self._database.reached() as mongo:
            found = await mongo[COLLECTION].find_one({"_id": session_id, "until": {"$gt": datetime.now(UTC)}})
        return Session(found["user_id"], Role(found["role"])) if found else None

    async def remove(self, session_id: str) -> None:
        """Forget a session, if there is one of that id."""
        async with self._database.reached() as mongo:
            await mongo[COLLECTION].delete_one({"_id": session_id})
