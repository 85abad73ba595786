"""The orders service: takes orders, and follows what becomes of them."""

from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from structlog.contextvars import get_contextvars

from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField
from lesson17_events_and_sagas.events import Event, new_event
from lesson17_events_and_sagas.models import Order, OrderDraft, State
from lesson17_events_and_sagas.outbox import append
from lesson17_events_and_sagas.shop_events import OrderFacts, Type, UserFacts

SOURCE = "/orders"

SELECT = """
SELECT id, user_id, product_id, quantity, country, total, state, created_at,
    EXISTS (SELECT FROM deleted_users WHERE deleted_users.user_id = orders.user_id) AS orphaned,
    jsonb_build_object(
        'payments', ARRAY(SELECT amount FROM payments WHERE order_id = orders.id ORDER BY position),
        'reservations', ARRAY(SELECT quantity FROM reservations WHERE order_id = orders.id ORDER BY position),
        'shipments', (SELECT count(*) FROM shipments WHERE order_id = orders.id)
    ) AS effects
FROM orders
"""

STATES: dict[str, State] = {
    Type.PAYMENT_ACCEPTED: "paid",
    Type.STOCK_RESERVED: "reserved",
    Type.ORDER_SHIPPED: "shipped",
    Type.STOCK_EXHAUSTED: "cancelling",
    Type.SHIPPING_REFUSED: "cancelling",
    Type.STOCK_RELEASED: "cancelling",
    Type.PAYMENT_REFUSED: "cancelled",
    Type.PAYMENT_RETURNED: "cancelled",
}


def correlation_id() -> str | None:
    """The id of the request in hand, if there is one."""
    found: str | None = get_contextvars().get("request_id")
    return found


class Orders:
    """Orders in PostgreSQL; an event of each is in the outbox of the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, order_id: UUID, draft: OrderDraft) -> bool:
        """Keep an order under the id that its client gave it; False if there is one of that id already.

        Raises ``BadField`` for a product that does not exist.
        """
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute("SELECT price FROM products WHERE id = %s", [draft.product_id])
            if (price := await cursor.fetchone()) is None:
                raise BadField("productId", "there is no product of that id")
            facts = OrderFacts(order_id=order_id, total=price[0] * draft.quantity, **draft.model_dump())
            # TODO outbox: An order and its event: both or neither
            return await insert(connection, facts)

    async def get(self, order_id: UUID) -> Order | None:
        """The order, or None if there is none of that id."""
        async with self._database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(f"{SELECT} WHERE id = %s", [order_id])
            row = await cursor.fetchone()
            return Order.model_validate(row) if row else None

    async def of_user(self, user_id: str) -> list[Order]:
        """A user's orders, the oldest first."""
        async with self._database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(f"{SELECT} WHERE user_id = %s ORDER BY created_at, id", [user_id])
            return [Order.model_validate(row) for row in await cursor.fetchall()]

    async def delete_user(self, user_id: str) -> None:
        """Tell everybody that a user is gone; here for lesson06's service, whose users these are."""
        facts = UserFacts(user_id=user_id)
        deleted = new_event(Type.USER_DELETED, "/users", user_id, facts.to_data(), correlation_id=correlation_id())
        async with self._database.connection() as connection, connection.transaction():
            await append(connection, deleted)


async def insert(connection: AsyncConnection, facts: OrderFacts) -> bool:
    """Write an order; False if there is one of that id already."""
    cursor = await connection.execute(
        "INSERT INTO orders (id, user_id, product_id, quantity, country, total) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (id) DO NOTHING",
        [facts.order_id, facts.user_id, facts.product_id, facts.quantity, facts.country, facts.total],
    )
    return cursor.rowcount == 1


async def apply(connection: AsyncConnection, event: Event) -> None:
    """Keep what an event says of an order or a user.

    Both are kept in such a way that the events may come in any order, and any number of times.
    """
    if event.type == Type.USER_DELETED:
        await orphan(connection, UserFacts.of(event).user_id)
    else:
        await advance(connection, OrderFacts.of(event).order_id, STATES[event.type])


async def orphan(connection: AsyncConnection, user_id: str) -> None:
    """Keep that a user is gone: orders are looked at with it, also those that come later."""
    # TODO orphan: A user is gone
    raise NotImplementedError("orphan")


async def advance(connection: AsyncConnection, order_id: UUID, state: State) -> None:
    """Bring an order to a state, unless it is further already."""
    # TODO saga: A saga: forward, and back again
    raise NotImplementedError("saga")
