"""A circuit breaker: an upstream that fails again and again is left alone for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from time import monotonic

import structlog
from structlog.typing import FilteringBoundLogger

from lesson15_resilience.errors import FAILURES, BreakerOpen

PROBE_AGAIN_S = 1

log: FilteringBoundLogger = structlog.get_logger("breaker")


class State(StrEnum):
    """Closed lets calls through, open none, half-open one at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Opens after so many failures in a row, for ``open_s`` seconds; then one call may try whether it can close."""

    def __init__(self, name: str, failures_to_open: int, open_s: float) -> None:
        self._log = log.bind(upstream=name)
        self._failures_to_open = failures_to_open
        self._open_s = open_s
        self._opened_at: float | None = None
        self._probing = False
        self.failures = 0

    @property
    def state(self) -> State:
        """What it lets through now."""
        # starter: return State.CLOSED
        # --8<-- [start:breaker]
        if self._opened_at is None:
            return State.CLOSED
        return State.OPEN if self._left() > 0 else State.HALF_OPEN
        # --8<-- [end:breaker]

    def refuse(self) -> None:
        """Raise ``BreakerOpen`` if a call may not be made now."""
        # starter:
        # --8<-- [start:breaker]
        if self.state is State.OPEN:
            raise BreakerOpen(self._left())
        if self.state is State.HALF_OPEN and self._probing:
            raise BreakerOpen(PROBE_AGAIN_S)
        # --8<-- [end:breaker]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Make one call in this context, and learn from how it ends; raises ``BreakerOpen``."""
        # starter: yield
        # --8<-- [start:breaker]
        self.refuse()
        is_probe = self.state is State.HALF_OPEN
        self._probing = is_probe or self._probing
        try:
            yield
        except FAILURES:
            self._failed(is_probe)
            raise
        else:
            self._succeeded(is_probe)
        finally:
            # Also when it was cut short, which says nothing of the upstream: the next call is the probe then.
            self._probing = self._probing and not is_probe
        # --8<-- [end:breaker]

    def _failed(self, is_probe: bool) -> None:
        # --8<-- [start:breaker]
        self.failures += 1
        # A call from before it opened, that ends only now, must not make it stay open for longer.
        if is_probe or (self.state is State.CLOSED and self.failures >= self._failures_to_open):
            self._opened_at = monotonic()
            self._log.error("breaker opened", failures=self.failures)
        # --8<-- [end:breaker]

    def _succeeded(self, is_probe: bool) -> None:
        # --8<-- [start:breaker]
        if is_probe:
            self._log.info("breaker closed")
        if is_probe or self.state is State.CLOSED:
            self._opened_at = None
            self.failures = 0
        # --8<-- [end:breaker]

    def _left(self) -> float:
        # --8<-- [start:breaker]
        return (self._opened_at or 0) + self._open_s - monotonic()
        # --8<-- [end:breaker]
