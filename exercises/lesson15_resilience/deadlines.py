"""How long a caller waits, and what of it is left."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from lesson13_microservices.errors import UpstreamSilent
from lesson15_resilience.errors import DeadlinePassed

# A span and not a time of day: two machines' clocks differ, as gRPC's grpc-timeout knows.
TIMEOUT_HEADER = "X-Request-Timeout-Ms"
MILLISECONDS = re.compile(r"[0-9]{1,9}")


class Deadline:
    """A moment, ``seconds`` from now."""

    def __init__(self, seconds: float) -> None:
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Seconds until then; negative afterwards."""
        return self._at - monotonic()


def deadline_of(headers: Headers, longest_s: float) -> Deadline:
    """When the caller of a request gives up, ``longest_s`` from now at the latest.

    Raises ``HTTPException`` 400 for nonsense.
    """
    # TODO deadline: Pass the deadline on
    return Deadline(longest_s)


@asynccontextmanager
async def before(deadline: Deadline) -> AsyncIterator[None]:
    """End what is done in this context when the deadline passes, with ``DeadlinePassed``; begin nothing after it."""
    # TODO deadline: Pass the deadline on
    yield


def time_header(deadline: Deadline, timeout_s: float) -> list[tuple[bytes, bytes]]:
    """What an upstream is told of the time that it has: what is left, or what one attempt is given if that is less."""
    # TODO deadline: Pass the deadline on
    return []


@asynccontextmanager
async def given_up_after(seconds: float) -> AsyncIterator[None]:
    """End what is done in this context after some seconds, with ``UpstreamSilent``."""
    # TODO timeout: Wait for nobody for ever
    yield
