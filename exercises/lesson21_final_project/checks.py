"""What a process needs, beside the databases that lesson18 has checks for."""

import asyncio
from urllib.parse import urlsplit

from lesson08_redis_cache.link import Away, Link
from lesson18_observability.probes import Check

AMQP_PORT = 5672


def broker(url: str) -> Check:
    """A check whether the broker takes connections."""
    parts = urlsplit(url)

    async def check() -> None:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port or AMQP_PORT)
        writer.close()

    return check


def redis(link: Link) -> Check:
    """A check whether Redis answers."""

    async def check() -> None:
        if link.is_away:
            raise Away

    return check
