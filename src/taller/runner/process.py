"""One process of a running lesson."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from taller.processes import Child, Limits, StartError
from taller.runner.confinement import Confinement
from taller.runner.diagnosis import diagnose
from taller.runner.errors import NotStarted
from taller.runner.readiness import READY_WITHIN, NotReady, ask_health, other_ports, wait_until_ready

SHELL_SYNTAX = frozenset(";&|<>()`\n")
READY = re.compile(r"\bready\b", re.IGNORECASE)


class Process:
    """A process of the formation, such as ``web.1``; it can be ended and started again with the same port.

    ``port`` is None for a worker. ``log_path`` holds all that it has printed since the run began.
    """

    def __init__(
        self,
        name: str,
        command: str,
        *,
        port: int | None,
        environment: Mapping[str, str],
        folder: Path,
        log_path: Path,
        confinement: Confinement,
        limits: Limits,
        display: Callable[[str], str],
        on_line: Callable[[str, str], None] | None,
    ) -> None:
        self.name = name
        self.port = port
        self.log_path = log_path
        self._command = command
        self._environment = environment
        self._folder = folder
        self._confinement = confinement
        self._limits = limits
        self._display = display
        self._on_line = on_line
        self._said_ready = False
        self._ready = False
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._running.pid

    @property
    def launched(self) -> bool:
        """Whether it was ever started."""
        return self._child is not None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._child is not None and self._child.exit_status is None

    @property
    def ready(self) -> bool:
        """Whether somebody has waited, since it was started, until it could serve."""
        return self._ready

    @property
    def exit_status(self) -> int | None:
        """How it ended: negative for a signal, None while it runs."""
        return self._running.exit_status

    def launch(self) -> None:
        """Start it; raises ``NotStarted`` when the shell cannot even be run."""
        self._said_ready = self._ready = False
        try:
            self._child = Child.start(
                ["/bin/sh", "-c", _in_place_of_the_shell(self._command)],
                name=self.name,
                env=self._environment,
                cwd=self._folder,
                log=self.log_path,
                on_line=self._hear,
                limits=self._limits,
                uid=self._confinement.uid,
                prefix=self._confinement.prefix,
            )
        except StartError as error:
            raise NotStarted(f"{self.name} did not start: {error}") from None

    def await_ready(self) -> None:
        """Wait until it can serve; raises ``NotStarted`` with what is wrong, in under eleven seconds."""
        child = self._running
        problem = wait_until_ready(child, self._ask)
        if problem is None:
            self._ready = True
            return
        if child.exit_status is not None:
            # What it said last may still be on its way.
            child.kill()
            raise NotStarted(self._how_it_ended(child.exit_status), log=self.tail())
        reason = problem.reason
        if self.port and (ports := other_ports(child, self.port)):
            reason += f"; it listens on {', '.join(map(str, ports))} instead: take the port from the environment"
        raise NotStarted(
            f"{self.name} runs, but was not ready within {READY_WITHIN:g} s: {reason}", log=self.tail(), hung=True
        )

    def settle(self) -> int | None:
        """Wait until it has ended or can serve, in under eleven seconds: its exit status, None while it runs."""
        wait_until_ready(self._running, self._ask)
        if not self.alive:
            # What it said last may still be on its way.
            self.kill()
        return self.exit_status

    def relaunch(self) -> None:
        """Start it again, after it has ended or by stopping it first, without waiting for it."""
        if self.launched:
            self.stop()
        self.launch()

    def restart(self) -> None:
        """Start it again, after it has ended or by stopping it first, and wait until it is ready."""
        self.relaunch()
        self.await_ready()

    def kill(self) -> None:
        """End it at once, as ``kill -9`` does; what it left behind when it ended by itself is ended too."""
        self._running.kill()

    def stop(self, grace: float = 10) -> int:
        """Ask it to end (SIGTERM), wait ``grace`` seconds, then kill it; its exit status."""
        return self._running.stop(grace)

    def signal(self, number: int) -> None:
        """Send it a signal, such as SIGSTOP."""
        self._running.signal(number)

    def wait(self, timeout: float) -> int | None:
        """Wait for its end at most ``timeout`` seconds: its exit status, None while it runs."""
        return self._running.wait(timeout)

    def tail(self, lines: int = 20) -> str:
        """The last lines that it printed, with paths as a person knows them."""
        return self._display(self._running.tail(lines))

    @property
    def log_size(self) -> int:
        """How many bytes it has printed since the run began."""
        return self.log_path.stat().st_size

    def log(self, since: int = 0) -> str:
        """What it has printed since the run began, or since its log had the size ``since``."""
        with self.log_path.open("rb") as file:
            file.seek(since)
            return self._display(file.read().decode(errors="replace"))

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._child

    def _hear(self, line: str) -> None:
        if READY.search(line):
            self._said_ready = True
        if self._on_line:
            self._on_line(self.name, self._display(line))

    def _ask(self) -> NotReady | None:
        if self.port is not None:
            return ask_health(self.port)
        return None if self._said_ready else NotReady('it has not printed a line with the word "ready"')

    def _how_it_ended(self, status: int) -> str:
        found = diagnose(self.tail(200), self._display(str(self._folder)))
        how = f"was killed by signal {-status}" if status < 0 else f"ended with exit status {status}"
        return f"{self.name} {how} before it was ready" + (f": {found}" if found else "")


def _in_place_of_the_shell(command: str) -> str:
    """Have the shell become the program where it can: one that stays in between would get its signals."""
    is_simple = not SHELL_SYNTAX & set(command) and "=" not in command.split()[0]
    return f"exec {command}" if is_simple else command
