"""``python -I -S opened.py SOCKET… -- COMMAND…``: become a command once somebody listens on every socket.

Or after half a minute: one process that does not come must not keep away those that have.
"""

import os
import socket
import sys
import time

WITHIN_S = 30
PAUSE_S = 0.02


def listens(path: str) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def wait(paths: list[str], within_s: float) -> bool:
    """Wait until somebody listens on all of them; False when it took too long."""
    deadline = time.monotonic() + within_s
    while not all(listens(path) for path in paths):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True


if __name__ == "__main__":
    end = sys.argv.index("--")
    wait(sys.argv[1:end], WITHIN_S)
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
