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
    # TODO secrets: What must not be written
    return False


def hide_in_text(text: str) -> str:
    """The text with the secrets in it hidden: in a query, after a name, after Bearer, in the login of a URL."""
    # TODO secrets: What must not be written
    return text


def as_text(value: object) -> str:
    """The value as its class shows it; its class alone when even that fails."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be shown>"


def writable(value: Any, depth: int = 0) -> Any:
    """The same as JSON can express it, secrets hidden; never raises, also not for what contains itself."""
    # TODO values: Nothing breaks a line
    return value
