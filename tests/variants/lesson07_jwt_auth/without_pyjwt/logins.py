"""Log-ins that last: every refresh token is a document of its own, which is spent once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING

from lesson06_mongodb.database import Database, Mongo

LOGINS = "logins"
TOKENS = "refresh_tokens"
LIFETIME = timedelta(days=14)


class BadRefreshToken(Exception):
    """This refresh token was spent, is unknown, or its log-in has ended."""


@dataclass(frozen=True)
class OpenLogin:
    """A log-in of a user, and the refresh token that goes on with it."""

    sid: str
    user_id: str
    refresh_token: str


def digest(text: str) -> str:
    """What the database keeps instead of the token."""
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


async def prepare_logins(mongo: Mongo) -> None:
    """Have MongoDB forget what is over."""
    for collection in (LOGINS, TOKENS):
        await mongo[collection].create_index([("until", ASCENDING)], expireAfterSeconds=0)


class Logins:
    """Log-ins, each a document, and their refresh tokens in another collection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, user_id: str) -> OpenLogin:
        """Open a log-in."""
        sid = secrets.token_hex(16)
        until = datetime.now(UTC) + LIFETIME
        async with self._database.reached() as mongo:
            await mongo[LOGINS].insert_one({"_id": sid, "user": user_id, "until": until})
            return OpenLogin(sid, user_id, await self._new_token(mongo, sid, until))

    async def go_on(self, refresh_token: str) -> OpenLogin:
        """Spend a refresh token for the next one; a spent one ends the log-in. Raises ``BadRefreshToken``."""
        async with self._database.reached() as mongo:
            known = await mongo[TOKENS].find_one({"_id": digest(refresh_token)})
            login = known and await mongo[LOGINS].find_one({"_id": known["login"]})
            if not known or not login or login["until"] < datetime.now(UTC):
                raise BadRefreshToken
            spent = await mongo[TOKENS].update_one({"_id": known["_id"], "spent": False}, {"$set": {"spent": True}})
            if not spent.modified_count:
                await mongo[LOGINS].delete_one({"_id": login["_id"]})
                raise BadRefreshToken
            token = await self._new_token(mongo, login["_id"], login["until"])
        return OpenLogin(login["_id"], login["user"], token)

    async def is_open(self, sid: str) -> bool:
        """Whether this log-in has not ended."""
        async with self._database.reached() as mongo:
            return await mongo[LOGINS].count_documents({"_id": sid, "until": {"$gt": datetime.now(UTC)}}) > 0

    async def end(self, sid: str) -> None:
        """End a log-in."""
        async with self._database.reached() as mongo:
            await mongo[LOGINS].delete_one({"_id": sid})

    async def _new_token(self, mongo: Mongo, sid: str, until: datetime) -> str:
        token = secrets.token_urlsafe(48)
        await mongo[TOKENS].insert_one({"_id": digest(token), "login": sid, "spent": False, "until": until})
        return token
