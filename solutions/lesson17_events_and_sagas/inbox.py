"""Which events were handled already: in the same database as what came of them."""

from collections.abc import Awaitable, Callable

from psycopg import AsyncConnection, DataError

from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.bus import Handler, Unusable
from lesson17_events_and_sagas.events import Event

Apply = Callable[[AsyncConnection, Event], Awaitable[None]]


async def is_new(connection: AsyncConnection, name: str, event: Event) -> bool:
    """Note that a consumer has an event; False if it had it before.

    Who handles the same event at the same time waits here until our transaction has ended.
    """
    # --8<-- [start:inbox]
    cursor = await connection.execute(
        "INSERT INTO inbox (consumer, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", [name, event.id]
    )
    return cursor.rowcount == 1
    # --8<-- [end:inbox]


def once(database: Database, name: str, apply: Apply) -> Handler:
    """A handler that applies each event once, however often it comes: the note and the effect, both or neither.

    What PostgreSQL could never keep, such as a text with NUL in it, is ``Unusable``.
    """

    async def handle(event: Event) -> None:
        try:
            # starter: async with database.connection() as connection, connection.transaction():
            # starter:     await apply(connection, event)
            # --8<-- [start:inbox]
            async with database.connection() as connection, connection.transaction():
                if await is_new(connection, name, event):
                    await apply(connection, event)
            # --8<-- [end:inbox]
        except DataError as error:
            raise Unusable(str(error)) from error

    return handle
