"""The composition root of ``worker``: payment, stock and shipping.

They are three services: each has tables of its own, and knows of the others by their events alone. One process runs all
three only because that is cheaper on a small machine.
"""

import asyncio

from lesson03_middleware_logging.logs import configure_logging
from lesson05_postgresql.database import Database
from lesson17_events_and_sagas import payment, shipping, stock
from lesson17_events_and_sagas.backends import bus_for
from lesson17_events_and_sagas.database import SHOP, prepare
from lesson17_events_and_sagas.inbox import once
from lesson17_events_and_sagas.serving import until_stopped
from lesson17_events_and_sagas.settings import WorkerSettings
from lesson17_events_and_sagas.shop_events import ALL, PAYMENT, SHIPPING, STOCK


async def main(settings: WorkerSettings) -> None:
    """Do what the events ask for, until asked to stop."""
    async with Database(settings.database_url, prepare(SHOP)) as database, bus_for(settings.broker_url, ALL) as bus:
        await until_stopped(
            bus.consume(PAYMENT, once(database, PAYMENT.name, payment.apply)),
            bus.consume(STOCK, once(database, STOCK.name, stock.apply)),
            bus.consume(SHIPPING, once(database, SHIPPING.name, shipping.apply)),
        )


if __name__ == "__main__":
    settings = WorkerSettings.from_environment()
    configure_logging(settings)
    asyncio.run(main(settings))
