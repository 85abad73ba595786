"""Everybody may know of a new order."""

from psycopg import AsyncConnection

from lesson17_events_and_sagas.events import new_event
from lesson17_events_and_sagas.outbox import append
from lesson21_final_project.correlation import headers_now, request_id_now
from lesson21_final_project.orders.models import Placed
from lesson21_final_project.topics import ORDER_CREATED


async def announce(connection: AsyncConnection, order: Placed) -> None:
    """Have an order published once the transaction that it is placed in is committed, and never if it is not."""
    # TODO events: Say what has happened
    return
