"""Users in MongoDB, by blocking calls: ids of our own, and an index over the address in small letters."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pymongo
from argon2 import PasswordHasher
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError
from validation import ROLES, Refused

hasher = PasswordHasher(time_cost=2, memory_cost=20_000, parallelism=1)


class Gone(Exception):
    """The database does not answer."""


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """What a client sees of a document."""
    return {"id": document["_id"]} | {key: document[key] for key in ("name", "email", "role")}


def stored(fields: dict[str, str]) -> dict[str, Any]:
    """What the database keeps of what a client sent."""
    kept: dict[str, Any] = dict(fields)
    if "password" in kept:
        kept["secret"] = {"hash": hasher.hash(kept.pop("password"))}
    if "email" in kept:
        kept["address"] = kept["email"].lower()
    return kept


class Users:
    """All that is done with users; each method blocks."""

    def __init__(self, url: str) -> None:
        self._client: Any = pymongo.MongoClient(url, timeoutMS=2500, connectTimeoutMS=2000, maxPoolSize=8)
        self._users = self._client.get_default_database()["users"]
        self._ready = False

    def close(self) -> None:
        self._client.close()

    def run(self, work: Any, *arguments: Any) -> Any:
        """Do one of the things below; raises ``Gone`` and ``Refused``."""
        try:
            with pymongo.timeout(2.5):
                if not self._ready:
                    self._users.create_index("address", unique=True)
                    self._users.create_index([("name", "text")], default_language="none")
                    self._ready = True
                return work(*arguments)
        except DuplicateKeyError:
            raise Refused(409, "email", "somebody has that address") from None
        except PyMongoError as error:
            if isinstance(error, ConnectionFailure) or error.timeout:
                raise Gone from error
            raise

    def add(self, kept: dict[str, Any]) -> dict[str, Any]:
        document = {"_id": uuid.uuid4().hex, "role": "customer", **kept, "createdAt": datetime.now(UTC)}
        self._users.insert_one(document)
        return shown(document)

    def get(self, user_id: str) -> dict[str, Any]:
        return self._found(self._users.find_one({"_id": user_id}))

    def change(self, user_id: str, kept: dict[str, Any]) -> dict[str, Any]:
        change = {"$set": kept, "$inc": {"version": 1}}
        return self._found(self._users.find_one_and_update({"_id": user_id}, change, return_document=True))

    def delete(self, user_id: str) -> None:
        self._found(self._users.find_one_and_delete({"_id": user_id}))

    def page(self, limit: int, offset: int, q: str | None) -> tuple[list[dict[str, Any]], int]:
        if q is None:
            found = self._users.find().sort("_id")
            return [shown(user) for user in found.skip(offset).limit(limit)], self._users.count_documents({})
        wanted = {"$text": {"$search": re.sub(r"\W+", " ", q)}}
        stages: list[Any] = [
            {"$match": wanted},
            {"$set": {"score": {"$meta": "textScore"}}},
            {"$sort": {"score": -1, "_id": 1}},
        ]
        users = [shown(user) for user in self._users.aggregate(stages)]
        return users[offset : offset + limit], len(users)

    def roles(self) -> dict[str, int]:
        return {role: self._users.count_documents({"role": role}) for role in ROLES}

    def sign_ups(self) -> list[dict[str, Any]]:
        day = {"$dateToString": {"date": "$createdAt", "format": "%Y-%m-%d"}}
        stages: list[Any] = [{"$sortByCount": day}, {"$sort": {"_id": 1}}]
        return [{"day": group["_id"], "count": group["count"]} for group in self._users.aggregate(stages)]

    def _found(self, document: dict[str, Any] | None) -> dict[str, Any]:
        if document is None:
            raise Refused(404, message="there is nobody of that id")
        return shown(document)
