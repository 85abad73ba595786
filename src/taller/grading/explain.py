"""Turn an exception in a test into a verdict and words for the learner."""

import time
import traceback
from pathlib import Path

from taller.grading.bench import Bench
from taller.grading.report import Feedback, Verdict
from taller.grading.unmet import Unmet
from taller.runner import NotStarted, Process, RunnerError
from taller.runner.diagnosis import Diagnosis, diagnose
from taller.runner.errors import ConfinementError
from taller.runner.submission import shown
from taller.services import ServiceError

LOG_ARRIVES_WITHIN = 0.3


class TestTimeout(BaseException):
    """A test took too long; no ``except Exception`` of a suite may catch it."""

    __test__ = False


class Blocked(Exception):
    """A step that this one needs did not pass."""


def explain(
    error: BaseException, bench: Bench | None, since: dict[str, int], read_on: str, suite: Path
) -> tuple[Verdict, Feedback]:
    """The verdict that an exception means, and the feedback for it.

    ``since`` tells how long each process's log was when the test began; ``read_on`` is where the page explains the
    step. What is neither the submission's fault nor known trouble of the machine is the grader's own.
    """
    match error:
        case Blocked():
            return Verdict.BLOCKED, Feedback(got=str(error), read_on=read_on)
        case NotStarted():
            verdict = Verdict.TIMEOUT if error.hung else Verdict.CRASHED
            return verdict, Feedback("", "a program that starts and gets ready", str(error), error.log, read_on)
        case ConfinementError() | ServiceError():
            return Verdict.ERROR, Feedback(got=str(error))
        case RunnerError():
            return Verdict.CRASHED, Feedback("", "a program that can be started", str(error), "", read_on)
        case TestTimeout():
            verdict, expected, got, sent = Verdict.TIMEOUT, "the test to come to its end", str(error), ""
        case Unmet():
            verdict = Verdict.TIMEOUT if error.hung else Verdict.FAILED
            expected, got, sent = error.expected, error.got, error.sent
        case AssertionError():
            verdict, expected, got, sent = Verdict.FAILED, "the test's claim to hold", str(error), ""
        case _:
            trouble = "".join(traceback.format_exception_only(error)).strip()
            return Verdict.ERROR, Feedback(got=f"trouble of the grader's own: {trouble}{_place(error, suite)}")
    return _with_log(verdict, Feedback(sent, expected, got, "", read_on), bench, since, error)


def _with_log(
    verdict: Verdict, feedback: Feedback, bench: Bench | None, since: dict[str, int], error: BaseException
) -> tuple[Verdict, Feedback]:
    """Add what the submission said about it; the verdict is ``crashed`` when a process did not survive."""
    if bench is None:
        return verdict, feedback
    broken = isinstance(error, Unmet) and error.disconnected
    process = _dead(bench) if broken else None
    if process:
        got = f"{feedback.got}: {process.name} had ended with exit status {process.exit_status}"
        return Verdict.CRASHED, Feedback(feedback.sent, feedback.expected, got, process.tail(10), feedback.read_on)
    found = _own_error(bench, since) if feedback.got.startswith("5") else None
    if found is None:
        return verdict, feedback
    gap = found.error.removeprefix("NotImplementedError: ")
    log = found.error if gap == found.error else f"the step {gap!r} is still open"
    where = f" ({found.file}, line {found.line})" if found.file else ""
    return verdict, Feedback(feedback.sent, feedback.expected, feedback.got, log + where, feedback.read_on)


def _dead(bench: Bench) -> Process | None:
    """A process that has ended: its connections break a moment before its end is known."""
    deadline = time.monotonic() + LOG_ARRIVES_WITHIN
    while not (dead := bench.dead()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return dead[0] if dead else None


def _own_error(bench: Bench, since: dict[str, int]) -> Diagnosis | None:
    """The error that the submission logged during the test; a server may write it after it has answered."""
    deadline = time.monotonic() + LOG_ARRIVES_WITHIN
    folder = shown(bench.system.submission.folder)
    while True:
        for process in bench.system.processes():
            found = diagnose(process.log(since.get(process.name, 0)), folder)
            if found:
                return found
        if time.monotonic() > deadline:
            return None
        time.sleep(0.01)


def _place(error: BaseException, suite: Path) -> str:
    """Where in the suite the trouble arose."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(suite)]
    return f" ({shown(suite)}, line {frames[-1].lineno})" if frames else ""
