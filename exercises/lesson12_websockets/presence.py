"""Who hears which topic, over all processes."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from lesson12_websockets.events import EVENTS, KEPT_EVENTS

BEAT_S = 0.5
DEAD_AFTER_S = 2
PROCESSES = "chat:processes"
SCRIPTS = Path(__file__).parent / "scripts"

log = structlog.get_logger("presence")

Place = tuple[str, str]
"""A topic, and the id of a connection that hears it."""


class Presence:
    """Each process writes down its own connections, under a name of its own.

    A process is alive while it renews a key that expires. Whoever sees that another's has expired clears up after it.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._name = uuid4().hex
        self._arrive = redis.register_script((SCRIPTS / "arrive.lua").read_text(encoding="utf-8"))
        self._depart = redis.register_script((SCRIPTS / "depart.lua").read_text(encoding="utf-8"))
        self._here: dict[Place, str] = {}
        self._redis_may_differ = False
        self._beat_at = 0.0
        self._patient_until = 0.0

    def arrive(self, topic: str, connection: str, user: str) -> list[str]:
        """Note that a connection hears a topic; who does now. Raises ``RedisError`` when that cannot be known."""
        # TODO presence: Who is there
        return [user]

    def depart(self, topic: str, connection: str) -> None:
        """Note that a connection hears a topic no longer; when Redis is out of reach, it is told later."""
        # TODO presence: Who is there

    def beat(self) -> None:
        """Say that this process is alive, and clear up after those that are not."""
        # TODO presence: Who is there

    def beat_for_ever(self) -> None:
        """Beat until the process ends, whatever becomes of Redis."""
        while True:
            try:
                self.beat()
            except RedisError as error:
                log.warning("Redis is out of reach", error=str(error))
            time.sleep(BEAT_S)

    def close(self) -> None:
        """Take leave: nobody has to wait until this process is missed."""
        for topic, connection in list(self._here):
            self.depart(topic, connection)

    def _users(self, topic: str) -> list[str]:
        """Who hears a topic, by name."""
        # TODO presence: Who is there
        raise NotImplementedError("presence")

    def _make_redis_agree(self) -> None:
        """Tell Redis what it has missed, or what others have cleared away because we seemed dead."""
        # TODO presence: Who is there
        raise NotImplementedError("presence")

    def _bury_the_dead(self) -> None:
        """Clear up after processes that live no longer; two that do so at once announce nobody twice."""
        # TODO presence: Who is there
        raise NotImplementedError("presence")

    def _written_of(self, process: str) -> dict[Place, str]:
        """What Redis has of a process."""
        topics: Any = self._redis.smembers(_topics_of(process))
        written: dict[Place, str] = {}
        for topic in topics:
            connections: Any = self._redis.hgetall(_here(topic, process))
            written |= {(topic, connection): user for connection, user in connections.items()}
        return written

    def _tell(self, script: Script, process: str, topic: str, connection: str, user: str, message: str) -> None:
        """Run one of the scripts."""
        announcement = json.dumps({"message": message, "topic": topic, "user": user})
        keys = [_here(topic, process), _topics_of(process), PROCESSES, EVENTS]
        script(keys, [topic, process, connection, user, announcement, KEPT_EVENTS])


def _life_of(process: str) -> str:
    return f"chat:process:{process}"


def _topics_of(process: str) -> str:
    return f"chat:topics:{process}"


def _here(topic: str, process: str) -> str:
    return f"chat:here:{topic}:{process}"
