"""A child process that cannot outlive us."""

import json
import os
import selectors
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any, BinaryIO

from taller.processes import guard
from taller.processes.limits import Limits

KEPT_LINES = 400
LONGEST_LINE = 8192


class StartError(Exception):
    """A program that could not be started at all: not found, not executable, no permission."""


class Child:
    """A running program, behind a small guard process that ends it, and all that it started, when we end.

    ``pid`` is the program's own id, not the guard's. Standard output and error are one log, line by line:
    kept in the file ``log`` when one is given, handed to ``on_line``, and the end of it is ``tail()``.
    """

    def __init__(
        self, name: str, process: "subprocess.Popen[bytes]", control: int, status: int, output: "Output"
    ) -> None:
        self.name = name
        self.pid = 0
        self.exit_status: int | None = None
        self.overtime = False
        self._guard = process
        self._control: int | None = control
        self._output = output
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._started = threading.Event()
        self._errno = 0
        self._thread = threading.Thread(target=self._follow, args=(status,), name=f"follow {name}", daemon=True)
        self._thread.start()

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        *,
        name: str,
        env: Mapping[str, str],
        cwd: Path,
        log: Path | None = None,
        on_line: Callable[[str], None] | None = None,
        limits: Limits | None = None,
        uid: int | None = None,
        prefix: Sequence[str] = (),
    ) -> "Child":
        """Start ``argv`` and return once it runs.

        ``env`` is its whole environment; with ``uid`` it runs as that user (only root can); ``prefix`` is a command
        that the guard itself runs under, for mounts. Raises ``StartError`` when the program cannot be executed.
        """
        control, mine = os.pipe()
        status, theirs = os.pipe()
        job = {
            "argv": list(argv),
            "env": dict(env),
            "cwd": str(cwd),
            "limits": asdict(limits) if limits else None,
            "uid": uid,
            "status": theirs,
        }
        try:
            output = Output(log, on_line, limits.log_bytes if limits else None)
            process = subprocess.Popen(
                [*prefix, sys.executable, "-I", "-S", guard.__file__],
                stdin=control,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs,),
                start_new_session=True,
            )
        except BaseException:
            for descriptor in (mine, status):
                os.close(descriptor)
            raise
        finally:
            os.close(control)
            os.close(theirs)
        child = cls(name, process, mine, status, output)
        try:
            child._hand_over(job)
        except BaseException:
            child.kill()
            raise
        return child

    def signal(self, number: int) -> None:
        """Send a signal to the program itself; nothing happens when it has ended."""
        with self._lock:
            if self.exit_status is None:
                with suppress(ProcessLookupError):
                    os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait at most ``timeout`` seconds for the end of the program: its exit status, None while it runs."""
        self._ended.wait(timeout)
        return self.exit_status

    def stop(self, grace: float = 10, sig: int = SIGTERM) -> int:
        """Ask the program to end, wait ``grace`` seconds, then kill it; either way nothing of it is left."""
        self.signal(sig)
        self.wait(grace)
        return self.kill()

    def kill(self) -> int:
        """Kill the program and all its descendants, and return when they are gone."""
        self._close_control()
        self._guard.wait()
        self._thread.join()
        return self.exit_status if self.exit_status is not None else -SIGKILL

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        return "\n".join(list(self._output.lines)[-lines:])

    def _hand_over(self, job: dict[str, Any]) -> None:
        """Tell the guard what to do, and wait until it has; raises ``StartError``."""
        program = job["argv"][0]
        with self._lock:
            # Not as an argument: everybody on the machine may read those (proc(5), cmdline), and env holds passwords.
            if self._control is not None:
                with suppress(BrokenPipeError), open(self._control, "wb", closefd=False) as pipe:
                    pipe.write(json.dumps(job).encode() + b"\n")
        self._started.wait()
        if self._errno:
            raise StartError(f"{program}: {os.strerror(self._errno)}")
        if not self.pid:
            self._guard.wait()
            self._thread.join()
            raise StartError(f"{program}: {self.tail() or 'the process that guards it did not start'}")

    def _close_control(self) -> None:
        """Let go of the guard, which ends with all that it guards."""
        with self._lock:
            control, self._control = self._control, None
        if control is not None:
            os.close(control)

    def _follow(self, status: int) -> None:
        """Read what the program prints and what the guard reports, until both have ended."""
        assert self._guard.stdout is not None
        selector = selectors.DefaultSelector()
        selector.register(self._guard.stdout, selectors.EVENT_READ, self._output.take)
        selector.register(status, selectors.EVENT_READ, self._take_report)
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
                    if key.fd == status:
                        self._started.set()
        self._output.close()
        self._guard.stdout.close()
        os.close(status)
        selector.close()
        self._close_control()
        self._guard.wait()
        self._end(-SIGKILL)

    def _take_report(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            match line.split():
                case ["pid", number]:
                    self.pid = int(number)
                    self._started.set()
                case ["failed", number]:
                    self._errno = int(number)
                case ["overtime"]:
                    self.overtime = True
                case ["exit", number]:
                    self._end(int(number))

    def _end(self, status: int) -> None:
        with self._lock:
            if self.exit_status is None:
                self.exit_status = status
        self._ended.set()


class Output:
    """What a program prints: cut into lines, kept up to a bound."""

    def __init__(self, log: Path | None, on_line: Callable[[str], None] | None, most: int | None) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._file: BinaryIO | None = log.open("ab") if log else None
        self._on_line = on_line
        self._left = most
        self._rest = b""

    def take(self, data: bytes) -> None:
        """Add what came; whole lines are passed on, and nothing once the bound is reached."""
        if self._left is not None:
            if self._left <= 0:
                return
            data = data[: self._left]
            self._left -= len(data)
            if self._left <= 0:
                data += b"\n[the log has reached its limit: the rest is not kept]\n"
        if self._file:
            self._file.write(data)
            self._file.flush()
        *whole, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > LONGEST_LINE:
            whole.append(self._rest[:LONGEST_LINE])
            self._rest = self._rest[LONGEST_LINE:]
        for line in whole:
            self._line(line)

    def close(self) -> None:
        """Pass on what came after the last newline, and close the file."""
        if self._rest:
            self._line(self._rest)
        if self._file:
            self._file.close()

    def _line(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode(errors="replace")
        self.lines.append(text)
        if self._on_line:
            self._on_line(text)
