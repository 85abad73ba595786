"""Run a suite on a submission, in this process."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from taller.catalog import Course, Lesson
from taller.grading.report import Report, TestResult

PLUGINS = ("taller.grading.plugin",)
# The last one collects garbage to find what was raised unseen, which takes a third of a short run.
LEFT_OUT = ("terminal", "cacheprovider", "faulthandler", "unraisableexception")


@dataclass(frozen=True)
class Grading:
    """What is to be graded: picklable, so that other processes can be asked to ``run`` it.

    ``steps`` are those to run, all when empty; with ``mine`` earlier lessons come from beside the submission; the logs
    of its processes are kept in ``logs``.
    """

    course: Course
    lesson: Lesson
    submission: Path
    steps: Sequence[str] = ()
    seed: int | None = None
    mine: bool = False
    logs: Path | None = None


class GradingError(Exception):
    """The suite itself could not be run."""


def run(
    grading: Grading,
    on_progress: Callable[[str], None] = lambda line: None,
    enough: Callable[[TestResult], bool] = lambda result: False,
) -> Report:
    """Grade a submission; ``on_progress`` gets a line when something takes its time, such as a server to be fetched.

    The run ends after the first test whose result is ``enough``; the tests after it are then not in the report.

    Raises ``GradingError`` when pytest cannot run the suite at all, and ``KeyboardInterrupt`` on Ctrl-C.
    """
    listener = _Listener(on_progress, enough)
    # Plugins of other packages cost half a second and have no say in a verdict.
    with mock.patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}):
        status = pytest.main(_arguments(grading), plugins=[listener])
    # pytest also calls itself interrupted when it could not read the suite.
    if status == pytest.ExitCode.INTERRUPTED and not listener.trouble:
        raise KeyboardInterrupt
    if not listener.reports or status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise GradingError(
            f"{grading.course.suite(grading.lesson).name}: {listener.trouble or f'pytest ended with {status!r}'}"
        )
    return listener.reports[0]


def _arguments(grading: Grading) -> list[str]:
    course = grading.course
    arguments = [str(course.suite(grading.lesson)), "--submission", str(grading.submission)]
    # From further up, pytest would look at every file on the way down.
    arguments += [f"--rootdir={course.suite(grading.lesson).parent}", "-c", os.devnull]
    # Nothing is captured: progress has to be seen while it is made.
    arguments += ["--import-mode=importlib", "--strict-markers", "--capture=no"]
    for name in LEFT_OUT:
        arguments += ["-p", f"no:{name}"]
    for name in PLUGINS:
        arguments += ["-p", name]
    for step in grading.steps:
        arguments += ["--step", step]
    if grading.seed is not None:
        arguments += ["--seed", str(grading.seed)]
    if grading.logs:
        arguments += ["--logs", str(grading.logs)]
    if grading.mine:
        arguments.append("--mine")
    return arguments


class _Listener:
    def __init__(self, on_progress: Callable[[str], None], enough: Callable[[TestResult], bool]) -> None:
        self.reports: list[Report] = []
        self.trouble = ""
        self._on_progress = on_progress
        self._enough = enough
        self._session: pytest.Session | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        # Feedback takes the place of tracebacks; pytest's own way to make one costs a tenth of a second each.
        config.option.tbstyle = "native"

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = report.longreprtext

    def pytest_taller_result(self, result: TestResult) -> None:
        if self._session and self._enough(result):
            self._session.shouldfail = "enough is known"

    def pytest_taller_report(self, report: Report) -> None:
        self.reports.append(report)

    def pytest_taller_progress(self, line: str) -> None:
        self._on_progress(line)
