"""The inbox: the effect first, and then the note; who comes second fails at the note, and all is undone."""

from collections.abc import Awaitable, Callable

from psycopg import AsyncConnection, DataError
from psycopg.errors import UniqueViolation

from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.bus import Handler, Unusable
from lesson17_events_and_sagas.events import Event

Apply = Callable[[AsyncConnection, Event], Awaitable[None]]
SEEN = "SELECT FROM inbox WHERE consumer = %s AND event_id = %s"
NOTE = "INSERT INTO inbox (consumer, event_id) VALUES (%s, %s)"


def once(database: Database, name: str, apply: Apply) -> Handler:
    """A handler that applies each event once."""

    async def handle(event: Event) -> None:
        note = [name, event.id]
        async with database.connection() as connection:
            try:
                async with connection.transaction():
                    if (await connection.execute(SEEN, note)).rowcount:
                        return
                    await apply(connection, event)
                    await connection.execute(NOTE, note)
            except UniqueViolation:
                return
            except DataError as error:
                raise Unusable(str(error)) from error

    return handle
