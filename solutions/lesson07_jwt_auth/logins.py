"""Log-ins that last: each has one refresh token at a time, and whoever uses an old one ends it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING

from lesson06_mongodb.database import Database, Mongo

COLLECTION = "logins"
LIFETIME = timedelta(days=30)


class BadRefreshToken(Exception):
    """This refresh token is not the one that came last, or its log-in has ended."""


@dataclass(frozen=True)
class OpenLogin:
    """A log-in of a user: its id, and the refresh token that goes on with it."""

    sid: str
    user_id: str
    refresh_token: str


def digest(text: str) -> str:
    """What the database keeps instead of a secret: who reads it there cannot use it.

    A fast hash will do. It is for secrets that nobody can guess, as passwords can be guessed.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def next_token(family: str) -> str:
    """A refresh token: the family that it belongs to, and what no other has."""
    return f"{family}.{secrets.token_urlsafe(32)}"


def family_of(refresh_token: str) -> str:
    """What all refresh tokens of one log-in begin with; nobody knows it who has not held one of them."""
    return refresh_token.partition(".")[0]


async def prepare_logins(mongo: Mongo) -> None:
    """Have MongoDB forget log-ins that are over."""
    await mongo[COLLECTION].create_index([("until", ASCENDING)], expireAfterSeconds=0)


class Logins:
    """Log-ins, each a document with the digest of the one refresh token that is good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, user_id: str) -> OpenLogin:
        """Open a log-in; it ends after ``LIFETIME``, however often it is refreshed."""
        # --8<-- [start:log-in]
        token = next_token(secrets.token_urlsafe(24))
        sid = digest(family_of(token))
        document = {"_id": sid, "userId": user_id, "current": digest(token), "until": datetime.now(UTC) + LIFETIME}
        async with self._database.reached() as mongo:
            await mongo[COLLECTION].insert_one(document)
        return OpenLogin(sid, user_id, token)
        # --8<-- [end:log-in]

    async def go_on(self, refresh_token: str) -> OpenLogin:
        """Put a new refresh token in the place of this one. Raises ``BadRefreshToken``.

        Only one holder should have it. If an old one comes back, two have: the log-in is ended for both.
        """
        # --8<-- [start:refresh]
        family = family_of(refresh_token)
        sid, token = digest(family), next_token(family)
        async with self._database.reached() as mongo:
            found = await mongo[COLLECTION].find_one_and_update(
                {"_id": sid, "current": digest(refresh_token), "until": {"$gt": datetime.now(UTC)}},
                {"$set": {"current": digest(token)}},
            )
        if found is None:
            await self.end(sid)
            raise BadRefreshToken
        return OpenLogin(sid, found["userId"], token)
        # --8<-- [end:refresh]

    async def is_open(self, sid: str) -> bool:
        """Whether this log-in has not ended."""
        # starter: return True
        # --8<-- [start:refresh]
        async with self._database.reached() as mongo:
            found = await mongo[COLLECTION].find_one({"_id": sid, "until": {"$gt": datetime.now(UTC)}}, {"_id": 1})
        return found is not None
        # --8<-- [end:refresh]

    async def end(self, sid: str) -> None:
        """End a log-in, and with it every token that came from it."""
        # --8<-- [start:refresh]
        async with self._database.reached() as mongo:
            await mongo[COLLECTION].delete_one({"_id": sid})
        # --8<-- [end:refresh]
