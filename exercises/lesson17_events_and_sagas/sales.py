"""How products sell: numbers that are made of events, and can be made anew of them."""

from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import class_row

from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.events import Event
from lesson17_events_and_sagas.models import Sales
from lesson17_events_and_sagas.shop_events import OrderFacts, Type

COUNT = """
INSERT INTO sales (product_id, placed, shipped, revenue) VALUES (%s, %s, %s, %s)
ON CONFLICT (product_id) DO UPDATE SET
    placed = sales.placed + excluded.placed,
    shipped = sales.shipped + excluded.shipped,
    revenue = sales.revenue + excluded.revenue
"""


async def apply(connection: AsyncConnection, event: Event) -> None:
    """Count an order that was placed, or that was shipped: adding is not idempotent, so each may come only once."""
    order = OrderFacts.of(event)
    if event.type == Type.ORDER_PLACED:
        await connection.execute(COUNT, [order.product_id, 1, 0, 0])
    else:
        await connection.execute(COUNT, [order.product_id, 0, 1, order.total])


async def sales_of(database: Database, product_id: str) -> Sales:
    """How a product sells; one that nobody knows does not."""
    async with database.connection() as connection, connection.cursor(row_factory=class_row(Sales)) as rows:
        await rows.execute("SELECT product_id, placed, shipped, revenue FROM sales WHERE product_id = %s", [product_id])
        return await rows.fetchone() or Sales(product_id=product_id, placed=0, shipped=0, revenue=Decimal())
