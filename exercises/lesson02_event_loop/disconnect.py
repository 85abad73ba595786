"""Clients that hang up before they have their answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

T = TypeVar("T")

CLIENT_CLOSED_REQUEST = 499


async def hung_up(request: Request) -> None:
    """Return once the client has closed the connection (https://asgi.readthedocs.io, "Disconnect - receive event")."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, which is cancelled when the client hangs up: then nobody is there to hear it.

    Raises an ``HTTPException`` with nginx's status for that case.
    """
    # TODO hang-up: Stop when nobody listens
    return await work
