"""What a process of the chat has to be told."""

from lesson07_jwt_auth.settings import TokenSettings
from lesson08_redis_cache.redis_url import RedisUrl


class ChatSettings(TokenSettings):
    """Where a process listens, how it logs, whose tokens it takes, and where Redis is."""

    redis_url: RedisUrl
