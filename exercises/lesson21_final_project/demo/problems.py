"""What can go wrong in the story."""

import time
from collections.abc import Callable
from typing import TypeVar

WITHIN_S = 30
PAUSE_S = 0.05

T = TypeVar("T")


class NotAsTold(Exception):
    """The system did something else than the story says."""


class NotNow(NotAsTold):
    """A service cannot answer now; it says so, and may be asked again."""


def until(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` finds as soon as it is not None; raises ``NotAsTold`` when it does not come."""
    deadline = time.monotonic() + WITHIN_S
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise NotAsTold(f"waited {WITHIN_S} s in vain for {what}")
        time.sleep(PAUSE_S)
    return found
