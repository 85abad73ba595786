"""What a task may be, checked by hand."""

import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID


class Invalid(Exception):
    """The text names the field and says what is wrong with it."""


def draft_of(content: bytes) -> dict[str, Any]:
    """A task as a client asks for it; raises ``Invalid``."""
    draft = _object(content)
    _only(draft, {"task", "payload", "drill"})
    _payload(draft)
    drill = draft.setdefault("drill", {})
    _check(isinstance(drill, dict), "drill", "is no object")
    _only(drill, {"seconds", "failures"})
    _number(drill.setdefault("seconds", 0), "drill.seconds", (int, float), 0, 5)
    _number(drill.setdefault("failures", 0), "drill.failures", (int,), 0, 100)
    return draft


def task_of(content: bytes, content_type: str | None) -> dict[str, Any]:
    """A task as it lies in the queue; raises ``Invalid``."""
    _check(content_type == "application/json", "content type", f"is {content_type}")
    task = _object(content)
    extra = {name: task.pop(name, None) for name in ("id", "createdAt")}
    try:
        UUID(extra["id"])
        datetime.fromisoformat(str(extra["createdAt"]).replace("Z", "+00:00"))
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(f"id or createdAt: {error}") from error
    return extra | draft_of(json.dumps(task).encode())


def _payload(draft: dict[str, Any]) -> None:
    payload = draft.get("payload")
    _check(isinstance(payload, dict), "payload", "is no object")
    assert isinstance(payload, dict)
    match draft.get("task"):
        case "receipt":
            _only(payload, {"text"})
            text = payload.get("text")
            _check(isinstance(text, str) and 1 <= len(text) <= 10_000, "payload.text", "has 1 to 10,000 characters")
        case "points":
            _only(payload, {"customer", "points"})
            customer = payload.get("customer")
            is_name = isinstance(customer, str) and re.fullmatch(r"[\w-]{1,100}", customer)
            _check(is_name, "payload.customer", "has 1 to 100 letters, digits, _ or -")
            _number(payload.get("points"), "payload.points", (int,), 1, 1_000_000)
        case _:
            raise Invalid("task: is receipt or points")


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"body: {error}") from error
    _check(isinstance(value, dict), "body", "is no object")
    return dict(value)


def _only(value: dict[str, Any], known: set[str]) -> None:
    for name in value.keys() - known:
        raise Invalid(f"{name}: is unknown")


def _number(value: Any, field: str, kinds: tuple[type, ...], lowest: int, highest: int) -> None:
    is_number = isinstance(value, kinds) and not isinstance(value, bool)
    _check(is_number and lowest <= value <= highest, field, f"is a number from {lowest} to {highest}")


def _check(condition: object, field: str, message: str) -> None:
    if not condition:
        raise Invalid(f"{field}: {message}")
