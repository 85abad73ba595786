"""Errors that arrive as plain text from below the routes, such as the 413 of the body limit."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lesson03_middleware_logging.problems import problem

OF_THE_BODY = {"content-type", "content-length"}


def is_plain_error(message: Message) -> bool:
    """Whether an answer begins that is an error in plain text."""
    if message["type"] != "http.response.start" or message["status"] < 400:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")


class PlainErrorsAsProblems:
    """Puts a problem in the place of every error in plain text; its headers stay."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        # TODO problems: Say what is wrong in one format
        await self.app(scope, receive, send)
