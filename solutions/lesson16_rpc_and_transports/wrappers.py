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
            # starter: return await handler(call)
            # --8<-- [start:wrappers]
            began, end = time.perf_counter(), Code.OK
            # Over HTTP lesson03's middleware has it already.
            known = get_contextvars().get("request_id") or request_id(Headers(dict(call.metadata)))
            with bound_contextvars(request_id=known):
                try:
                    return await handler(call)
                except BaseException as error:
                    end = end_of(error)
                    raise
                finally:
                    duration_ms = round((time.perf_counter() - began) * 1000, 3)
                    level = logging.ERROR if end is Code.INTERNAL else logging.INFO
                    facts = {"side": side, "transport": transport, "method": call.method, "code": end.name}
                    log.log(level, "call", **facts, duration_ms=duration_ms)
            # --8<-- [end:wrappers]

        return logged

    return wrap


def pass_on_request_id(handler: Handler) -> Handler:
    """For clients: the other side logs the same id."""

    async def passing(call: Call) -> bytes:
        # starter: return await handler(call)
        # --8<-- [start:wrappers]
        known = get_contextvars().get("request_id")
        return await handler(replace(call, metadata={**call.metadata, "x-request-id": known}) if known else call)
        # --8<-- [end:wrappers]

    return passing


def show_token(token: str) -> Wrapper:
    """For clients: say who is calling (RFC 6750)."""

    def wrap(handler: Handler) -> Handler:
        async def showing(call: Call) -> bytes:
            # starter: return await handler(call)
            # --8<-- [start:wrappers]
            return await handler(replace(call, metadata={**call.metadata, "authorization": f"Bearer {token}"}))
            # --8<-- [end:wrappers]

        return showing

    return wrap


def check_token(forbidden: Mapping[str, frozenset[str]]) -> Wrapper:
    """For servers: let only known tokens in; ``forbidden`` names for each token the methods that it may not call."""

    def wrap(handler: Handler) -> Handler:
        async def checked(call: Call) -> bytes:
            # starter: return await handler(call)
            # --8<-- [start:wrappers]
            scheme, _, token = call.metadata.get("authorization", "").partition(" ")
            # In constant time, so that how long it takes says nothing about how much of a guess is right.
            known = [each for each in forbidden if hmac.compare_digest(each.encode(), token.encode())]
            if scheme.lower() != "bearer" or not known:
                raise RpcError(Code.UNAUTHENTICATED, "a valid token is needed")
            if call.method in forbidden[known[0]]:
                raise RpcError(Code.PERMISSION_DENIED, "this token may not do that")
            return await handler(call)
            # --8<-- [end:wrappers]

        return checked

    return wrap
