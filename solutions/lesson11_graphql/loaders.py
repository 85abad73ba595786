"""Loaders gather the keys that many resolvers ask for at the same time, and fetch them at once."""

from aiodataloader import DataLoader

from lesson11_graphql.blog import Blog, Post, User


class Loaders:
    """One set for each operation: a loader also remembers, and what it remembers grows old."""

    def __init__(self, blog: Blog) -> None:
        self._blog = blog
        # starter:
        # --8<-- [start:batching]
        self._users: DataLoader[int, User | None] = DataLoader(blog.users_by_id)
        self._posts: DataLoader[int, list[Post]] = DataLoader(blog.posts_by_author)
        # --8<-- [end:batching]

    async def author_of(self, post: Post) -> User | None:
        """Who wrote a post."""
        # starter: return await self._blog.user(str(post.author_id))
        # --8<-- [start:batching]
        return await self._users.load(post.author_id)
        # --8<-- [end:batching]

    async def posts_of(self, author: User) -> list[Post]:
        """What a user has written."""
        # starter: return (await self._blog.posts_by_author([author.id]))[0]
        # --8<-- [start:batching]
        return await self._posts.load(author.id)
        # --8<-- [end:batching]
