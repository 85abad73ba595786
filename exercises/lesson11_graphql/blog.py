"""Users and posts in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, TypeVar

from psycopg.rows import class_row

from lesson01_rest_crud.routes import LARGEST_ID
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField
from lesson11_graphql.cursors import Page, Slice

LONGEST_TEXT = 200
NEW_POSTS = "new_posts"


@dataclass(frozen=True)
class User:
    """Somebody who writes."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Post:
    """What somebody wrote."""

    id: int
    title: str
    content: str | None
    author_id: int
    created_at: datetime


Row = TypeVar("Row", User, Post)

USERS: LiteralString = "SELECT id, name, email FROM users"
POSTS: LiteralString = "SELECT id, title, content, author_id, created_at FROM posts"


@dataclass(frozen=True)
class PostFilter:
    """Which posts are meant: all for which what is given holds."""

    author_id: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


def number_of(identifier: str) -> int | None:
    """The number that an ID stands for; None for an ID that nobody can have."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


def storable(field: str, text: str) -> str:
    """The text itself; raises ``BadField`` for a character that Unicode has and PostgreSQL's text has not."""
    # TODO errors: Errors that tell, and do not leak
    return text


def checked(field: str, text: str) -> str:
    """The text itself; raises ``BadField`` for one that says nothing, is too long, or cannot be kept."""
    # TODO errors: Errors that tell, and do not leak
    return text


def an_address(field: str, text: str) -> str:
    """The text itself; raises ``BadField`` when nobody could send a letter there."""
    # TODO errors: Errors that tell, and do not leak
    return text


class Blog:
    """Users and posts in two tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def users(self) -> list[User]:
        """All users by id."""
        # TODO schema: Answer what the schema promises
        raise NotImplementedError("schema")

    async def user(self, identifier: str) -> User | None:
        """The user of that ID, or None."""
        # TODO schema: Answer what the schema promises
        raise NotImplementedError("schema")

    async def posts(self) -> list[Post]:
        """All posts by id."""
        # TODO schema: Answer what the schema promises
        raise NotImplementedError("schema")

    async def post(self, identifier: str) -> Post | None:
        """The post of that ID, or None."""
        # TODO schema: Answer what the schema promises
        raise NotImplementedError("schema")

    async def users_by_id(self, ids: list[int]) -> list[User | None]:
        """The users of these ids, in their order."""
        # TODO batching: A hundred authors, one statement
        return [await self.user(str(number)) for number in ids]

    async def posts_by_author(self, author_ids: list[int]) -> list[list[Post]]:
        """What each of these users has written, by id; the users in their order."""
        # TODO batching: A hundred authors, one statement
        one_author = POSTS + " WHERE author_id = %s ORDER BY id"
        return [await self._rows(Post, one_author, [number]) for number in author_ids]

    async def page(self, page: Page, chosen: PostFilter) -> Slice[Post]:
        """A page of the chosen posts, the newest first."""
        # TODO pages: Turn pages by cursors
        raise NotImplementedError("pages")

    async def create_user(self, name: str, email: str) -> User:
        """Store a user; raises ``BadField``."""
        values = [checked("name", name), an_address("email", email)]
        # TODO schema: Answer what the schema promises
        raise NotImplementedError("schema")

    async def create_post(self, title: str, content: str | None, author_id: str) -> Post:
        """Store a post and announce it, both or neither; raises ``BadField``, also when there is no such author."""
        values = [checked("title", title), content and storable("content", content), number_of(author_id)]
        # TODO schema: Answer what the schema promises
        raise NotImplementedError("schema")

    async def _rows(self, kind: type[Row], query: LiteralString, values: Sequence[Any] = ()) -> list[Row]:
        async with self._database.connection() as connection, connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()
