"""The process that asked for this one, when multiprocessing's forkserver stands between them."""

import multiprocessing
import os
from threading import Thread


def signal_when_parent_dies(number: int) -> None:
    """Send ourselves a signal when the process that asked for us has died, however it did.

    ``PR_SET_PDEATHSIG`` would not do: our parent in the kernel's sense is the forkserver, which outlives that process
    for as long as one of its children runs.
    """
    Thread(target=_wait, args=(number,), name="parent", daemon=True).start()


def _wait(number: int) -> None:
    asking = multiprocessing.parent_process()
    assert asking is not None
    asking.join()
    os.kill(os.getpid(), number)
