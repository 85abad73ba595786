"""Waiting for a state of the world by looking, never by sleeping a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL_S = 0.01


def until(attempt: Callable[[], T], *, timeout_s: float, check: Callable[[], None]) -> T:
    """Call ``attempt`` until it does not raise, and return what it returned.

    ``check`` is called in between and may raise to end the wait. After ``timeout_s`` seconds the last error is raised
    as the cause of a ``TimeoutError``.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        check()
        try:
            return attempt()
        # What a client raises while its server comes up differs by client and version; the deadline bounds them all.
        except Exception as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not ready within {timeout_s:g} s: {error}") from error
        time.sleep(INTERVAL_S)
