"""An order is on its way: noted once, and told once."""

from dataclasses import dataclass
from typing import Self

from psycopg import AsyncConnection

from lesson17_events_and_sagas.bus import Unusable
from lesson17_events_and_sagas.events import Event
from lesson21_final_project.orders.models import Estado

SENT = "UPDATE orders SET estado = %s WHERE id = %s AND user_id = %s AND estado = %s"
NEXT_NUMBER = """
INSERT INTO mailboxes VALUES (%s, 1)
ON CONFLICT (user_id) DO UPDATE SET newest = mailboxes.newest + 1
RETURNING newest
"""


@dataclass(frozen=True)
class Shipment:
    """Which order is on its way, and to whom."""

    order_id: int
    user_id: str

    @classmethod
    def told_by(cls, event: Event) -> Self:
        """The shipment that an event tells of; raises ``Unusable`` when it tells of none."""
        try:
            return cls(int(str(event.data["orderId"])), str(event.data["userId"]))
        except (KeyError, ValueError) as error:
            raise Unusable(f"no shipment: {error!r}") from error


async def note_sent(connection: AsyncConnection, shipment: Shipment) -> bool:
    """Note that an order is on its way; False when that was known, or it is nobody's by now."""
    # TODO events: Say what has happened
    return False


async def leave_word(connection: AsyncConnection, shipment: Shipment) -> None:
    """Put a notification into the user's mailbox, under their next number."""
    # TODO notifications: The server speaks first
    return
