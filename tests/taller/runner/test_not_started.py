"""A program that does not get ready is explained, in under 15 seconds."""

import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from taller.catalog import Course
from taller.runner import NotStarted, Submission, System

from .programs import ENDS, HUNG, WEB, WORKER

Submit = Callable[..., Submission]
SOON = 15


@dataclass(frozen=True)
class Problem:
    """Why a system did not start, and after how many seconds that was known."""

    error: NotStarted
    seconds: float

    def __str__(self) -> str:
        return str(self.error)


def problem_of(submission: Submission) -> Problem:
    """Start it, in vain."""
    began = time.monotonic()
    with pytest.raises(NotStarted) as caught, System(submission, {}):
        pass
    return Problem(caught.value, time.monotonic() - began)


@pytest.mark.parametrize("case", ENDS)
def test_a_program_that_ends_is_explained(submit: Submit, case: str) -> None:
    program, message = ENDS[case]

    problem = problem_of(submit({"Procfile": "web: python app.py", "app.py": program}))

    assert re.search(message, str(problem))
    assert not problem.error.hung
    assert problem.seconds < SOON


def test_the_place_of_an_error_is_found_in_a_package(submit: Submit) -> None:
    files = {"Procfile": "web: python -m lesson02_small", "__main__.py": "from . import shop", "shop.py": "\n1 / 0"}

    problem = problem_of(submit(files))

    assert re.search(
        r"ZeroDivisionError: division by zero \(.*exercises/lesson02_small/shop.py, line 2\)", str(problem)
    )
    assert "ZeroDivisionError" in problem.error.log


def test_a_command_that_is_not_there_is_explained(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)

    problem = problem_of(submit({"Procfile": "web: no-such-command --port 80"}))

    assert "web.1 ended with exit status 127 before it was ready" in str(problem)
    assert "no-such-command: not found" in problem.error.log


def test_programs_that_never_get_ready_are_explained(course: Course, submit: Submit) -> None:
    def try_out(case: str) -> Problem:
        return problem_of(Submission.locate(course, lesson, course.exercises / case))

    lesson = submit({}).lesson
    for case, (program, _) in HUNG.items():
        folder = course.exercises / case
        folder.mkdir()
        (folder / "Procfile").write_text("web: python app.py")
        (folder / "app.py").write_text(program)

    with ThreadPoolExecutor(len(HUNG)) as pool:
        problems = dict(zip(HUNG, pool.map(try_out, HUNG), strict=True))

    for case, problem in problems.items():
        assert re.search(HUNG[case][1], str(problem)), case
        assert problem.error.hung, case
        assert problem.seconds < SOON, case
    assert problems["another port"].error.log == "listening"


def test_a_worker_that_does_not_say_that_it_is_ready(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taller.runner.readiness.READY_WITHIN", 1)
    files = {"Procfile": "worker: echo 'the queue is there already'; sleep 1000"}

    problem = problem_of(submit(files, 'formation = { worker = 1 }\nworkers = ["worker"]'))

    assert 'it has not printed a line with the word "ready"' in str(problem)
    assert problem.error.log == "the queue is there already"


def test_when_one_does_not_start_the_others_are_ended(submit: Submit) -> None:
    files = {"Procfile": "web: python app.py\nworker: python worker.py", "app.py": WEB, "worker.py": "1 / 0"}
    system = System(submit(files, 'formation = { web = 1, worker = 1 }\nworkers = ["worker"]'), {})

    with pytest.raises(NotStarted, match=r"worker\.1 ended with exit status 1"):
        system.__enter__()

    assert [process.alive for process in system.processes()] == [False, False]
    assert not system._state.path.exists()


def test_a_worker_that_says_ready(submit: Submit) -> None:
    files = {"Procfile": "worker: python worker.py", "worker.py": WORKER}

    with System(submit(files, 'formation = { worker = 2 }\nworkers = ["worker"]'), {}) as system:
        assert [process.name for process in system.processes("worker")] == ["worker.1", "worker.2"]
        assert [process.port for process in system.processes()] == [None, None]
