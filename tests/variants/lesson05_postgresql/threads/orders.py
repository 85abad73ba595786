"""Orders in PostgreSQL, by blocking calls: all rows are locked first, then looked at."""

from decimal import Decimal
from typing import Any

from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField, OutOfStock
from lesson05_postgresql.models import Line, Order, OrderDraft

LARGEST_TOTAL = Decimal("9999999999.99")


def place(connection: Any, draft: OrderDraft) -> Order:
    """Take the stock and write the order."""
    wanted = [item.product_id for item in draft.items]
    query = "SELECT id, price, stock FROM products WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
    found = {row[0]: row[1:] for row in connection.execute(query, [wanted])}
    for position, item in enumerate(draft.items):
        if item.product_id not in found:
            raise BadField(f"items.{position}.productId", "there is no such product")
        if found[item.product_id][1] < item.quantity:
            raise OutOfStock(f"too few of product {item.product_id}")
    lines = [Line(**item.model_dump(), price=found[item.product_id][0]) for item in draft.items]
    total = sum(line.price * line.quantity for line in lines)
    if total > LARGEST_TOTAL:
        raise BadField("items", "that is too much for one order")
    for line in lines:
        take = "UPDATE products SET stock = stock - %s WHERE id = %s"
        connection.execute(take, [line.quantity, line.product_id])
    order_id, created_at = connection.execute("INSERT INTO orders DEFAULT VALUES RETURNING id, created_at").fetchone()
    for position, line in enumerate(lines):
        connection.execute(
            "INSERT INTO order_lines VALUES (%s, %s, %s, %s, %s)",
            [order_id, position, line.product_id, line.quantity, line.price],
        )
    return Order(id=order_id, created_at=created_at, items=lines, total=total)


def read(connection: Any, order_id: int) -> Order | None:
    """One order."""
    row = connection.execute("SELECT id, created_at FROM orders WHERE id = %s", [order_id]).fetchone()
    if row is None:
        return None
    query = "SELECT product_id, quantity, price FROM order_lines WHERE order_id = %s ORDER BY position"
    lines = [
        Line(product_id=product, quantity=quantity, price=price)
        for product, quantity, price in connection.execute(query, [order_id])
    ]
    total = sum(line.price * line.quantity for line in lines)
    return Order(id=row[0], created_at=row[1], items=lines, total=total)


class Orders:
    """Orders in two tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, draft: OrderDraft) -> Order:
        return await self._database.run(lambda connection: place(connection, draft))

    async def get(self, order_id: int) -> Order | None:
        return await self._database.run(lambda connection: read(connection, order_id))

    async def older(self, than: int, limit: int) -> list[Order]:
        query = "SELECT id FROM orders WHERE id < %s ORDER BY id DESC LIMIT %s"

        def work(connection: Any) -> list[Order]:
            return [read(connection, order_id) for (order_id,) in connection.execute(query, [than, limit]).fetchall()]

        return await self._database.run(work)
