"""A circuit breaker whose states are objects, each of which decides on its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from lesson15_resilience.errors import FAILURES, BreakerOpen


class Closed:
    """Lets everything through."""

    name = "closed"

    def refuse(self) -> None:
        """Refuse nothing."""

    def enter(self) -> None:
        """Note nothing."""

    def leave(self, breaker: Breaker, ok: bool | None) -> None:
        """Open after so many failures in a row."""
        if ok is False and breaker.failures >= breaker.most:
            breaker.current = Opened(breaker.seconds)


class Opened:
    """Lets nothing through until its time is over, then one call at a time."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.probing = False

    @property
    def name(self) -> str:
        """Open first, half-open after that."""
        return "open" if time.monotonic() < self.until else "half-open"

    def refuse(self) -> None:
        """Raise unless the one call may be made."""
        if self.name == "open" or self.probing:
            raise BreakerOpen(max(1.0, self.until - time.monotonic()))

    def enter(self) -> None:
        """Make the one call."""
        self.probing = True

    def leave(self, breaker: Breaker, ok: bool | None) -> None:
        """The one call decides what comes next, unless it was cut short."""
        self.probing = False
        if ok is not None:
            breaker.current = Closed() if ok else Opened(breaker.seconds)


class Breaker:
    """A breaker in one of its states."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self.failures = 0
        self.current: Closed | Opened = Closed()

    @property
    def state(self) -> str:
        """The name of the state."""
        return self.current.name

    def refuse(self) -> None:
        """Raise ``BreakerOpen`` if no call may be made."""
        self.current.refuse()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Make a call in this context; its end is told to the state that it began in."""
        began_in = self.current
        began_in.refuse()
        began_in.enter()
        ok: bool | None = None
        try:
            yield
            ok = True
        except FAILURES:
            ok = False
            raise
        finally:
            if began_in is self.current:
                if ok is not None:
                    self.failures = 0 if ok else self.failures + 1
                began_in.leave(self, ok)
