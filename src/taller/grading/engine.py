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


@dataclass(frozen=True)
class Grading:
    """What is to be graded: picklable, so that other processes can be asked to ``run`` it.

    ``steps`` are those to run, all when empty; with ``mine`` earlier lessons come from beside the submission.
    """

    course: Course
    lesson: Lesson
    submission: Path
    steps: Sequence[str] = ()
    seed: int | None = None
    mine: bool = False


class GradingError(Exception):
    """The suite itself could not be run."""


def run(grading: Grading, on_test: Callable[[TestResult], None] | None = None) -> Report:
    """Grade a submission; ``on_test`` hears of every test as it ends.

    Raises ``GradingError`` when pytest cannot run the suite at all, and ``KeyboardInterrupt`` on Ctrl-C.
    """
    listener = _Listener(on_test)
    # Plugins of other packages cost half a second and have no say in a verdict.
    with mock.patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}):
        status = pytest.main(_arguments(grading), plugins=[listener])
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if not listener.reports:
        raise GradingError(
            f"{grading.course.suite(grading.lesson).name}: {listener.trouble or f'pytest ended with {status!r}'}"
        )
    return listener.reports[0]


def _arguments(grading: Grading) -> list[str]:
    course = grading.course
    arguments = [str(course.suite(grading.lesson)), "--submission", str(grading.submission)]
    arguments += [f"--rootdir={course.root}", "-c", os.devnull, "--import-mode=importlib", "--strict-markers"]
    arguments += ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
    for name in PLUGINS:
        arguments += ["-p", name]
    for step in grading.steps:
        arguments += ["--step", step]
    if grading.seed is not None:
        arguments += ["--seed", str(grading.seed)]
    if grading.mine:
        arguments.append("--mine")
    return arguments


class _Listener:
    def __init__(self, on_test: Callable[[TestResult], None] | None) -> None:
        self.reports: list[Report] = []
        self.trouble = ""
        self._on_test = on_test

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = report.longreprtext

    def pytest_taller_report(self, report: Report) -> None:
        self.reports.append(report)

    def pytest_taller_test(self, result: TestResult) -> None:
        if self._on_test:
            self._on_test(result)
