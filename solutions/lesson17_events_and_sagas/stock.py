"""The stock service: puts products aside, and puts them back."""

from psycopg import AsyncConnection
from psycopg.rows import class_row

from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.events import Event, following
from lesson17_events_and_sagas.models import Product
from lesson17_events_and_sagas.outbox import append
from lesson17_events_and_sagas.shop_events import OrderFacts, Type

SOURCE = "/stock"


async def apply(connection: AsyncConnection, event: Event) -> None:
    """What it does about an event."""
    order = OrderFacts.of(event)
    # --8<-- [start:saga]
    if event.type == Type.SHIPPING_REFUSED:
        await take(connection, order, -order.quantity)
        outcome = Type.STOCK_RELEASED
    elif await take(connection, order, order.quantity):
        outcome = Type.STOCK_RESERVED
    else:
        outcome = Type.STOCK_EXHAUSTED
    await append(connection, following(event, outcome, SOURCE))
    # --8<-- [end:saga]


async def take(connection: AsyncConnection, order: OrderFacts, quantity: int) -> bool:
    """Put so many aside for an order, or put them back if it is below zero; False if there are not that many."""
    cursor = await connection.execute(
        "UPDATE products SET stock = stock - %(quantity)s WHERE id = %(id)s AND stock >= %(quantity)s",
        {"quantity": quantity, "id": order.product_id},
    )
    if cursor.rowcount == 0:
        return False
    await connection.execute(
        "INSERT INTO reservations (order_id, quantity) VALUES (%s, %s)", [order.order_id, quantity]
    )
    return True


class Products:
    """What there is, and what it costs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, product: Product) -> None:
        """Keep a product, in the place of the one that had its id."""
        async with self._database.connection() as connection:
            await connection.execute(
                "INSERT INTO products (id, price, stock) VALUES (%s, %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET price = excluded.price, stock = excluded.stock",
                [product.id, product.price, product.stock],
            )

    async def get(self, product_id: str) -> Product | None:
        """The product, or None if there is none of that id."""
        async with self._database.connection() as connection, connection.cursor(row_factory=class_row(Product)) as rows:
            await rows.execute("SELECT id, price, stock FROM products WHERE id = %s", [product_id])
            return await rows.fetchone()
