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
            # starter: self.read()
            # --8<-- [start:outage]
            try:
                self.read()
            except RedisError as error:
                log.warning("Redis is out of reach", error=str(error))
                time.sleep(PAUSE_S)
            # --8<-- [end:outage]

    def read(self) -> None:
        """Deliver what is new, or wait a moment for something."""
        # starter: time.sleep(PAUSE_S)
        # --8<-- [start:rooms]
        for stream in (EVENTS, ORDERS_SENT):
            if stream not in self._seen:
                self._seen[stream] = self._newest(stream)
        streams: Any = self._seen
        found: Any = self._redis.xread(streams, count=AT_ONCE, block=WAIT_MS)
        for stream, entries in found:
            for entry, fields in entries:
                self._seen[stream] = entry
                self._hand_on(stream, fields)
        # --8<-- [end:rooms]

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
