"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson05_postgresql.app import create_app
from lesson05_postgresql.database import Database
from lesson05_postgresql.migrations import migrate
from lesson05_postgresql.settings import DatabaseSettings

settings = DatabaseSettings.from_environment()
configure_logging(settings)
serve(create_app(Database(settings.database_url, prepare=migrate)), settings)
