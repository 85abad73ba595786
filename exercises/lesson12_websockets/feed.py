"""Tails streams of Redis, for ever."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

from lesson12_websockets.events import EVENTS, ORDERS_SENT, Event, event_of

WAIT_MS = 500
PAUSE_S = 0.2
AT_ONCE = 100

log = structlog.get_logger("feed")


class Feed:
    """Hands on every event that is added to the streams from now on, in order.

    PUBLISH and SUBSCRIBE would be simpler, but forget whoever is not there in that moment. A stream remembers: after
    an outage the feed goes on where it was.
    """

    def __init__(self, redis: Redis, deliver: Callable[[Event], None]) -> None:
        self._redis = redis
        self._deliver = deliver
        self._seen: dict[str, str] = {}

    def run(self) -> None:
        """Read and deliver until the process ends."""
        while True:
            # TODO outage: When Redis is away, and when you are asked to go
            self.read()

    def read(self) -> None:
        """Deliver what is new, or wait a moment for something."""
        # TODO rooms: To those who are in the room
        time.sleep(PAUSE_S)

    def _newest(self, stream: str) -> str:
        """The id of a stream's last entry."""
        entries: Any = self._redis.xrevrange(stream, count=1)
        return str(entries[0][0]) if entries else "0-0"

    def _hand_on(self, stream: str, fields: dict[str, str]) -> None:
        try:
            event = event_of(stream, fields)
        except (KeyError, ValueError) as error:
            log.warning("an entry makes no sense", stream=stream, error=repr(error))
        else:
            self._deliver(event)
