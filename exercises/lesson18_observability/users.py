"""The composition root of ``users``: lesson06's app, as it is, made observable."""

from lesson03_middleware_logging.serving import serve
from lesson06_mongodb.app import create_app
from lesson06_mongodb.database import Database
from lesson06_mongodb.settings import MongoSettings
from lesson06_mongodb.users import prepare_users
from lesson18_observability.checks import mongodb
from lesson18_observability.observed import make_observable
from lesson18_observability.settings import TelemetrySettings
from lesson18_observability.telemetry import start_telemetry


class UsersSettings(MongoSettings, TelemetrySettings):
    """What ``users`` has to be told: where its database is."""

    service: str = "users"


if __name__ == "__main__":
    settings = UsersSettings.from_environment()
    start_telemetry(settings)
    database = Database(settings.mongodb_url, prepare_users)
    app = create_app(database)
    make_observable(app, checks={"database": mongodb(database)})
    serve(app, settings)
