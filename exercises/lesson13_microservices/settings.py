"""What the gateway has to be told."""

from typing import Annotated

import httpx
from pydantic import AfterValidator, Field

from lesson07_jwt_auth.settings import TokenSettings


def base_url(url: str) -> str:
    """The URL itself; raises ValueError, without the URL in it because that may have a password, when it is no base.

    Whatever path a client asks for is asked for there, so the URL has none of its own.
    """
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        parts = httpx.URL()
    more_than_an_origin = parts.userinfo or parts.raw_path != b"/" or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.host or more_than_an_origin:
        raise ValueError("a URL such as http://host:port is due, without a path or a login")
    return url


class GatewaySettings(TokenSettings):
    """Where the gateway listens, how it logs, what tokens are signed with, and where the services are.

    A service that sends nothing for ``upstream_timeout_s`` seconds is taken for one that will not answer.
    """

    users_url: Annotated[str, AfterValidator(base_url)]
    products_url: Annotated[str, AfterValidator(base_url)]
    upstream_timeout_s: float = Field(default=5, gt=0, le=60)
