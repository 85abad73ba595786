"""The payment service: takes money, and gives it back."""

from decimal import Decimal

from psycopg import AsyncConnection

from lesson17_events_and_sagas.events import Event, following
from lesson17_events_and_sagas.outbox import append
from lesson17_events_and_sagas.shop_events import OrderFacts, Type

SOURCE = "/payment"
LIMIT = Decimal(1000)


async def apply(connection: AsyncConnection, event: Event) -> None:
    """What it does about an event; the bank takes no payment above the limit."""
    order = OrderFacts.of(event)
    # --8<-- [start:saga]
    if event.type != Type.ORDER_PLACED:
        await pay(connection, order, -order.total)
        outcome = Type.PAYMENT_RETURNED
    elif order.total <= LIMIT:
        await pay(connection, order, order.total)
        outcome = Type.PAYMENT_ACCEPTED
    else:
        outcome = Type.PAYMENT_REFUSED
    await append(connection, following(event, outcome, SOURCE))
    # --8<-- [end:saga]


async def pay(connection: AsyncConnection, order: OrderFacts, amount: Decimal) -> None:
    """Take that much for an order, or give it back if it is below zero."""
    await connection.execute("INSERT INTO payments (order_id, amount) VALUES (%s, %s)", [order.order_id, amount])
