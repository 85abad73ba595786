"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson05_postgresql import database as postgresql
from lesson05_postgresql.migrations import migrate
from lesson06_mongodb import database as mongodb
from lesson07_jwt_auth.auth import Auth, prepare
from lesson08_redis_cache.app import create_app
from lesson08_redis_cache.link import Link
from lesson08_redis_cache.redis_sessions import RedisSessions
from lesson08_redis_cache.scripts import ALL
from lesson08_redis_cache.settings import ShopSettings

settings = ShopSettings.from_environment()
configure_logging(settings)
link = Link(settings.redis_url, settings.redis_timeout_ms / 1000, ALL)
auth = Auth.over(mongodb.Database(settings.mongodb_url, prepare), RedisSessions(link), settings)
serve(create_app(postgresql.Database(settings.database_url, migrate), link, auth, settings), settings)
