"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson05_postgresql import database as postgresql
from lesson05_postgresql.migrations import migrate
from lesson06_mongodb import database as mongodb
from lesson07_jwt_auth.app import create_app
from lesson07_jwt_auth.auth import Auth, prepare
from lesson07_jwt_auth.auth_settings import AuthSettings
from lesson07_jwt_auth.mongo_sessions import MongoSessions

settings = AuthSettings.from_environment()
configure_logging(settings)
users = mongodb.Database(settings.mongodb_url, prepare)
auth = Auth.over(users, MongoSessions(users), settings)
serve(create_app(postgresql.Database(settings.database_url, migrate), auth, settings), settings)
