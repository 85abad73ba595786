"""The fixtures that suites are written with."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from taller.catalog import Course, Lesson
from taller.grading.bench import Bench, Service, allocated, submission_at, variables_of
from taller.grading.client import Client
from taller.grading.draw import Draw
from taller.grading.plan import lesson_of
from taller.runner import RunnerError, Submission, System

COURSE = pytest.StashKey[Course]()
BENCH = pytest.StashKey[Bench]()
EARLY = pytest.StashKey[Bench]()


@pytest.fixture(scope="module")
def services(request: pytest.FixtureRequest) -> Iterator[dict[str, Service]]:
    """The lesson's services by name: ``url`` for the login that the submission has, ``server`` to break it.

    A run with a test that is marked ``breaks_services`` has servers of its own.
    """
    _, lesson = _lesson(request)
    own = [item for item in request.session.items if item.path == request.path]
    private = any(item.get_closest_marker("breaks_services") for item in own)

    def announce(line: str) -> None:
        request.config.hook.pytest_taller_progress(line=line)

    with allocated(lesson, private=private, announce=announce) as opened:
        yield opened


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """What the processes are told besides; a suite has its own fixture of this name where it plays a part for them."""
    return {}


@pytest.fixture(scope="module")
def submission(request: pytest.FixtureRequest) -> Submission:
    """What is graded, as it lies in its folder: for suites that read files. Nothing of it is started."""
    course, lesson = _lesson(request)
    option = request.config.option
    return submission_at(course, lesson, option.submission, mine=option.mine)


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, services: dict[str, Service], variables: dict[str, str]) -> Iterator[Bench]:
    """The running submission with what belongs to it; suites use ``system`` and ``web``."""
    course, lesson = _lesson(request)
    early = request.config.stash.get(EARLY, None)
    bench = early or _bench(request.config, course, lesson, variables_of(services) | variables)
    stash = request.session.stash
    with ExitStack() as opened:
        opened.enter_context(bench.system)
        stash[BENCH] = bench
        opened.callback(stash.__delitem__, BENCH)
        yield bench


@pytest.fixture
def system(bench: Bench) -> Iterator[System]:
    """The running submission, every process of its formation alive; what a test adds to it ends with the test."""
    bench.mend()
    before = bench.system.processes()
    yield bench.system
    bench.clear(before)


@pytest.fixture
def web(system: System, bench: Bench) -> Client:
    """A client of the process ``web``."""
    return bench.client("web")


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Draw:
    """Random values that depend on the seed and on the test alone."""
    return Draw(request.config.option.seed, request.node.name)


def start_early(config: pytest.Config, course: Course, lesson: Lesson) -> None:
    """Have the submission's processes start while pytest still reads the suite: that is half of a short run's time.

    What goes wrong is met again, and told, when the first test asks for the system.
    """
    if lesson.services:
        return
    with suppress(RunnerError):
        config.stash[EARLY] = _bench(config, course, lesson, {})
        config.stash[EARLY].system.launch_all()


def end_early(config: pytest.Config) -> None:
    """End what no test has asked for."""
    if EARLY in config.stash:
        config.stash[EARLY].system.close()


def _bench(config: pytest.Config, course: Course, lesson: Lesson, variables: dict[str, str]) -> Bench:
    option = config.option
    return Bench(submission_at(course, lesson, option.submission, mine=option.mine), variables, _logs(option.logs))


def _lesson(request: pytest.FixtureRequest) -> tuple[Course, Lesson]:
    course = request.config.stash[COURSE]
    lesson = lesson_of(course, request.path)
    if lesson is None:
        raise pytest.UsageError(f"{request.path.name} is the suite of no lesson")
    return course, lesson


def _logs(folder: Path | None) -> Path | None:
    """The folder for this process's logs; xdist's workers each have one of their own below."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return folder / worker if folder else None
