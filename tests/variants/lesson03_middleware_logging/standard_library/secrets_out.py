"""Secrets, and how to keep them out of texts: without one large pattern, word by word."""

import re
from urllib.parse import unquote

HIDDEN = "[hidden]"
WORDS = ("authorization", "cookie", "password", "secret", "token", "apikey")
BREAKS = re.compile(r"([?&\s])")


def is_secret(name: str) -> bool:
    """Whether a name is that of a secret."""
    return any(word in "".join(filter(str.isalpha, name.casefold())) for word in WORDS)


def without_secrets(text: str) -> str:
    """Hide what stands behind an equals sign or a colon after a secret's name."""
    return "".join(_piece(piece) for piece in BREAKS.split(text))


def _piece(piece: str) -> str:
    for sign in "=:":
        name, found, value = piece.partition(sign)
        if found and value and is_secret(unquote(name)):
            return f"{name}{sign}{HIDDEN}"
    return piece
