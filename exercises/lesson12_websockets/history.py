"""What was said, in Redis: every process adds to it and reads it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from redis import Redis

from lesson12_websockets.events import EVENTS, KEPT_EVENTS
from lesson12_websockets.payloads import Draft

KEPT_MESSAGES = 100
REMEMBERED_S = 600
POST = (Path(__file__).parent / "scripts" / "post.lua").read_text(encoding="utf-8")


class History:
    """The last messages of each topic; every method raises ``RedisError`` when Redis is out of reach."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._post = redis.register_script(POST)

    def post(self, user: str, draft: Draft) -> int:
        """Keep a message and have it delivered; its id, which is the first one's when it was sent before."""
        # TODO rooms: To those who are in the room
        raise NotImplementedError("rooms")

    def since(self, topic: str, since: int) -> tuple[list[dict[str, Any]], bool]:
        """The messages after that id, and whether these are all."""
        # TODO history: Nothing lost, nothing twice
        return [], True


def history_of(topic: str) -> str:
    """The key of a topic's messages."""
    return f"chat:history:{topic}"
