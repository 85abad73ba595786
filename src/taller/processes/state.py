"""Directories for what servers keep while they run, gone when their owner is."""

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

PREFIX = "taller-"
LOCK = ".owner"
BEING_MADE_S = 60
ROOM_BYTES = 400_000_000


class StateDirectory:
    """A directory in memory (``/dev/shm``) where it has room, else in the temporary directory.

    It is locked while its owner lives. An owner that was killed could not remove it; the next one to create
    a state directory does.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    @classmethod
    def create(cls, purpose: str) -> "StateDirectory":
        """Make a new one; ``purpose`` becomes part of its name."""
        sweep()
        while True:
            path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getuid()}-{purpose}-", dir=_parent()))
            # Programs that run as another user pass through it to what is theirs below.
            path.chmod(0o711)
            lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (path / LOCK).exists():
                return cls(path, lock)
            # Another run's sweep saw it between its creation and its lock, and took it for stale.
            os.close(lock)

    def remove(self) -> None:
        """Delete it with all that it holds; a second call does nothing."""
        if self._lock is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = None


def sweep() -> None:
    """Delete the state directories of this user whose owners are gone."""
    for parent in {_memory(), Path(tempfile.gettempdir())}:
        for path in parent.glob(f"{PREFIX}{os.getuid()}-*"):
            _remove_if_stale(path)


def _remove_if_stale(path: Path) -> None:
    try:
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        # Its owner was killed before it could lock it, unless it is only just being made.
        if _age(path) > BEING_MADE_S:
            shutil.rmtree(path, ignore_errors=True)
        return
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(lock)


def _age(path: Path) -> float:
    """Seconds since it was last changed; 0 when it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def _memory() -> Path:
    return Path("/dev/shm")


def _parent() -> str | None:
    try:
        room = os.statvfs(_memory())
    except OSError:
        return None
    return str(_memory()) if room.f_bavail * room.f_frsize > ROOM_BYTES else None
