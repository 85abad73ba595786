"""Lines of JSON with the standard library's logging alone."""

import json
import logging
import os
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from secrets_out import HIDDEN, is_secret, without_secrets

current_request: ContextVar[str | None] = ContextVar("current_request", default=None)


def expressible(value: Any, ancestors: tuple[int, ...] = ()) -> Any:
    """The value as JSON can have it; a container inside itself becomes a text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else f"{value}"
    if isinstance(value, str):
        return without_secrets(value)
    if id(value) in ancestors or len(ancestors) > 20:
        return "(and so on)"
    inside = (*ancestors, id(value))
    if isinstance(value, dict):
        return {f"{k}": HIDDEN if is_secret(f"{k}") else expressible(v, inside) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [expressible(item, inside) for item in value]
    try:
        return without_secrets(f"{value}")
    except Exception:
        return f"({type(value).__name__})"


class JSONLines(logging.Formatter):
    """A record as one line; what was given as ``extra={"facts": {...}}`` is part of it."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Put the line together."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "service": self._service,
            "event": record.getMessage(),
            "request_id": current_request.get(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(expressible(line))


def set_up(environment: dict[str, str]) -> None:
    """Log as the environment says; raises ``ValueError`` with a line that names the variable."""
    level = environment.get("LOG_LEVEL", "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise ValueError(f"LOG_LEVEL is debug, info, warning or error, not {level!r}")
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    if folder := environment.get("LOG_DIR"):
        os.makedirs(folder, exist_ok=True)
        size = int(environment.get("LOG_MAX_BYTES", "10000000"))
        handlers += [RotatingFileHandler(f"{folder}/{name}", "a", size, 5) for name in ("combined.log", "error.log")]
        handlers[-1].setLevel(logging.ERROR)
    for handler in handlers:
        handler.setFormatter(JSONLines(environment.get("SERVICE", "shop")))
    logging.basicConfig(level=level.upper(), handlers=handlers)
