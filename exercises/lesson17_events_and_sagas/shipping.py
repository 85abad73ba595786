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
    # TODO saga: A saga: forward, and back again
    raise NotImplementedError("saga")


async def ship(connection: AsyncConnection, order: OrderFacts) -> None:
    """Hand an order to the carrier."""
    await connection.execute(
        "INSERT INTO shipments (order_id, country) VALUES (%s, %s)", [order.order_id, order.country]
    )
