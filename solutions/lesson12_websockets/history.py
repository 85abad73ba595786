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
        # --8<-- [start:rooms]
        message = {"topic": draft.topic, "user": user, "text": draft.text, "timestamp": datetime.now(UTC).isoformat()}
        keys = [f"chat:once:{quote(user)}:{draft.client_id}", history_of(draft.topic), EVENTS]
        return int(self._post(keys, [json.dumps(message), KEPT_MESSAGES, KEPT_EVENTS, REMEMBERED_S]))
        # --8<-- [end:rooms]

    def since(self, topic: str, since: int) -> tuple[list[dict[str, Any]], bool]:
        """The messages after that id, and whether these are all."""
        # starter: return [], True
        # --8<-- [start:history]
        entries: Any = self._redis.xrange(history_of(topic), f"(0-{since}")
        messages = [{"id": int(entry.split("-")[1]), **json.loads(fields["message"])} for entry, fields in entries]
        return messages, not messages or messages[0]["id"] == since + 1
        # --8<-- [end:history]


def history_of(topic: str) -> str:
    """The key of a topic's messages."""
    return f"chat:history:{topic}"
