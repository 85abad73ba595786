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
    # TODO unique: One user an address
    # TODO questions: Search and count


def object_id(user_id: str) -> ObjectId | None:
    """The id as MongoDB keeps it; None for a text that cannot be one."""
    # TODO users: Keep users as documents
    raise NotImplementedError("users")


def user_of(document: Document) -> User:
    """The user that a document tells of; what nobody may see stays behind."""
    return User(id=str(document["_id"]), **{field: document[field] for field in SEEN_BY_ALL})


@contextmanager
def each_email_once() -> Iterator[None]:
    """Raise ``EmailTaken`` where the index refuses what is written."""
    # TODO unique: One user an address
    yield


class Users:
    """Users, each a document of one collection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: UserDraft) -> User:
        """Store a draft under a new id; raises ``EmailTaken``."""
        # TODO users: Keep users as documents
        raise NotImplementedError("users")

    async def get(self, user_id: str) -> User | None:
        """The user, or None if there is none of that id."""
        # TODO users: Keep users as documents
        raise NotImplementedError("users")

    async def page(self, limit: int, offset: int) -> tuple[list[User], int]:
        """At most ``limit`` users by id, after the first ``offset``; and how many there are in all."""
        # TODO users: Keep users as documents
        raise NotImplementedError("users")

    async def delete(self, user_id: str) -> bool:
        """Forget a user; False if there is none of that id."""
        # TODO users: Keep users as documents
        raise NotImplementedError("users")

    async def change(self, user_id: str, change: UserChange) -> User | None:
        """Set the fields that a change names, and no other; None if there is no user of that id.

        Raises ``EmailTaken``.
        """
        # TODO changes: Change what is named, and nothing else
        raise NotImplementedError("changes")

    async def search(self, q: str, limit: int, offset: int) -> tuple[list[User], int]:
        """Users whose name has a word of ``q``, those with more of them first; and how many there are in all."""
        # TODO questions: Search and count
        raise NotImplementedError("questions")

    async def roles(self) -> dict[Role, int]:
        """How many users have each role."""
        # TODO questions: Search and count
        raise NotImplementedError("questions")

    async def sign_ups(self) -> list[SignUps]:
        """How many users signed up on each day, in UTC, the oldest day first."""
        # TODO questions: Search and count
        raise NotImplementedError("questions")

    async def credentials(self, email: str) -> Credentials | None:
        """What a log-in of that address is decided by, however its letters are written; None if nobody has it.

        This is for lesson 7. Without the collation of the index, the query would not use it.
        """
        async with self._database.reached() as mongo:
            document = await mongo[COLLECTION].find_one({"email": email}, collation=CASE_INSENSITIVE)
        if document is None:
            return None
        return Credentials(str(document["_id"]), Role(document["role"]), document["passwordHash"])
