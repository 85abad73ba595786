"""What is done around every call: the same function serves on both sides, for all transports."""

import asyncio
import hmac
import logging
import time
from collections.abc import Mapping
from dataclasses import replace

import structlog
from starlette.datastructures import Headers
from structlog.contextvars import bound_contextvars, get_contextvars
from structlog.typing import FilteringBoundLogger

from lesson03_middleware_logging.request_ids import request_id
from lesson16_rpc_and_transports.calls import Call, Handler, Wrapper
from lesson16_rpc_and_transports.codes import Code, RpcError

log: FilteringBoundLogger = structlog.get_logger("calls")


def tell_all_errors(handler: Handler) -> Handler:
    """Log what nobody has expected, and tell the caller no more than INTERNAL."""

    async def telling(call: Call) -> bytes:
        try:
            return await handler(call)
        except RpcError:
            raise
        except Exception as error:
            log.exception("unexpected", method=call.method)
            raise RpcError(Code.INTERNAL, "something went wrong here") from error

    return telling


def end_of(error: BaseException) -> Code:
    """How a call has ended that raised this."""
    if isinstance(error, RpcError):
        return error.code
    return Code.CANCELLED if isinstance(error, asyncio.CancelledError) else Code.INTERNAL


def log_calls(side: str, transport: str) -> Wrapper:
    """Write a line for each call when it has ended; all lines below it get its request's id."""

    def wrap(handler: Handler) -> Handler:
        async def logged(call: Call) -> bytes:
            # TODO wrappers: Wrap every call
            return await handler(call)

        return logged

    return wrap


def pass_on_request_id(handler: Handler) -> Handler:
    """For clients: the other side logs the same id."""

    async def passing(call: Call) -> bytes:
        # TODO wrappers: Wrap every call
        return await handler(call)

    return passing


def show_token(token: str) -> Wrapper:
    """For clients: say who is calling (RFC 6750)."""

    def wrap(handler: Handler) -> Handler:
        async def showing(call: Call) -> bytes:
            # TODO wrappers: Wrap every call
            return await handler(call)

        return showing

    return wrap


def check_token(forbidden: Mapping[str, frozenset[str]]) -> Wrapper:
    """For servers: let only known tokens in; ``forbidden`` names for each token the methods that it may not call."""

    def wrap(handler: Handler) -> Handler:
        async def checked(call: Call) -> bytes:
            # TODO wrappers: Wrap every call
            return await handler(call)

        return checked

    return wrap
