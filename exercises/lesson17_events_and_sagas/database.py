"""What the database needs for events."""

from pathlib import Path

from psycopg import AsyncConnection

from lesson05_postgresql.database import Prepare
from lesson05_postgresql.migrations import migrate

EVENTS = Path(__file__).parent / "migrations" / "events"
SHOP = Path(__file__).parent / "migrations" / "shop"


def prepare(*folders: Path) -> Prepare:
    """Make the outbox and the inbox, and then whatever the migrations in these folders make."""

    async def prepared(connection: AsyncConnection) -> None:
        for folder in (EVENTS, *folders):
            await migrate(connection, folder)

    return prepared
