"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson06_mongodb.app import create_app
from lesson06_mongodb.database import Database
from lesson06_mongodb.settings import MongoSettings
from lesson06_mongodb.users import prepare_users

settings = MongoSettings.from_environment()
configure_logging(settings)
serve(create_app(Database(settings.mongodb_url, prepare_users)), settings)
