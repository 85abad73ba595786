"""Orders in PostgreSQL."""

from functools import partial
from pathlib import Path

from psycopg import AsyncConnection
from psycopg.rows import class_row

from lesson05_postgresql.migrations import migrate
from lesson18_observability.models import Order, OrderDraft

COLUMNS = "id, user_id, total"

prepare = partial(migrate, folder=Path(__file__).parent / "migrations")


async def add(connection: AsyncConnection, draft: OrderDraft) -> Order:
    """Store an order under a new id."""
    async with connection.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(
            f"INSERT INTO orders (user_id, total) VALUES (%s, %s) RETURNING {COLUMNS}", [draft.user_id, draft.total]
        )
        order = await cursor.fetchone()
        assert order is not None
        return order


async def get(connection: AsyncConnection, order_id: int) -> Order | None:
    """The order of that id; None if there is none."""
    async with connection.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(f"SELECT {COLUMNS} FROM orders WHERE id = %s", [order_id])
        return await cursor.fetchone()
