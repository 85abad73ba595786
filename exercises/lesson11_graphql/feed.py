"""New posts, whichever process has stored them: PostgreSQL tells all who listen."""

import asyncio
from collections.abc import AsyncGenerator

import structlog
from psycopg import AsyncConnection, Error
from psycopg.sql import SQL, Identifier

from lesson05_postgresql.database import DatabaseGone
from lesson11_graphql.blog import NEW_POSTS, Blog, Post

log = structlog.get_logger("feed")

CONNECTED_WITHIN_S = 2
PAUSE_S = 0.5
MOST_WAITING = 100


class Feed:
    """One connection that listens, and any number of subscribers in this process that hear what it hears."""

    def __init__(self, url: str, blog: Blog) -> None:
        self._url = url
        self._blog = blog
        self._subscribers: set[asyncio.Queue[Post]] = set()

    async def follow(self) -> None:
        """Listen as long as the app runs; connect again when the connection breaks."""
        # TODO subscriptions: Tell who has asked to be told
        return

    async def posts(self) -> AsyncGenerator[Post]:
        """Every post from now on; ends for a subscriber that is a hundred posts behind."""
        # TODO subscriptions: Tell who has asked to be told
        raise NotImplementedError("subscriptions")

    async def _listen(self) -> None:
        # TODO subscriptions: Tell who has asked to be told
        raise NotImplementedError("subscriptions")

    async def _tell(self, identifier: str) -> None:
        # TODO subscriptions: Tell who has asked to be told
        raise NotImplementedError("subscriptions")
