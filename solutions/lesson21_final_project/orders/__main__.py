"""The composition root of the service of orders."""

from pathlib import Path

from lesson03_middleware_logging.serving import serve
from lesson05_postgresql.database import Database
from lesson05_postgresql.migrations import FOLDER
from lesson17_events_and_sagas.backends import bus_for
from lesson17_events_and_sagas.database import prepare
from lesson18_observability.checks import postgresql
from lesson18_observability.telemetry import start_telemetry
from lesson21_final_project.checks import broker, redis
from lesson21_final_project.orders.app import create_app
from lesson21_final_project.orders.settings import OrdersSettings
from lesson21_final_project.orders.wakeups import Wakeups
from lesson21_final_project.topics import ALL
from lesson21_final_project.tracing import observe

MIGRATIONS = Path(__file__).parent / "migrations"

settings = OrdersSettings.from_environment()
start_telemetry(settings)
database = Database(settings.database_url, prepare(FOLDER, MIGRATIONS))
wakeups = Wakeups(settings.redis_url)
app = create_app(database, bus_for(settings.broker_url, ALL), wakeups, settings)
checks = {"postgresql": postgresql(database), "rabbitmq": broker(settings.broker_url), "redis": redis(wakeups.link)}
observe(app, checks)
serve(app, settings, loop="asyncio")
