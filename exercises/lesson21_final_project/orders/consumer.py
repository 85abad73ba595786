"""What the service of orders does when it hears of something."""

from psycopg import AsyncConnection

from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.bus import Handler
from lesson17_events_and_sagas.events import Event
from lesson17_events_and_sagas.inbox import once
from lesson21_final_project.correlation import heard_of
from lesson21_final_project.orders.departed import orphan
from lesson21_final_project.orders.hub import Hub
from lesson21_final_project.orders.shipments import Shipment, leave_word, note_sent
from lesson21_final_project.orders.wakeups import Wakeups
from lesson21_final_project.topics import OF_ORDERS, ORDER_SENT


async def apply(connection: AsyncConnection, event: Event) -> None:
    """What an event changes, in the transaction that notes that it was heard."""
    if event.type != ORDER_SENT:
        await orphan(connection, event)
        return
    shipment = Shipment.told_by(event)
    if await note_sent(connection, shipment):
        await leave_word(connection, shipment)


def handler(database: Database, hub: Hub, wakeups: Wakeups) -> Handler:
    """Handle each event once, and then wake whoever has clients to tell."""
    noted = once(database, OF_ORDERS.name, apply)

    async def handle(event: Event) -> None:
        with heard_of(event, OF_ORDERS.name):
            await noted(event)
            if event.type == ORDER_SENT:
                user_id = Shipment.told_by(event).user_id
                hub.wake(user_id)
                await wakeups.call(user_id)

    return handle
