"""Many requests at the same time."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from taller.grading.client import Answer


def at_once(requests: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """The answers to requests that are sent at the same time, in the order of the requests; raises what one raises."""
    with ThreadPoolExecutor(len(requests)) as clients:
        return [future.result() for future in [clients.submit(request) for request in requests]]


def statuses(answers: Iterable[Answer]) -> dict[int, int]:
    """How often each status was answered."""
    return dict(Counter(answer.status for answer in answers))
