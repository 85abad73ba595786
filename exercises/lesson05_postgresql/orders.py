"""Orders in PostgreSQL."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import class_row

from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField, OutOfStock
from lesson05_postgresql.models import Item, Line, Order, OrderDraft

# As for a price: twelve digits survive the binary floats of JSON parsers.
LARGEST_TOTAL = Decimal("9999999999.99")


class Row(NamedTuple):
    """One line of an order, with what it is a line of."""

    id: int
    created_at: datetime
    product_id: int
    quantity: int
    price: Decimal


def order_of(lines: Iterable[Row]) -> Order:
    """The order that these rows are the lines of."""
    rows = list(lines)
    items = [Line(product_id=row.product_id, quantity=row.quantity, price=row.price) for row in rows]
    return Order(id=rows[0].id, created_at=rows[0].created_at, items=items, total=total_of(items))


def total_of(items: Iterable[Line]) -> Decimal:
    """What these items cost together."""
    return sum((item.price * item.quantity for item in items), Decimal())


async def take(connection: AsyncConnection, item: Item, position: int) -> Decimal:
    """Take an item out of stock; its price. Raises ``BadField`` if there is no such product, or ``OutOfStock``.

    The row is locked from here to the end of the transaction: whoever else wants it waits, and then sees what is left.
    """
    # TODO orders: Sell what there is, and no more
    raise NotImplementedError("orders")


async def write(connection: AsyncConnection, lines: list[Line]) -> Order:
    """Write an order and its lines."""
    async with connection.cursor() as cursor:
        await cursor.execute("INSERT INTO orders DEFAULT VALUES RETURNING id, created_at")
        row = await cursor.fetchone()
        assert row is not None
        order = Order(id=row[0], created_at=row[1], items=lines, total=total_of(lines))
        await cursor.executemany(
            "INSERT INTO order_lines (order_id, position, product_id, quantity, price) VALUES (%s, %s, %s, %s, %s)",
            [(order.id, place, line.product_id, line.quantity, line.price) for place, line in enumerate(lines)],
        )
    return order


async def buy(connection: AsyncConnection, draft: OrderDraft) -> Order:
    """Take the stock and write the order, in a transaction of the caller's; raises ``BadField`` and ``OutOfStock``."""
    # TODO orders: Sell what there is, and no more
    raise NotImplementedError("orders")


class Orders:
    """Orders in two tables: one row for the order, one for each of its lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, draft: OrderDraft) -> Order:
        """Take the stock and write the order: all of it, or nothing when this raises, and when the process dies.

        Raises ``BadField`` and ``OutOfStock``.
        """
        # TODO orders: Sell what there is, and no more
        raise NotImplementedError("orders")

    async def get(self, order_id: int) -> Order | None:
        """The order, or None if there is none of that id."""
        # TODO orders: Sell what there is, and no more
        raise NotImplementedError("orders")

    async def older(self, than: int, limit: int) -> list[Order]:
        """At most ``limit`` orders with an id below ``than``, the newest first.

        The index finds the first of them at once, however many orders are newer.
        """
        # TODO pages: Turn pages that cost the same
        raise NotImplementedError("pages")
