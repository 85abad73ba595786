"""What a process that remembers answers in Redis has to be told, or may be."""

from pydantic import Field

from lesson05_postgresql.settings import DatabaseSettings
from lesson07_jwt_auth.auth_settings import AuthSettings
from lesson08_redis_cache.redis_url import RedisUrl


class CacheSettings(DatabaseSettings):
    """Where Redis is, how long it is waited for, how long a product is kept there, and how much a client may ask.

    A client may send ``rate_limit`` requests in any ``rate_window_s`` seconds.
    """

    redis_url: RedisUrl
    redis_timeout_ms: int = Field(default=250, ge=10, le=10_000)
    cache_ttl_s: int = Field(default=60, ge=1, le=86_400)
    rate_limit: int = Field(default=100, ge=1, le=1_000_000)
    rate_window_s: int = Field(default=10, ge=1, le=86_400)


class ShopSettings(CacheSettings, AuthSettings):
    """All that the shop with a cache and with people has to be told."""
