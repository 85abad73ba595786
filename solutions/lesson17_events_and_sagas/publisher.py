"""The composition root of ``relay``: publishes what the services have put into the outbox."""

import asyncio

from lesson03_middleware_logging.logs import configure_logging
from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.backends import bus_for
from lesson17_events_and_sagas.database import SHOP, prepare
from lesson17_events_and_sagas.relay import Relay
from lesson17_events_and_sagas.serving import until_stopped
from lesson17_events_and_sagas.settings import WorkerSettings
from lesson17_events_and_sagas.shop_events import ALL


async def main(settings: WorkerSettings) -> None:
    """Publish until asked to stop."""
    async with Database(settings.database_url, prepare(SHOP)) as database, bus_for(settings.broker_url, ALL) as bus:
        await until_stopped(Relay(database, bus).run())


if __name__ == "__main__":
    settings = WorkerSettings.from_environment()
    configure_logging(settings)
    asyncio.run(main(settings))
