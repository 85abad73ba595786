"""A promise that was not kept."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.02


class Unmet(AssertionError):
    """What was sent, what was expected, and what came back instead.

    ``hung`` when nothing came back in time; ``disconnected`` when the connection broke.
    """

    def __init__(
        self, expected: str, got: str = "", sent: str = "", *, hung: bool = False, disconnected: bool = False
    ) -> None:
        super().__init__(expected, got, sent)
        self.expected = expected
        self.got = got
        self.sent = sent
        self.hung = hung
        self.disconnected = disconnected

    def __str__(self) -> str:
        return f"expected {self.expected}, got {self.got}"


def expect(condition: object, expected: str, got: object = "", sent: str = "") -> None:
    """Raise ``Unmet`` unless the condition holds: for what no method of an answer says."""
    if not condition:
        raise Unmet(expected, str(got), sent)


def eventually(probe: Callable[[], T], *, within: float = 5, expected: str = "") -> T:
    """Call ``probe`` until it returns something true, and return that; for at most ``within`` seconds.

    An ``Unmet`` that it raises counts as not yet. At the end the last one is raised, or one that says ``expected``.
    """
    deadline = time.monotonic() + within
    while True:
        problem: Unmet | None = None
        value: T | None = None
        try:
            value = probe()
        except Unmet as unmet:
            problem = unmet
        if value:
            return value
        if time.monotonic() > deadline:
            raise problem or Unmet(f"{expected or 'it to happen'} within {within:g} s", f"after that: {value!r}")
        time.sleep(PAUSE)
