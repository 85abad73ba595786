"""A client of Redis that does not wait for long."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ANSWER_WITHIN_S = 1.0


def connect(url: str) -> Redis:
    """A client; each call answers or raises ``RedisError`` within about two seconds, also when Redis says nothing."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=ANSWER_WITHIN_S,
        socket_timeout=ANSWER_WITHIN_S,
        # A connection that was broken by a restart of Redis is made anew once; what fails then, fails.
        retry=Retry(NoBackoff(), 1),
    )
