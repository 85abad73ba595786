"""Users in MongoDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from bson import ObjectId
from pymongo import ASCENDING, TEXT, ReturnDocument
from pymongo.collation import Collation, CollationStrength
from pymongo.errors import DuplicateKeyError

from lesson06_mongodb.database import Database, Document, Mongo
from lesson06_mongodb.errors import EmailTaken
from lesson06_mongodb.models import Credentials, Role, SignUps, User, UserChange, UserDraft
from lesson06_mongodb.passwords import hash_password

COLLECTION = "users"
# Secondary strength compares letters and accents, and not whether they are large (Unicode UTS 10, section 1.1).
CASE_INSENSITIVE = Collation("en", strength=CollationStrength.SECONDARY)
SEEN_BY_ALL = ("name", "email", "role")
SEARCH_OPERATORS = str.maketrans({"-": " ", '"': " "})


async def prepare_users(mongo: Mongo) -> None:
    """Make the indexes; an index that is there already stays as it is, so several processes may do this at once."""
    # starter:
    # --8<-- [start:unique]
    await mongo[COLLECTION].create_index(
        [("email", ASCENDING)], name="one_user_an_email", unique=True, collation=CASE_INSENSITIVE
    )
    # --8<-- [end:unique]
    # starter:
    # --8<-- [start:questions]
    await mongo[COLLECTION].create_index([("name", TEXT)], name="words_of_names", default_language="none")
    # --8<-- [end:questions]


def object_id(user_id: str) -> ObjectId | None:
    """The id as MongoDB keeps it; None for a text that cannot be one."""
    # --8<-- [start:users]
    return ObjectId(user_id) if ObjectId.is_valid(user_id) else None
    # --8<-- [end:users]


def user_of(document: Document) -> User:
    """The user that a document tells of; what nobody may see stays behind."""
    return User(id=str(document["_id"]), **{field: document[field] for field in SEEN_BY_ALL})


@contextmanager
def each_email_once() -> Iterator[None]:
    """Raise ``EmailTaken`` where the index refuses what is written."""
    # starter: yield
    # --8<-- [start:unique]
    try:
        yield
    except DuplicateKeyError as error:
        raise EmailTaken from error
    # --8<-- [end:unique]


class Users:
    """Users, each a document of one collection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: UserDraft) -> User:
        """Store a draft under a new id; raises ``EmailTaken``."""
        # --8<-- [start:users]
        document: Document = {
            "name": draft.name,
            "email": draft.email,
            "role": draft.role,
            "passwordHash": await hash_password(draft.password),
            "createdAt": datetime.now(UTC),
        }
        async with self._database.reached() as mongo:
            with each_email_once():
                await mongo[COLLECTION].insert_one(document)
        return user_of(document)
        # --8<-- [end:users]

    async def get(self, user_id: str) -> User | None:
        """The user, or None if there is none of that id."""
        # --8<-- [start:users]
        async with self._database.reached() as mongo:
            document = await mongo[COLLECTION].find_one({"_id": object_id(user_id)}, SEEN_BY_ALL)
        return user_of(document) if document else None
        # --8<-- [end:users]

    async def page(self, limit: int, offset: int) -> tuple[list[User], int]:
        """At most ``limit`` users by id, after the first ``offset``; and how many there are in all."""
        # --8<-- [start:users]
        async with self._database.reached() as mongo:
            found = mongo[COLLECTION].find({}, SEEN_BY_ALL).sort("_id", ASCENDING).skip(offset).limit(limit)
            return [user_of(document) async for document in found], await mongo[COLLECTION].count_documents({})
        # --8<-- [end:users]

    async def delete(self, user_id: str) -> bool:
        """Forget a user; False if there is none of that id."""
        # --8<-- [start:users]
        async with self._database.reached() as mongo:
            result = await mongo[COLLECTION].delete_one({"_id": object_id(user_id)})
        return result.deleted_count == 1
        # --8<-- [end:users]

    async def change(self, user_id: str, change: UserChange) -> User | None:
        """Set the fields that a change names, and no other; None if there is no user of that id.

        Raises ``EmailTaken``.
        """
        # --8<-- [start:changes]
        fields = change.model_dump(exclude_unset=True)
        if "password" in fields:
            fields["passwordHash"] = await hash_password(fields.pop("password"))
        async with self._database.reached() as mongo:
            with each_email_once():
                document = await mongo[COLLECTION].find_one_and_update(
                    {"_id": object_id(user_id)},
                    {"$set": fields},
                    projection=SEEN_BY_ALL,
                    return_document=ReturnDocument.AFTER,
                )
        return user_of(document) if document else None
        # --8<-- [end:changes]

    async def search(self, q: str, limit: int, offset: int) -> tuple[list[User], int]:
        """Users whose name has a word of ``q``, those with more of them first; and how many there are in all."""
        # --8<-- [start:questions]
        # To $search, a minus means "without" and quotes mean "exactly": what is typed into a field is neither.
        query = {"$text": {"$search": q.translate(SEARCH_OPERATORS)}}
        score = {"$meta": "textScore"}
        async with self._database.reached() as mongo:
            found = mongo[COLLECTION].find(query, {"score": score}).sort([("score", score), ("_id", ASCENDING)])
            users = [user_of(document) async for document in found.skip(offset).limit(limit)]
            return users, await mongo[COLLECTION].count_documents(query)
        # --8<-- [end:questions]

    async def roles(self) -> dict[Role, int]:
        """How many users have each role."""
        # --8<-- [start:questions]
        async with self._database.reached() as mongo:
            groups = await mongo[COLLECTION].aggregate([{"$group": {"_id": "$role", "count": {"$sum": 1}}}])
            counted = {Role(group["_id"]): int(group["count"]) async for group in groups}
        return {role: counted.get(role, 0) for role in Role}
        # --8<-- [end:questions]

    async def sign_ups(self) -> list[SignUps]:
        """How many users signed up on each day, in UTC, the oldest day first."""
        # --8<-- [start:questions]
        day = {"$dateTrunc": {"date": "$createdAt", "unit": "day"}}
        stages: list[Document] = [{"$group": {"_id": day, "count": {"$sum": 1}}}, {"$sort": {"_id": 1}}]
        async with self._database.reached() as mongo:
            groups = await mongo[COLLECTION].aggregate(stages)
            return [SignUps(day=group["_id"].date(), count=group["count"]) async for group in groups]
        # --8<-- [end:questions]

    async def credentials(self, email: str) -> Credentials | None:
        """What a log-in of that address is decided by, however its letters are written; None if nobody has it.

        This is for lesson 7. Without the collation of the index, the query would not use it.
        """
        async with self._database.reached() as mongo:
            document = await mongo[COLLECTION].find_one({"email": email}, collation=CASE_INSENSITIVE)
        if document is None:
            return None
        return Credentials(str(document["_id"]), Role(document["role"]), document["passwordHash"])
