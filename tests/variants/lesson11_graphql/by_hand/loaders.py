"""Batching without a library: whoever asks waits until the loop has gone round, then one statement serves all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from lesson11_graphql.blog import Blog, Post, User

T = TypeVar("T")


class Batch(Generic[T]):
    """Collects numbers, and fetches what belongs to them at once."""

    def __init__(self, fetch: Callable[[list[int]], Awaitable[list[T]]]) -> None:
        self._fetch = fetch
        self._wanted: dict[int, asyncio.Future[T]] = {}

    async def get(self, number: int) -> T:
        """What belongs to a number."""
        loop = asyncio.get_running_loop()
        if not self._wanted:
            loop.call_soon(lambda: loop.create_task(self._run()))
        future = self._wanted.setdefault(number, loop.create_future())
        return await asyncio.shield(future)

    async def _run(self) -> None:
        wanted, self._wanted = self._wanted, {}
        try:
            found = await self._fetch([*wanted])
        except Exception as error:
            for future in wanted.values():
                future.set_exception(error)
            return
        for future, value in zip(wanted.values(), found, strict=True):
            future.set_result(value)


class Loaders:
    """One set for each operation."""

    def __init__(self, blog: Blog) -> None:
        self._users: Batch[User | None] = Batch(blog.users_by_id)
        self._posts: Batch[list[Post]] = Batch(blog.posts_by_author)

    async def author_of(self, post: Post) -> User | None:
        """Who wrote a post."""
        return await self._users.get(post.author_id)

    async def posts_of(self, author: User) -> list[Post]:
        """What a user has written."""
        return await self._posts.get(author.id)
