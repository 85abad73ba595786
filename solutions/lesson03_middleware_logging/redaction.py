"""What may be written to a log: values that JSON can express, without secrets."""

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

HIDDEN = "[hidden]"
HIDDEN_NAMES = ("authorization", "cookie", "password", "secret", "token", "apikey")
DEEPEST = 6

# Each of these looks at a character a bounded number of times: whoever writes the text also chooses its length.
QUERY_FIELD = re.compile(r"(?<=[?&])(?P<name>[^=&?\s]+)=[^&\s]*")
NAMED_VALUE = re.compile(
    r"""(?P<name>(?:authorization|cookie|password|secret|token|api[-_]?key)[\w.-]{0,40}["']?\s{0,4}[=:]\s{0,4})"""
    r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:(?:bearer|basic)\s+)?[^\s"'&,;]+)""",
    re.IGNORECASE,
)
BEARER = re.compile(r"(?P<name>\bbearer\s+)[\w.~+/=-]+", re.IGNORECASE)
LOGIN_OF_URL = re.compile(r"(?P<name>://[^:/@\s]*:)[^/@\s]+(?=@)")


def is_secret(name: str) -> bool:
    """Whether what goes by this name must not be written."""
    # starter: return False
    # --8<-- [start:secrets]
    plain = re.sub(r"[-_\s]", "", name.lower())
    return any(word in plain for word in HIDDEN_NAMES)
    # --8<-- [end:secrets]


def hide_in_text(text: str) -> str:
    """The text with the secrets in it hidden: in a query, after a name, after Bearer, in the login of a URL."""
    # starter: return text
    # --8<-- [start:secrets]
    text = QUERY_FIELD.sub(
        lambda field: f"{field['name']}={HIDDEN}" if is_secret(unquote_plus(field["name"])) else field[0], text
    )
    for pattern in (NAMED_VALUE, BEARER, LOGIN_OF_URL):
        text = pattern.sub(rf"\g<name>{HIDDEN}", text)
    return text
    # --8<-- [end:secrets]


def as_text(value: object) -> str:
    """The value as its class shows it; its class alone when even that fails."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be shown>"


def writable(value: Any, depth: int = 0) -> Any:
    """The same as JSON can express it, secrets hidden; never raises, also not for what contains itself."""
    # starter: return value
    # --8<-- [start:values]
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return hide_in_text(value)
        case _ if depth == DEEPEST:
            return "..."
        case Mapping():
            return {
                str(key): HIDDEN if is_secret(str(key)) else writable(item, depth + 1) for key, item in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [writable(item, depth + 1) for item in value]
        case _:
            return hide_in_text(as_text(value))
    # --8<-- [end:values]
