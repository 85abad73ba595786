"""The middleware that writes a line for every request, and answers where the app fails to."""

import logging
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bound_contextvars
from structlog.typing import FilteringBoundLogger

from lesson03_middleware_logging.exchange import Exchange
from lesson03_middleware_logging.problems import problem

log: FilteringBoundLogger = structlog.get_logger("request")


class AnswerBrokenOff(Exception):
    """Raised for the server to close the connection, so that half an answer does not pass for a whole one."""


def level_of(exchange: Exchange) -> int:
    """How much the outcome of a request matters; health checks are many and tell little."""
    # TODO levels: How much is told
    return logging.INFO


def facts(exchange: Exchange) -> dict[str, Any]:
    """What the line of a request tells."""
    # TODO request-line: A line for every request
    return {}


def details(exchange: Exchange) -> dict[str, Any]:
    """What the line tells besides when somebody looks for a mistake."""
    # TODO levels: How much is told
    return {}


async def answer_for_the_app(exchange: Exchange) -> None:
    """Tell the client of an exception: by a 500, or when an answer has begun, by breaking that off."""
    # TODO exceptions: When the code fails
    return


class RequestLog:
    """Gives each request an id, and logs it with its outcome; to be the outermost middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        debugging = log.is_enabled_for(logging.DEBUG)
        exchange = Exchange(scope, receive, send, keep_body=debugging)
        with bound_contextvars(request_id=exchange.request_id):
            try:
                await self.app(scope, exchange.receive, exchange.send)
            except ClientDisconnect:
                # The exchange has noted it, and the app is not to blame.
                pass
            except Exception as error:
                exchange.error = error
                await answer_for_the_app(exchange)
            finally:
                more = details(exchange) if debugging else {}
                log.log(level_of(exchange), "request", **facts(exchange), **more, exc_info=exchange.error)
