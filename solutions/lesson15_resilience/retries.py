"""Which calls are made again, how often, and when."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import structlog
from starlette.datastructures import Headers
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    retry_never,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)
from tenacity.stop import stop_base

from lesson15_resilience.calls import Call
from lesson15_resilience.errors import FAILURES, UpstreamFailing

log = structlog.get_logger("retries")

# RFC 9110, section 9.2.2: to ask for the same thing twice is to ask for it once.
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}
LONGEST_PAUSE_S = 10


def may_be_repeated(call: Call) -> bool:
    """Whether a second call of the same can do no harm, and nobody above us makes one anyway."""
    # starter: return False
    # --8<-- [start:retry]
    if call.attempt_above is not None:
        return False
    return call.method in IDEMPOTENT or "idempotency-key" in call.headers
    # --8<-- [end:retry]


def retry_after(headers: Headers, now: datetime) -> float:
    """For how many seconds an upstream asks to be left alone (RFC 9110, section 10.2.3); 0 when it does not."""
    # starter: return 0
    # --8<-- [start:retry]
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return 0
    # --8<-- [end:retry]


class Pause:
    """Full jitter: anything between nothing and a bound that doubles each time; an upstream may ask for more."""

    def __init__(self, base_s: float) -> None:
        self._jitter = wait_random_exponential(multiplier=base_s, max=LONGEST_PAUSE_S)

    def __call__(self, state: RetryCallState) -> float:
        """Seconds until the next attempt."""
        # --8<-- [start:retry]
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(Headers(raw=error.headers), datetime.now(UTC)) if isinstance(error, UpstreamFailing) else 0
        return max(asked, self._jitter(state))
        # --8<-- [end:retry]


def tell(state: RetryCallState) -> None:
    """Write to the log that a call is made again, and why."""
    error = state.outcome.exception() if state.outcome else None
    log.warning("trying again", after=state.attempt_number, pause_s=round(state.upcoming_sleep, 3), reason=repr(error))


def attempts(call: Call, most: int, base_s: float, budget: stop_base) -> AsyncRetrying:
    """The attempts at a call: one, or up to ``most`` when it may be repeated.

    The budget is asked last, when nothing else speaks against a further attempt.
    """
    # starter: return AsyncRetrying(stop=stop_after_attempt(1), reraise=True)
    # --8<-- [start:retry]
    return AsyncRetrying(
        retry=retry_if_exception_type(FAILURES) if may_be_repeated(call) else retry_never,
        wait=Pause(base_s),
        stop=stop_after_attempt(most) | stop_before_delay(call.deadline.left()) | budget,
        before_sleep=tell,
        reraise=True,
    )
    # --8<-- [end:retry]
