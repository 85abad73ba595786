"""Loaders gather the keys that many resolvers ask for at the same time, and fetch them at once."""

from aiodataloader import DataLoader

from lesson11_graphql.blog import Blog, Post, User


class Loaders:
    """One set for each operation: a loader also remembers, and what it remembers grows old."""

    def __init__(self, blog: Blog) -> None:
        self._blog = blog
        # TODO batching: A hundred authors, one statement

    async def author_of(self, post: Post) -> User | None:
        """Who wrote a post."""
        # TODO batching: A hundred authors, one statement
        return await self._blog.user(str(post.author_id))

    async def posts_of(self, author: User) -> list[Post]:
        """What a user has written."""
        # TODO batching: A hundred authors, one statement
        return (await self._blog.posts_by_author([author.id]))[0]
