"""How much a client may send."""

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import Receive, Scope, Send

LARGEST_BODY = 1_000_000
BODILESS = ("GET", "HEAD", "OPTIONS")


class BodyLimit(RequestBodyLimitMiddleware):
    """Starlette's limit for the methods whose bodies somebody reads; counting nothing would cost a read a tenth."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        if scope["type"] == "http" and scope["method"] in BODILESS:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
