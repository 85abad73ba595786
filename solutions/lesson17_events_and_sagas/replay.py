"""Make anew what is made of events."""

from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.outbox import publish_again
from lesson17_events_and_sagas.shop_events import ORDERS, SALES


async def replay(database: Database) -> int:
    """Forget the states of orders and the sales, and have every event of the outbox published again; how many.

    Who forgets its state has to forget what it has handled, too. The others know every event, and do nothing again.
    """
    # --8<-- [start:replay]
    async with database.connection() as connection, connection.transaction():
        # Whoever is handling an event now has ended before we go on, and its note in the inbox is seen.
        await connection.execute("LOCK TABLE sales IN EXCLUSIVE MODE")
        await connection.execute("DELETE FROM sales")
        await connection.execute("UPDATE orders SET state = 'pending'")
        await connection.execute("DELETE FROM inbox WHERE consumer = ANY(%s)", [[ORDERS.name, SALES.name]])
        return await publish_again(connection)
    # --8<-- [end:replay]
