"""What may come in, checked by hand."""

import json
import re
from typing import Any

EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
ROLES = ("customer", "admin")
CHECKS = {
    "name": lambda text: 1 <= len(text.strip()) <= 200,
    "email": lambda text: len(text) <= 254 and EMAIL.fullmatch(text),
    "role": lambda text: text in ROLES,
    "password": lambda text: 8 <= len(text) <= 128,
}


class Refused(Exception):
    """A request that cannot be done: the status, and the field that is to blame."""

    def __init__(self, status: int, field: str = "", message: str = "this cannot be taken") -> None:
        super().__init__(message)
        self.status = status
        self.field = field


def is_text(value: Any) -> bool:
    """Whether this is Unicode text."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def fields_of(body: bytes, required: tuple[str, ...] = ()) -> dict[str, str]:
    """The fields of a user in a body of JSON; raises ``Refused``."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "body") from None
    if not isinstance(fields, dict):
        raise Refused(422, "body")
    for name, value in fields.items():
        if name not in CHECKS or not is_text(value) or not CHECKS[name](value):
            raise Refused(422, name)
    for name in required:
        if name not in fields:
            raise Refused(422, name, "this is missing")
    if "name" in fields:
        fields["name"] = fields["name"].strip()
    return fields


def number_of(params: Any, name: str, lowest: int, highest: int, default: int) -> int:
    """An integer from the query; raises ``Refused``."""
    text = params.get(name, str(default))
    if not re.fullmatch(r"\d{1,19}", text, re.ASCII) or not lowest <= int(text) <= highest:
        raise Refused(422, name)
    return int(text)
