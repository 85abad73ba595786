"""Grade in another process, which is ready before it is asked: what ``watch`` is quick by.

A server process imports everything once and forks for every run (multiprocessing's forkserver), so a run starts in
milliseconds, and nothing of one run is left for the next.
"""

import multiprocessing
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from taller.grading import Grading, Report, run
from taller.grading.engine import GradingError
from taller.processes.parent import signal_when_parent_dies

# Plugins import these when a suite first needs them; the server process has them from the start.
PRELOAD = ["taller.cli.grader", "taller.grading.plugin", "httpx", "jsonschema", "xml.etree.ElementTree"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOAD)


class GradingRun:
    """One grading run in a process of its own, with ``environment`` over what the server process has."""

    def __init__(self, grading: Grading, environment: Mapping[str, str]) -> None:
        self.connection, theirs = _context.Pipe(duplex=False)
        self._process: BaseProcess = _context.Process(
            target=_grade, args=(grading, dict(environment), theirs), daemon=True
        )
        self._process.start()
        theirs.close()

    def poll(self, seconds: float) -> bool:
        """Whether the result is there within ``seconds``."""
        return self.connection.poll(seconds)

    def result(self) -> Report:
        """The report; raises ``GradingError`` when there is none."""
        try:
            answer = self.connection.recv()
        except EOFError:
            answer = f"the grading process ended with status {self._process.exitcode}"
        self._process.join()
        if isinstance(answer, Report):
            return answer
        raise GradingError(str(answer))

    def cancel(self) -> None:
        """End the run; the servers that it started are gone when this returns."""
        self._process.terminate()
        self._process.join()


def warm_up() -> None:
    """Start the server process, so that the first run finds it ready."""
    process = _context.Process(target=_nothing)
    process.start()
    process.join()


def _nothing() -> None:
    pass


def _grade(grading: Grading, environment: dict[str, str], answer: Connection) -> None:
    os.environ.update(environment)
    # Ctrl-C reaches the whole terminal; only the process that asked decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal_when_parent_dies(signal.SIGTERM)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            answer.send(run(grading))
        except Exception as error:
            answer.send(str(error))
