"""How much one client may ask in a while (IETF draft-ietf-httpapi-ratelimit-headers)."""

from dataclasses import dataclass
from math import ceil
from secrets import token_hex

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lesson03_middleware_logging.problems import problem
from lesson08_redis_cache.link import Away, Link
from lesson08_redis_cache.scripts import COUNT

LIMITED = "/api/"


@dataclass(frozen=True)
class Standing:
    """Where a client stands after a request: whether it is allowed, how many are left, and until when, in seconds."""

    is_allowed: bool
    remaining: int
    reset_s: int


class Limiter:
    """Allows each client ``limit`` requests in any ``window_s`` seconds, over all processes that share a Redis."""

    def __init__(self, link: Link, limit: int, window_s: int) -> None:
        self._link = link
        self._limit = limit
        self._window_s = window_s

    async def count(self, client: str) -> Standing | None:
        """Count a request; None when Redis is away: better a few too many than none at all."""
        # starter: return None
        # --8<-- [start:rate-limit]
        values: list[str | int] = [self._limit, self._window_s * 1_000_000, token_hex(8)]
        try:
            allowed, remaining, reset = await self._link.run(COUNT, [f"rate:{client}"], values)
        except Away:
            return None
        return Standing(bool(allowed), remaining, ceil(reset / 1_000_000))
        # --8<-- [end:rate-limit]

    def headers(self, standing: Standing) -> dict[str, str]:
        """What the client is told of it."""
        # starter: return {}
        # --8<-- [start:rate-limit]
        headers = {
            "RateLimit-Policy": f'"default";q={self._limit};w={self._window_s}',
            "RateLimit": f'"default";r={standing.remaining};t={standing.reset_s}',
        }
        return headers if standing.is_allowed else {**headers, "Retry-After": str(standing.reset_s)}
        # --8<-- [end:rate-limit]


class RateLimit:
    """Refuses what goes beyond the limit, and tells each client how much it has left."""

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self.app = app
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        is_limited = scope["type"] == "http" and scope["path"].startswith(LIMITED)
        standing = await self.limiter.count(scope["client"][0]) if is_limited else None
        if standing is None:
            await self.app(scope, receive, send)
            return
        headers = self.limiter.headers(standing)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        # starter: await self.app(scope, receive, send_with_headers)
        # --8<-- [start:rate-limit]
        if standing.is_allowed:
            await self.app(scope, receive, send_with_headers)
        else:
            detail = "these are too many requests; Retry-After says in how many seconds there is room for one more"
            await problem(429, detail, headers=headers)(scope, receive, send)
        # --8<-- [end:rate-limit]
