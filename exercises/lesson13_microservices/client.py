"""The HTTP client that the gateway talks to the services with."""

import logging
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

CONNECTED_WITHIN_S = 2
# Less than the five seconds after which uvicorn closes an idle connection: it must not do so just as we use it.
IDLE_AT_MOST_S = 2


def new_client(timeout_s: float) -> httpx.AsyncClient:
    """A client that adds nothing of its own; ``timeout_s`` is how long a service may say nothing."""
    for name in ("httpx", "httpcore"):
        # A line for every request is written already, and what these write has headers in it.
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        # A jar would give one customer's cookies to the next.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        # A service that keeps all its connections busy must not take those of the others.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=IDLE_AT_MOST_S),
        timeout=httpx.Timeout(timeout_s, connect=CONNECTED_WITHIN_S),
        # Whoever sets HTTP_PROXY did not mean the process next door.
        trust_env=False,
    )
