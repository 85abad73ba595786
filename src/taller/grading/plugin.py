"""The pytest plugin: options, order, verdicts. The fixtures for suites are in ``taller.grading.fixtures``.

It minds only files that are the suite of a lesson; any other test run is left alone.
"""

import secrets
import signal
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from taller.catalog import Course, CourseNotFound, Lesson
from taller.grading import hooks
from taller.grading.explain import Blocked, TestTimeout, explain
from taller.grading.fixtures import (
    BENCH,
    COURSE,
    bench,
    draw,
    end_early,
    services,
    start_early,
    submission,
    system,
    variables,
    web,
)
from taller.grading.plan import check_steps, count_by_step, in_order, lesson_of, step_of, whole
from taller.grading.report import Report, TestResult, Verdict, judge
from taller.grading.reuse import Apart, ApartCollector

__all__ = ["bench", "draw", "services", "submission", "system", "variables", "web"]

TEST_SECONDS = 30
MARKS = pytest.StashKey[dict[str, int]]()
RESULT = "taller"
SKIPPED = "taller-skipped"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of grading."""
    group = parser.getgroup("taller", "grading submissions of the backend course")
    group.addoption(
        "--submission",
        default="exercises",
        metavar="PLACE",
        help="what to grade: exercises (default), solutions or a folder",
    )
    group.addoption(
        "--step", action="append", default=[], metavar="STEP", help="run only this step's tests; repeatable"
    )
    group.addoption("--seed", type=int, metavar="N", help="draw the same values as the run that printed this seed")
    group.addoption("--logs", type=Path, metavar="DIR", help="keep the logs of the submission's processes there")
    group.addoption("--mine", action="store_true", help="import earlier lessons from beside the submission")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Offer ``pytest_taller_report`` to other plugins."""
    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed, and register the markers."""
    config.addinivalue_line("markers", "step(id): the step of the lesson that a test grades")
    config.addinivalue_line("markers", f"within(seconds): how long a test may take; {TEST_SECONDS} without it")
    config.addinivalue_line("markers", "breaks_services: the test kills or restarts a server, so the run gets its own")
    if config.option.seed is None:
        # xdist hands the options on, so that all its workers draw from one seed.
        config.option.seed = secrets.randbelow(10**9)
    try:
        course = config.stash[COURSE] = Course.find(config.rootpath)
    except CourseNotFound:
        return
    config.pluginmanager.register(Grader(config, course), "taller-grader")


class Grader:
    """Judges one pytest run."""

    def __init__(self, config: pytest.Config, course: Course) -> None:
        self.config = config
        self.course = course
        self.lessons: dict[Path, Lesson] = {}
        self.expected: dict[str, dict[str, int]] = {}
        self.skipped: dict[str, Counter[str]] = {}
        self.results: dict[str, list[TestResult]] = {}
        self.reports: list[Report] = []
        self._began = time.monotonic()

    def lesson(self, item: pytest.Item) -> Lesson | None:
        """The lesson that a test belongs to."""
        return self.lessons.get(item.path)

    def pytest_report_header(self) -> str:
        """Say what is graded, and how to draw the same values again."""
        return f"taller: submission {self.config.option.submission}, --seed {self.config.option.seed}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Start the submission first when one lesson is all that will run here."""
        option = self.config.option
        lesson = lesson_of(self.course, Path(self.config.args[0])) if len(self.config.args) == 1 else None
        if lesson and not option.collectonly and not option.help and not getattr(option, "numprocesses", None):
            start_early(self.config, self.course, lesson)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests in the order of their steps, and leave out the steps that were not asked for."""
        for path in dict.fromkeys(item.path for item in items):
            lesson = lesson_of(self.course, path)
            if lesson:
                self._plan(lesson, path, items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Collector, name: str, obj: object) -> pytest.Collector | None:
        """Collect the suites that a suite takes in."""
        return ApartCollector.from_parent(collector, name=name) if isinstance(obj, Apart) else None

    def _plan(self, lesson: Lesson, path: Path, items: list[pytest.Item]) -> None:
        own = [item for item in items if item.path == path]
        check_steps(lesson, own)
        asked = self.config.option.step
        unknown = set(asked) - {step.id for step in lesson.steps}
        if unknown:
            known = ", ".join(step.id for step in lesson.steps)
            raise pytest.UsageError(f"{lesson.name} has no step {sorted(unknown)[0]!r}; it has {known}")
        self.lessons[path] = lesson
        self.results.setdefault(lesson.name, [])
        self.expected[lesson.name] = count_by_step(whole(self.config, own))
        chosen = [item for item in in_order(lesson, own) if not asked or step_of(item) in asked]
        first = items.index(own[0])
        others = [item for item in items if item.path != path]
        items[:] = [*others[:first], *chosen, *others[first:]]
        left_out = [item for item in own if item not in chosen]
        if left_out:
            self.config.hook.pytest_deselected(items=left_out)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not run a step while one that it needs does not hold."""
        lesson = self.lesson(item)
        if lesson is None:
            return
        judged = {step.step_id: step for step in judge(lesson, self.results[lesson.name], {})}
        for need in lesson.step(step_of(item) or "").needs:
            if judged[need].verdict not in (Verdict.PASSED, Verdict.NOT_RUN):
                raise Blocked(f"not judged while {need!r} is {judged[need].verdict}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Bound the time of a test, and mark where the logs are when it begins."""
        if self.lesson(item) is None:
            return (yield)
        running = item.session.stash.get(BENCH, None)
        item.stash[MARKS] = running.log_sizes() if running else {}
        own = item.get_closest_marker("within")
        with _alarm(own.kwargs["seconds"] if own else TEST_SECONDS):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give every test a verdict, and feedback in the place of a traceback."""
        report = yield
        lesson = self.lesson(item)
        if lesson is None or (call.excinfo is None and call.when != "call"):
            return report
        if call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception):
            report.user_properties.append((SKIPPED, {"lesson": lesson.name, "step": step_of(item) or ""}))
            return report
        result = self._result(lesson, item, call)
        if call.excinfo is not None:
            report.longrepr = f"{result.verdict}: {result.name}\n{result.feedback}"
            if result.verdict is Verdict.BLOCKED:
                report.outcome = "skipped"
                report.longrepr = (str(item.path), 0, str(call.excinfo.value))
        report.user_properties.append((RESULT, {"lesson": lesson.name, "test": result.to_dict()}))
        if hasattr(self.config, "workerinput"):
            self._note(lesson.name, result)
        return report

    def _result(self, lesson: Lesson, item: pytest.Item, call: pytest.CallInfo[None]) -> TestResult:
        step = step_of(item) or ""
        verdict, feedback = Verdict.PASSED, None
        if call.excinfo is not None:
            page = self.course.page(lesson).relative_to(self.course.root)
            marks = item.stash.get(MARKS, {})
            running = item.session.stash.get(BENCH, None)
            verdict, feedback = explain(call.excinfo.value, running, marks, f"{page}#{step}", item.path)
        return TestResult(_sentence(item), step, verdict, round(call.duration, 4), feedback)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the results; with xdist they come from its workers."""
        for key, value in report.user_properties:
            if key == SKIPPED and isinstance(value, dict) and not hasattr(self.config, "workerinput"):
                # It needs what this machine has not: that is held against nobody.
                self.skipped.setdefault(str(value["lesson"]), Counter())[str(value["step"])] += 1
            if key == RESULT and isinstance(value, dict) and not hasattr(self.config, "workerinput"):
                self._note(str(value["lesson"]), TestResult.from_dict(value["test"]))

    def _note(self, lesson: str, result: TestResult) -> None:
        results = self.results.setdefault(lesson, [])
        # A test that passed and then failed in its teardown is told twice; the last word counts.
        results[:] = [kept for kept in results if kept.name != result.name] + [result]
        self.config.hook.pytest_taller_result(result=result)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge the steps, and hand the report to whoever wants it."""
        end_early(self.config)
        if hasattr(self.config, "workerinput"):
            self.config.workeroutput["taller"] = self.expected  # type: ignore[attr-defined]
            return
        option = self.config.option
        seconds = round(time.monotonic() - self._began, 3)
        for name, results in self.results.items():
            expected = Counter(self.expected.get(name, {})) - self.skipped.get(name, Counter())
            steps = judge(self.course.lesson(name), results, expected)
            self.reports.append(Report(name, option.submission, option.seed, seconds, steps))
        for report in self.reports:
            self.config.hook.pytest_taller_report(report=report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from an xdist worker how many tests each step has: the controller collects none."""
        self.expected.update(getattr(node, "workeroutput", {}).get("taller", {}))


def _sentence(item: pytest.Item) -> str:
    within = "".join(f"{node.name}: " for node in item.listchain() if isinstance(node, ApartCollector))
    return within + item.name.removeprefix("test_").replace("_", " ")


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise TestTimeout(f"stopped after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
