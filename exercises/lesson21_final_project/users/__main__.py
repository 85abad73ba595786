"""The composition root of the service of users."""

from lesson03_middleware_logging.serving import serve
from lesson06_mongodb.database import Database
from lesson17_events_and_sagas.backends import bus_for
from lesson18_observability.checks import mongodb
from lesson18_observability.telemetry import start_telemetry
from lesson21_final_project.checks import broker
from lesson21_final_project.topics import ALL
from lesson21_final_project.tracing import observe
from lesson21_final_project.users.app import create_app, prepare
from lesson21_final_project.users.settings import UsersSettings

settings = UsersSettings.from_environment()
start_telemetry(settings)
database = Database(settings.mongodb_url, prepare)
app = create_app(database, bus_for(settings.broker_url, ALL), settings)
observe(app, {"mongodb": mongodb(database), "rabbitmq": broker(settings.broker_url)})
# httpx, in the gateway, cannot look at an idle connection that uvloop has closed by itself.
serve(app, settings, loop="asyncio")
