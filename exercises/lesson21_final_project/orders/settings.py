"""What the service of orders has to be told."""

from lesson05_postgresql.settings import DatabaseSettings
from lesson08_redis_cache.redis_url import RedisUrl
from lesson21_final_project.settings import BrokerSettings, InsideSettings


class OrdersSettings(InsideSettings, DatabaseSettings, BrokerSettings):
    """Where its database, the broker and Redis are."""

    service: str = "orders"
    redis_url: RedisUrl
