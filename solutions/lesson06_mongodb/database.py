"""The connections to MongoDB: a few, kept open, shared by all requests."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import pymongo
import structlog
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, PyMongoError

log = structlog.get_logger("database")

MOST_CONNECTIONS = 10
ANSWERED_WITHIN_S = 2
PREPARED_WITHIN_S = 60

Document = dict[str, Any]
Mongo = AsyncDatabase[Document]
Prepare = Callable[[Mongo], Awaitable[None]]


class DatabaseGone(Exception):
    """The database does not answer; it may in a while."""


class Database:
    """A client of MongoDB, open as long as it is used as a context.

    ``prepare`` makes the indexes. It runs at the start, or before the first query once the database is there: until
    then a process starts and answers, as far as it can.
    """

    def __init__(self, url: str, prepare: Prepare) -> None:
        # starter:
        # --8<-- [start:passwords]
        # At the level of debug pymongo logs every command whole, and with it the hashes in the documents.
        logging.getLogger("pymongo.command").setLevel(logging.INFO)
        # --8<-- [end:passwords]
        self._prepare = prepare
        self._is_prepared = False
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(
            url,
            maxPoolSize=MOST_CONNECTIONS,
            tz_aware=True,
            # How soon the driver notices a server that says nothing: it asks in the background, and waits for so long.
            connectTimeoutMS=ANSWERED_WITHIN_S * 1000,
        )

    async def __aenter__(self) -> Self:
        try:
            async with self.reached():
                pass
        except DatabaseGone as error:
            log.warning("starting without the database", reason=str(error))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Mongo]:
        """The database, for a short piece of work.

        Raises ``DatabaseGone`` when it is not there, goes away meanwhile, or takes too long.
        """
        # starter: mongo = self._client.get_default_database()
        # starter: await self._make_ready(mongo)
        # starter: yield mongo
        # --8<-- [start:outage]
        mongo = self._client.get_default_database()
        try:
            await self._make_ready(mongo)
            with pymongo.timeout(ANSWERED_WITHIN_S):
                yield mongo
        except PyMongoError as error:
            if error.timeout or isinstance(error, ConnectionFailure):
                raise DatabaseGone(str(error)) from error
            raise
        # --8<-- [end:outage]

    async def _make_ready(self, mongo: Mongo) -> None:
        if not self._is_prepared:
            with pymongo.timeout(ANSWERED_WITHIN_S):
                await mongo.command("ping")
            # The server is there, and an index over many documents may take it longer.
            with pymongo.timeout(PREPARED_WITHIN_S):
                await self._prepare(mongo)
            self._is_prepared = True
