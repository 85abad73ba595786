"""Which names and values are secrets."""

import re
from urllib.parse import urlsplit

NAME = re.compile(r"(?:^|_)(PASSWORD|PASSWD|PASS|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SIGNING)_?KEY)(?:$|_)")
HARMLESS = re.compile(r"_(FILE|ID)$")
FILES = re.compile(r"(^|/)(\.env(?!\.example$)[^/]*|id_(rsa|ed25519|ecdsa)|\.netrc|\.pgpass|[^/]+\.(pem|key|p12|pfx))$")
VARIABLE = re.compile(r"\$\w+")


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret itself, not the name of one or of the file that it is in."""
    return bool(NAME.search(name.upper())) and not HARMLESS.search(name.upper())


def is_secret_file(path: str) -> bool:
    """Whether a file of this name is one that secrets are kept in."""
    return bool(FILES.search(path))


def password_in(url: str) -> str:
    """The password that a URL has in it; empty when it is none or has none."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def written_out(value: str) -> bool:
    """Whether a value can be read here: it is more than ``$NAME``, which is filled in from outside."""
    return bool(value) and not VARIABLE.fullmatch(value)
