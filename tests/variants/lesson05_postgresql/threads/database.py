"""Connections to PostgreSQL of the blocking kind, each used by a thread."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from threading import Timer
from types import TracebackType
from typing import Self, TypeVar

import structlog
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

T = TypeVar("T")
log = structlog.get_logger("database")

CONNECTIONS = 8


class DatabaseGone(Exception):
    """The database does not answer; it may in a while."""


def break_off(connection: Connection) -> None:
    """End a connection under the thread that waits for it."""
    with suppress(OperationalError, OSError), socket(fileno=os.dup(connection.fileno())) as same:
        same.shutdown(SHUT_RDWR)


@contextmanager
def bounded(connection: Connection, seconds: float) -> Iterator[None]:
    """Break a connection off if the work in this context takes longer."""
    timer = Timer(seconds, break_off, [connection])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def answers(connection: Connection) -> None:
    """Raise ``OperationalError`` for a connection that is of no use any more."""
    with bounded(connection, 1):
        ConnectionPool.check_connection(connection)


class Database:
    """A pool of connections, and one of threads that use them."""

    def __init__(self, url: str, prepare: Callable[[Connection], None]) -> None:
        self._prepare = prepare
        self._is_prepared = False
        self._threads = ThreadPoolExecutor(32)
        self._pool = ConnectionPool(
            url,
            open=False,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=2,
            reconnect_timeout=2,
            check=answers,
            kwargs={"connect_timeout": 2},
        )

    async def __aenter__(self) -> Self:
        self._pool.open()
        try:
            await self.run(lambda connection: None)
        except DatabaseGone as error:
            log.warning("starting without the database", reason=str(error))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()
        self._threads.shutdown(wait=False)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do work in one transaction, in a thread; raises ``DatabaseGone``."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

    def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            if not self._is_prepared:
                with self._pool.connection() as connection, bounded(connection, 60):
                    self._prepare(connection)
                self._is_prepared = True
            with self._pool.connection() as connection, bounded(connection, 2):
                return work(connection)
        except OperationalError as error:
            raise DatabaseGone(str(error)) from error
