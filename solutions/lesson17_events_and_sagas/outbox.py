"""Events that wait to be published, in the same database as what they tell of."""

from collections.abc import Sequence

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from lesson17_events_and_sagas.events import Event

CHANNEL = "outbox"

INSERT = """
INSERT INTO outbox (id, type, source, subject, occurred_at, correlation_id, data, headers)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
NEXT = """
SELECT id, type, source, subject, occurred_at, correlation_id, data, headers
FROM outbox WHERE published_at IS NULL
ORDER BY position LIMIT %s
FOR UPDATE SKIP LOCKED
"""


async def append(connection: AsyncConnection, *events: Event) -> None:
    """Have events published once the transaction of this connection is committed, and never if it is not."""
    # --8<-- [start:outbox]
    async with connection.cursor() as cursor:
        await cursor.executemany(INSERT, [_row(event) for event in events])
        await cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    # --8<-- [end:outbox]


def _row(event: Event) -> tuple[object, ...]:
    return (
        event.id,
        event.type,
        event.source,
        event.subject,
        event.occurred_at,
        event.correlation_id,
        Jsonb(event.data),
        Jsonb(event.headers),
    )


async def unpublished(connection: AsyncConnection, limit: int) -> list[Event]:
    """The oldest events that nobody has published or is publishing; nobody else gets them in this transaction."""
    async with connection.cursor(row_factory=class_row(Event)) as cursor:
        await cursor.execute(NEXT, [limit])
        return await cursor.fetchall()


async def mark_published(connection: AsyncConnection, events: Sequence[Event]) -> None:
    """Note that the broker has them."""
    ids = [event.id for event in events]
    await connection.execute("UPDATE outbox SET published_at = now() WHERE id = ANY(%s)", [ids])


async def publish_again(connection: AsyncConnection) -> int:
    """Have every event published once more, with the id that it has; how many they are."""
    cursor = await connection.execute("UPDATE outbox SET published_at = NULL")
    await connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    return cursor.rowcount
