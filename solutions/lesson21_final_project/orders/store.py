"""Orders and who placed them, in PostgreSQL."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import OutOfStock
from lesson05_postgresql.models import OrderDraft
from lesson05_postgresql.orders import buy
from lesson21_final_project.orders.announcements import announce
from lesson21_final_project.orders.departed import stay_or_raise
from lesson21_final_project.orders.models import Offered, Placed

SEEN = "id, user_id, estado, total, created_at"


class Store:
    """Orders in lesson05's tables, each with its user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, user_id: str, draft: OrderDraft, key: str | None) -> Placed:
        """Take the stock, write the order and have it announced: all of it, or nothing.

        With the key of an order that this user has placed already, that order. Raises ``BadField``, ``OutOfStock``
        and ``UserHasLeft``.
        """
        # --8<-- [start:orders]
        placed = await self._by_key(user_id, key)
        if placed:
            return placed
        try:
            async with self._database.connection() as connection, connection.transaction():
                await stay_or_raise(connection, user_id)
                return await self._write(connection, user_id, draft, key)
        except (UniqueViolation, OutOfStock):
            # Somebody was quicker with the same key, perhaps with the last of the stock: this is their order.
            placed = await self._by_key(user_id, key)
            if placed is None:
                raise
            return placed
        # --8<-- [end:orders]

    async def _write(self, connection: AsyncConnection, user_id: str, draft: OrderDraft, key: str | None) -> Placed:
        # --8<-- [start:orders]
        order = await buy(connection, draft)
        async with connection.cursor(row_factory=class_row(Placed)) as cursor:
            await cursor.execute(
                f"UPDATE orders SET user_id = %s, client_key = %s, total = %s WHERE id = %s RETURNING {SEEN}",
                [user_id, key, order.total, order.id],
            )
            placed = await cursor.fetchone()
        assert placed is not None
        await announce(connection, placed)
        return placed
        # --8<-- [end:orders]

    async def of_users(self, user_ids: Sequence[str]) -> list[Placed]:
        """All orders of these users, the oldest first, in one question."""
        # --8<-- [start:orders]
        async with self._database.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Placed))
            await cursor.execute(f"SELECT {SEEN} FROM orders WHERE user_id = ANY(%s) ORDER BY id", [list(user_ids)])
            return await cursor.fetchall()
        # --8<-- [end:orders]

    async def get(self, order_id: int) -> Placed | None:
        """The order, or None if there is none of that id."""
        # --8<-- [start:orders]
        return await self._one("id = %s", order_id)
        # --8<-- [end:orders]

    async def products(self) -> list[Offered]:
        """What can be ordered."""
        async with self._database.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Offered))
            await cursor.execute("SELECT id, name, price, stock FROM products ORDER BY id LIMIT 100")
            return await cursor.fetchall()

    async def _by_key(self, user_id: str, key: str | None) -> Placed | None:
        return await self._one("user_id = %s AND client_key = %s", user_id, key) if key else None

    async def _one(self, condition: LiteralString, *values: object) -> Placed | None:
        async with self._database.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Placed))
            await cursor.execute(f"SELECT {SEEN} FROM orders WHERE {condition}", values)
            return await cursor.fetchone()
