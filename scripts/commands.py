"""Run the commands of the set-up: their output goes to a log, people see what runs and for how long."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from console import Console

HEARTBEAT_S = 10


class NotAble(Exception):
    """The machine cannot do what is asked; the message is one line that says what to do about it."""


class CommandFailed(Exception):
    """A command ended with an error; `output` is all it printed."""

    def __init__(self, argv: Sequence[str], output: str) -> None:
        super().__init__(f"{argv[0]} failed")
        self.argv = list(argv)
        self.output = output


class Commands:
    """Runs commands one after another, in `cwd` unless told otherwise, and tells on `console` how they go.

    Every command inherits `lock`: should we be killed, the checkout stays locked until the command has ended too.
    """

    def __init__(self, console: Console, *, cwd: Path, log: Path, lock: int) -> None:
        self._console = console
        self._cwd = cwd
        self._log = log
        self._lock = lock
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the first command could have started."""
        return time.monotonic() - self._begun

    def run(self, doing: str, argv: Sequence[str], extra: Mapping[str, str], *, cwd: Path | None = None) -> str:
        """Run `argv` with our environment and `extra`, return what it printed.

        Raises CommandFailed when its exit status is not 0.
        """
        self._console.line(f"{self._clock()} {doing} ...")
        with self._log.open("wb") as log:
            child = subprocess.Popen(
                list(argv),
                cwd=cwd or self._cwd,
                env=environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(self._lock,),
            )
            try:
                self._watch(child, doing)
            finally:
                if child.poll() is None:
                    child.terminate()
                    child.wait()
        output = self._log.read_text(errors="replace")
        if child.returncode != 0:
            raise CommandFailed(argv, output)
        return output

    def _watch(self, child: subprocess.Popen[bytes], doing: str) -> None:
        next_heartbeat = time.monotonic() + HEARTBEAT_S
        while True:
            try:
                child.wait(timeout=0.2)
                return
            except subprocess.TimeoutExpired:
                self._console.status(f"{self._clock()} {doing}: {last_line(self._log)}")
            if not self._console.live and time.monotonic() > next_heartbeat:
                self._console.line(f"{self._clock()} ... {last_line(self._log)}")
                next_heartbeat += HEARTBEAT_S

    def _clock(self) -> str:
        return f"[{self.seconds:4.0f} s]"


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return our own environment with `extra`: proxies, certificates and pip's settings reach every command."""
    passed = {**os.environ, **extra}
    # An active virtual environment is not the one that is made here; uv warns about the difference.
    passed.pop("VIRTUAL_ENV", None)
    return passed


def last_line(log: Path) -> str:
    """Return the last line in `log` that is not empty, or nothing."""
    lines: list[str] = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def succeeds(argv: Sequence[str]) -> bool:
    """Tell whether a quick, silent command ends with exit status 0."""
    try:
        done = subprocess.run(list(argv), stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
