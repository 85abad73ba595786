"""The connections to PostgreSQL: a few, kept open, shared by all requests."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Self

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

log = structlog.get_logger("database")

MOST_CONNECTIONS = 10
CONNECTION_WITHIN_S = 2
CHECKED_WITHIN_S = 1
DONE_WITHIN_S = 2
PREPARED_WITHIN_S = 60

Prepare = Callable[[AsyncConnection], Awaitable[None]]


class DatabaseGone(Exception):
    """The database does not answer; it may in a while."""


def break_off(connection: AsyncConnection) -> None:
    """End a connection under whoever waits for it, who then gets an ``OperationalError``.

    Cancelling would not do: psycopg asks the server to stop the query and waits for its answer, and a server that
    says nothing does not answer that either.
    """
    # TODO outage: The database goes away and comes back
    raise NotImplementedError("outage")


@contextmanager
def bounded(connection: AsyncConnection, seconds: float) -> Iterator[None]:
    """Break a connection off if the work in this context takes longer."""
    timer = asyncio.get_running_loop().call_later(seconds, break_off, connection)
    try:
        yield
    finally:
        timer.cancel()


async def answers(connection: AsyncConnection) -> None:
    """Raise ``OperationalError`` for a connection that the server has dropped or leaves without an answer."""
    # TODO outage: The database goes away and comes back
    return


class Database:
    """A pool of connections, open as long as it is used as a context.

    ``prepare`` brings the schema up to date. It runs at the start, or before the first query once the database is
    there: until then a process starts and answers, as far as it can.
    """

    def __init__(self, url: str, prepare: Prepare) -> None:
        self._prepare = prepare
        self._is_prepared = False
        self._pool = AsyncConnectionPool(
            url,
            open=False,
            max_size=MOST_CONNECTIONS,
            timeout=CONNECTION_WITHIN_S,
            check=answers,
            # The pool waits longer after each failure. Given up early, it begins anew with the next request.
            reconnect_timeout=CONNECTION_WITHIN_S,
            kwargs={"autocommit": True, "connect_timeout": CONNECTION_WITHIN_S},
        )

    async def __aenter__(self) -> Self:
        await self._pool.open()
        try:
            async with self.connection():
                pass
        except DatabaseGone as error:
            log.warning("starting without the database", reason=str(error))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection for a short piece of work, each statement a transaction unless you begin one.

        Raises ``DatabaseGone`` when the database is not there, goes away meanwhile, or takes too long.
        """
        # TODO outage: The database goes away and comes back
        await self._make_ready()
        async with self._pool.connection() as connection:
            yield connection

    async def _make_ready(self) -> None:
        if not self._is_prepared:
            async with self._pool.connection() as connection:
                with bounded(connection, PREPARED_WITHIN_S):
                    await self._prepare(connection)
            self._is_prepared = True
