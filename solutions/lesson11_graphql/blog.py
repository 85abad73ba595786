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
    # --8<-- [start:schema]
    if not (identifier.isascii() and identifier.isdigit()) or len(identifier) > len(str(LARGEST_ID)):
        return None
    number = int(identifier)
    return number if str(number) == identifier and number <= LARGEST_ID else None
    # --8<-- [end:schema]


def storable(field: str, text: str) -> str:
    """The text itself; raises ``BadField`` for a character that Unicode has and PostgreSQL's text has not."""
    # starter: return text
    # --8<-- [start:errors]
    if "\0" in text:
        raise BadField(field, "it has a NUL character")
    return text
    # --8<-- [end:errors]


def checked(field: str, text: str) -> str:
    """The text itself; raises ``BadField`` for one that says nothing, is too long, or cannot be kept."""
    # starter: return text
    # --8<-- [start:errors]
    if not text.strip():
        raise BadField(field, "it is blank")
    if len(text) > LONGEST_TEXT:
        raise BadField(field, f"it has more than {LONGEST_TEXT} characters")
    return storable(field, text)
    # --8<-- [end:errors]


def an_address(field: str, text: str) -> str:
    """The text itself; raises ``BadField`` when nobody could send a letter there."""
    # starter: return text
    # --8<-- [start:errors]
    if "@" not in checked(field, text):
        raise BadField(field, "an address has an @")
    return text
    # --8<-- [end:errors]


class Blog:
    """Users and posts in two tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def users(self) -> list[User]:
        """All users by id."""
        # --8<-- [start:schema]
        return await self._rows(User, USERS + " ORDER BY id")
        # --8<-- [end:schema]

    async def user(self, identifier: str) -> User | None:
        """The user of that ID, or None."""
        # --8<-- [start:schema]
        found = await self._rows(User, USERS + " WHERE id = %s", [number_of(identifier)])
        return found[0] if found else None
        # --8<-- [end:schema]

    async def posts(self) -> list[Post]:
        """All posts by id."""
        # --8<-- [start:schema]
        return await self._rows(Post, POSTS + " ORDER BY id")
        # --8<-- [end:schema]

    async def post(self, identifier: str) -> Post | None:
        """The post of that ID, or None."""
        # --8<-- [start:schema]
        found = await self._rows(Post, POSTS + " WHERE id = %s", [number_of(identifier)])
        return found[0] if found else None
        # --8<-- [end:schema]

    async def users_by_id(self, ids: list[int]) -> list[User | None]:
        """The users of these ids, in their order."""
        # starter: return [await self.user(str(number)) for number in ids]
        # --8<-- [start:batching]
        found = {user.id: user for user in await self._rows(User, USERS + " WHERE id = ANY(%s)", [ids])}
        return [found.get(number) for number in ids]
        # --8<-- [end:batching]

    async def posts_by_author(self, author_ids: list[int]) -> list[list[Post]]:
        """What each of these users has written, by id; the users in their order."""
        # starter: one_author = POSTS + " WHERE author_id = %s ORDER BY id"
        # starter: return [await self._rows(Post, one_author, [number]) for number in author_ids]
        # --8<-- [start:batching]
        written: dict[int, list[Post]] = {number: [] for number in author_ids}
        for post in await self._rows(Post, POSTS + " WHERE author_id = ANY(%s) ORDER BY id", [author_ids]):
            written[post.author_id].append(post)
        return [written[number] for number in author_ids]
        # --8<-- [end:batching]

    async def page(self, page: Page, chosen: PostFilter) -> Slice[Post]:
        """A page of the chosen posts, the newest first."""
        # --8<-- [start:pages]
        # The last ones are the first ones from the other end.
        order: LiteralString = " ORDER BY id ASC LIMIT %s" if page.is_last else " ORDER BY id DESC LIMIT %s"
        rows = await self._rows(
            Post,
            POSTS
            + """
            WHERE id < coalesce(%s, 9223372036854775807) AND id > coalesce(%s, 0)
            AND (%s::bigint IS NULL OR author_id = %s)
            AND created_at >= coalesce(%s, '-infinity'::timestamptz)
            AND created_at < coalesce(%s, 'infinity'::timestamptz)
            """
            + order,
            [
                *(page.after, page.before),
                *[None if chosen.author_id is None else number_of(chosen.author_id) or 0] * 2,
                *(chosen.created_from, chosen.created_before),
                # One more than was asked for tells whether there is one more.
                page.size + 1,
            ],
        )
        return page.cut(rows)
        # --8<-- [end:pages]

    async def create_user(self, name: str, email: str) -> User:
        """Store a user; raises ``BadField``."""
        values = [checked("name", name), an_address("email", email)]
        # --8<-- [start:schema]
        return (await self._rows(User, "INSERT INTO users (name, email) VALUES (%s, %s) RETURNING *", values))[0]
        # --8<-- [end:schema]

    async def create_post(self, title: str, content: str | None, author_id: str) -> Post:
        """Store a post and announce it, both or neither; raises ``BadField``, also when there is no such author."""
        values = [checked("title", title), content and storable("content", content), number_of(author_id)]
        # --8<-- [start:schema]
        created = await self._rows(
            Post,
            """
            WITH created AS (
                INSERT INTO posts (title, content, author_id)
                SELECT %s, %s, id FROM users WHERE id = %s
                RETURNING id, title, content, author_id, created_at
            ), announced AS (
                SELECT pg_notify(%s, id::text) FROM created
            )
            SELECT created.* FROM created, announced
            """,
            [*values, NEW_POSTS],
        )
        if not created:
            raise BadField("authorId", "there is no user of that id")
        return created[0]
        # --8<-- [end:schema]

    async def _rows(self, kind: type[Row], query: LiteralString, values: Sequence[Any] = ()) -> list[Row]:
        async with self._database.connection() as connection, connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()
