"""Random names and passwords, and URLs that carry them."""

import secrets
from urllib.parse import parse_qsl, quote, urlencode, urlsplit


def random_name() -> str:
    """A name that no other run takes, and that every server accepts unquoted."""
    return f"taller_{secrets.token_hex(6)}"


def random_password() -> str:
    """128 random bits, in characters that need no escape in a URL."""
    return secrets.token_hex(16)


def with_login(url: str, user: str, password: str, path: str, **options: str) -> str:
    """The same server for another login: hosts and query stay (with ``options`` set over it), user and path change."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2]
    query = urlencode(dict(parse_qsl(parts.query)) | options)
    return parts._replace(netloc=f"{user}:{password}@{hosts}", path=f"/{quote(path, safe='')}", query=query).geturl()
