"""What has to be there for a process to be of use: its own database and broker, and not other services.

If those counted too, one service that is away would take all that call it out of rotation with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lesson10_work_queues.link import BrokerUnavailable
from lesson18_observability.probes import Check

if TYPE_CHECKING:
    # At run time, who uses one database need not load the client of the other.
    from lesson05_postgresql.database import Database as PostgreSQL
    from lesson06_mongodb.database import Database as MongoDB


def postgresql(database: PostgreSQL) -> Check:
    """A check that asks the database something."""

    async def check() -> None:
        async with database.connection() as connection:
            await connection.execute("SELECT 1")

    return check


def mongodb(database: MongoDB) -> Check:
    """A check that asks the database something."""

    async def check() -> None:
        async with database.reached() as mongo:
            await mongo.command("ping")

    return check


class Connected(Protocol):
    """What knows whether its connection to the broker stands."""

    @property
    def connected(self) -> bool:
        """Whether it does, as far as this end knows."""


def broker(link: Connected) -> Check:
    """A check whether the connection to the broker stands."""

    async def check() -> None:
        if not link.connected:
            raise BrokerUnavailable("there is no connection")

    return check
