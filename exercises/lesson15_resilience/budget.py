"""How many of the calls may be second calls."""

from tenacity import RetryCallState
from tenacity.stop import stop_base


class RetryBudget(stop_base):
    """A bucket of tokens: each request puts ``percent`` hundredths of one in, each retry takes a whole one out.

    It holds at most ``burst`` tokens, and is full in the beginning. For tenacity it is one more reason to stop.
    """

    def __init__(self, percent: int, burst: int) -> None:
        # In hundredths: tenths do not add up to one in binary.
        self._per_request = percent
        self._most = self._left = burst * 100

    def request(self) -> None:
        """A request has come."""
        # TODO budget: A budget for retries

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether there is no token for a retry; takes one if there is."""
        # TODO budget: A budget for retries
        return False
