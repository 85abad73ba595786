"""Numbers that several runs on one machine share without meeting."""

import fcntl
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

_held: list[int] = []


def lease(kind: str, numbers: Sequence[int], usable: Callable[[int], bool]) -> int:
    """Take a usable number that no other living process holds, from a random place on; it is ours until we end.

    A lock on a file (flock(2)) marks it, so a process that is killed gives its numbers back.
    Raises ``OSError`` when none is left.
    """
    folder = Path(tempfile.gettempdir()) / f"taller-leases-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    start = random.randrange(len(numbers))
    for number in [*numbers[start:], *numbers[:start]]:
        descriptor = os.open(folder / f"{kind}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        if usable(number):
            _held.append(descriptor)
            return number
        os.close(descriptor)
    raise OSError(f"no free {kind} is left on this machine")
