"""What does not run at all is told once, by whose fault it is, and soon."""

import time
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from taller.grading import Report, Verdict
from taller.grading.engine import GradingError
from taller.reports import print_report

from .conftest import MakeBed
from .notes import PROGRAM

SOON = 15
STEPS: dict[str, tuple[str, ...]] = {"first": (), "second": (), "third": ("second",)}
SUITE = """
@pytest.mark.step("first")
def test_one(web):
    web.get("/health")

@pytest.mark.step("first")
def test_two(system):
    pass

@pytest.mark.step("second")
def test_three(web):
    web.get("/health")

@pytest.mark.step("third")
def test_four(web):
    web.get("/health")
"""
RUDE = """if self.path != "/health":
            self.wfile.write({answer!r})
            self.close_connection = True
            return"""


def messages(report: Report) -> set[str]:
    """What the tests that were not blocked say they got."""
    tests = [test for step in report.steps for test in step.tests if test.verdict is not Verdict.BLOCKED]
    assert len(tests) == 3
    return {test.feedback.got for test in tests if test.feedback}


@pytest.mark.parametrize(
    ("program", "procfile", "verdict", "message"),
    [
        ("\n\nimport no_such_module\n", "web: python app.py", Verdict.CRASHED, "lesson01_notes/app.py, line 3)"),
        ("def (:\n", "web: python app.py", Verdict.CRASHED, "lesson01_notes/app.py, line 1)"),
        (PROGRAM, "web python app.py", Verdict.CRASHED, "lesson01_notes/Procfile, line 1: 'web python app.py' is not"),
        ("import time\ntime.sleep(100)", "web: python app.py", Verdict.TIMEOUT, "was not ready within 1 s: nothing"),
    ],
)
def test_a_submission_that_does_not_start_gets_one_message(
    make_bed: MakeBed, program: str, procfile: str, verdict: Verdict, message: str
) -> None:
    bed = make_bed(STEPS, SUITE, program=program, procfile=procfile)
    began = time.monotonic()

    report = bed.grade()

    assert time.monotonic() - began < SOON
    [got] = messages(report)
    assert message in got
    assert [step.verdict for step in report.steps] == [verdict, verdict, Verdict.BLOCKED]
    assert report.earned == 0
    printed = StringIO()
    print_report(Console(file=printed, width=500), report, title="Notes")
    assert printed.getvalue().count(message) == 1
    assert printed.getvalue().count("for the same reason") == 1


def test_no_submission(make_bed: MakeBed) -> None:
    bed = make_bed(STEPS, SUITE)
    (bed.submission / "Procfile").unlink()

    report = bed.grade()

    [message] = messages(report)
    assert "lesson01_notes/Procfile: there is no Procfile" in message


def test_a_service_that_cannot_be_had_is_the_machines_trouble(make_bed: MakeBed) -> None:
    bed = make_bed(STEPS, SUITE, extra='services = ["redis"]')

    report = bed.grade(environment={"REDIS_URL": "redis://127.0.0.1:1/0"})

    [message] = messages(report)
    assert message.startswith("redis cannot be had: REDIS_URL is set, and the server it names does not answer")
    assert "To mend it: unset REDIS_URL" in message
    assert report.verdict is Verdict.ERROR


def test_a_submission_that_dies_at_every_request_is_started_again_for_every_test(make_bed: MakeBed) -> None:
    mortal = PROGRAM.replace('if self.path == "/crash":', 'if self.path != "/health":')
    suite = """
@pytest.mark.step("first")
@pytest.mark.parametrize("n", range(5))
def test_one(web, n):
    web.get(f"/{n}")
"""
    bed = make_bed({"first": ()}, suite, program=mortal)

    report = bed.grade()

    assert [str(test.verdict) for test in report.step("first").tests] == ["crashed"] * 5


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            "a body that its Content-Encoding describes",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "an answer in HTTP"),
        ("no HTTP at all\r\n\r\n", "an answer in HTTP"),
    ],
)
def test_an_answer_that_is_none_is_the_programs_fault(make_bed: MakeBed, answer: str, expected: str) -> None:
    rude = PROGRAM.replace('print("GET", self.path)', RUDE.format(answer=answer.encode()))
    bed = make_bed(
        {"first": ()}, '@pytest.mark.step("first")\ndef test_one(web):\n    web.get("/rude")\n', program=rude
    )

    [test] = bed.grade().step("first").tests

    assert test.verdict is Verdict.FAILED
    assert test.feedback
    assert test.feedback.expected == expected


def test_a_suite_that_cannot_be_read_is_no_report(make_bed: MakeBed) -> None:
    bed = make_bed(STEPS, SUITE + "\ndef broken(:\n")

    with pytest.raises(GradingError, match=r"test_lesson01_notes\.py: [\s\S]*SyntaxError"):
        bed.grade()


def test_a_run_leaves_no_process_and_no_folder(make_bed: MakeBed) -> None:
    suite = """
@pytest.mark.step("first")
def test_one(system):
    expect(False, "", f"{system.processes()[0].pid} {system._state.path}")
"""
    [test] = make_bed({"first": ()}, suite).grade().step("first").tests

    assert test.feedback
    pid, state = test.feedback.got.split()
    assert not psutil.pid_exists(int(pid))
    assert not Path(state).exists()
