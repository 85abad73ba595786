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
    # TODO retry: Try again, where it can do no harm
    return False


def retry_after(headers: Headers, now: datetime) -> float:
    """For how many seconds an upstream asks to be left alone (RFC 9110, section 10.2.3); 0 when it does not."""
    # TODO retry: Try again, where it can do no harm
    return 0


class Pause:
    """Full jitter: anything between nothing and a bound that doubles each time; an upstream may ask for more."""

    def __init__(self, base_s: float) -> None:
        self._jitter = wait_random_exponential(multiplier=base_s, max=LONGEST_PAUSE_S)

    def __call__(self, state: RetryCallState) -> float:
        """Seconds until the next attempt."""
        # TODO retry: Try again, where it can do no harm
        raise NotImplementedError("retry")


def tell(state: RetryCallState) -> None:
    """Write to the log that a call is made again, and why."""
    error = state.outcome.exception() if state.outcome else None
    log.warning("trying again", after=state.attempt_number, pause_s=round(state.upcoming_sleep, 3), reason=repr(error))


def attempts(call: Call, most: int, base_s: float, budget: stop_base) -> AsyncRetrying:
    """The attempts at a call: one, or up to ``most`` when it may be repeated.

    The budget is asked last, when nothing else speaks against a further attempt.
    """
    # TODO retry: Try again, where it can do no harm
    return AsyncRetrying(stop=stop_after_attempt(1), reraise=True)
