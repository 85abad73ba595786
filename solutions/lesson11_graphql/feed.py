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
        # starter: return
        # --8<-- [start:subscriptions]
        while True:
            try:
                await self._listen()
            except Error as error:
                log.warning("not listening", reason=str(error))
            await asyncio.sleep(PAUSE_S)
        # --8<-- [end:subscriptions]

    async def posts(self) -> AsyncGenerator[Post]:
        """Every post from now on; ends for a subscriber that is a hundred posts behind."""
        # --8<-- [start:subscriptions]
        waiting: asyncio.Queue[Post] = asyncio.Queue(MOST_WAITING)
        self._subscribers.add(waiting)
        try:
            while waiting in self._subscribers or not waiting.empty():
                yield await waiting.get()
        finally:
            self._subscribers.discard(waiting)
        # --8<-- [end:subscriptions]

    async def _listen(self) -> None:
        # --8<-- [start:subscriptions]
        async with await AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECTED_WITHIN_S
        ) as connection:
            await connection.execute(SQL("LISTEN {}").format(Identifier(NEW_POSTS)))
            async for notification in connection.notifies():
                await self._tell(notification.payload)
        # --8<-- [end:subscriptions]

    async def _tell(self, identifier: str) -> None:
        # --8<-- [start:subscriptions]
        if not self._subscribers:
            return
        try:
            post = await self._blog.post(identifier)
        except DatabaseGone as error:
            log.warning("missed a post", id=identifier, reason=str(error))
            return
        for waiting in [*self._subscribers]:
            if waiting.full():
                self._subscribers.discard(waiting)
            elif post:
                waiting.put_nowait(post)
        # --8<-- [end:subscriptions]
