"""The shipping service: sends what is paid and put aside, where the carrier goes."""

from psycopg import AsyncConnection

from lesson17_events_and_sagas.events import Event, following
from lesson17_events_and_sagas.outbox import append
from lesson17_events_and_sagas.shop_events import OrderFacts, Type

SOURCE = "/shipping"
SERVED = frozenset({"ES", "PT"})


async def apply(connection: AsyncConnection, event: Event) -> None:
    """What it does about an order that is ready to go."""
    order = OrderFacts.of(event)
    # --8<-- [start:saga]
    outcome = Type.ORDER_SHIPPED if order.country in SERVED else Type.SHIPPING_REFUSED
    if outcome is Type.ORDER_SHIPPED:
        await ship(connection, order)
    await append(connection, following(event, outcome, SOURCE))
    # --8<-- [end:saga]


async def ship(connection: AsyncConnection, order: OrderFacts) -> None:
    """Hand an order to the carrier."""
    await connection.execute(
        "INSERT INTO shipments (order_id, country) VALUES (%s, %s)", [order.order_id, order.country]
    )
