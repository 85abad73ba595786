"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson05_postgresql.database import Database
from lesson05_postgresql.migrations import migrate
from lesson08_redis_cache.app import create_app
from lesson08_redis_cache.link import Link
from lesson08_redis_cache.scripts import ALL
from lesson08_redis_cache.settings import CacheSettings

settings = CacheSettings.from_environment()
configure_logging(settings)
database = Database(settings.database_url, prepare=migrate)
link = Link(settings.redis_url, settings.redis_timeout_ms / 1000, ALL)
serve(create_app(database, link, settings), settings)
