"""Every way in which a test can end has its verdict, and feedback that a learner can use."""

import pytest

from taller.grading import Report, TestResult, Verdict

from .conftest import MakeBed
from .notes import line_of

STEPS: dict[str, tuple[str, ...]] = {
    "pass": (),
    "fail": (),
    "blocked": ("fail",),
    "blocked-too": ("blocked",),
    "hang": (),
    "crash": (),
    "alive": (),
    "ours": (),
    "open": (),
    "open-in-json": (),
    "error": (),
    "stuck": (),
    "claim": (),
    "untested": (),
    "hung-up": (),
    "skipped": (),
    "patient": (),
}
SUITE = """
@pytest.mark.step("pass")
def test_it_is_there(web):
    web.get("/health").has_status(200)

@pytest.mark.step("fail")
def test_a_note_is_created(web, draw):
    web.post("/notes", params={"loud": 1}, json={"text": draw.name()}).has_status(201)

@pytest.mark.step("fail")
def test_another_test_of_the_step_passes(web):
    web.get("/health").has_status(200)

@pytest.mark.step("skipped")
def test_what_every_machine_can_do(web):
    web.get("/health").has_status(200)

@pytest.mark.step("skipped")
def test_what_this_machine_cannot_do():
    pytest.skip("no engine")

@pytest.mark.step("blocked")
def test_that_stands_on_it(web):
    web.get("/health").has_status(200)

@pytest.mark.step("blocked-too")
def test_that_stands_on_that(web):
    web.get("/health").has_status(200)

@pytest.mark.step("hang")
def test_an_answer_comes(web):
    web.get("/hang", timeout=0.3)

@pytest.mark.step("crash")
def test_it_survives(web):
    web.get("/crash")

@pytest.mark.step("alive")
def test_it_is_alive_again(web):
    expect(web.get("/health").field("pid", int) > 0, "a process")

@pytest.mark.step("alive")
def test_that_starts_it_again_and_does_not_wait(system):
    system.processes("web")[0].relaunch()

@pytest.mark.step("alive")
def test_it_can_serve_all_the_same(web):
    web.get("/health").has_status(200)

@pytest.mark.step("ours")
def test_with_a_mistake_in_it(web):
    {}["of the suite"]

@pytest.mark.step("open")
def test_a_note_is_read(web):
    web.get("/open").has_status(200)

@pytest.mark.step("open-in-json")
def test_a_step_that_is_still_open_behind_a_structured_log(web):
    web.get("/open-in-json").has_status(200)

@pytest.mark.step("error")
def test_no_bug(web):
    web.get("/error").has_status(200)

@pytest.mark.step("stuck")
def test_that_never_ends(web):
    while True:
        try:
            time.sleep(10)
        except Exception:
            pass

@pytest.mark.step("claim")
def test_a_plain_assert():
    assert 1 == 2

@pytest.mark.step("hung-up")
def test_what_is_passed_and_then_not_cleared_away(breaks):
    pass

@pytest.mark.step("patient")
@pytest.mark.within(seconds=20)
def test_what_may_take_longer():
    time.sleep(1.1)

@pytest.fixture
def breaks():
    yield
    raise ValueError("in the teardown")
"""


@pytest.fixture(scope="module")
def report(make_bed: MakeBed) -> Report:
    """All of them, from one run."""
    return make_bed(STEPS, SUITE).grade(seed=7)


def only(report: Report, step: str) -> TestResult:
    """The first test of a step."""
    return report.step(step).tests[0]


def test_the_verdicts_of_the_steps(report: Report) -> None:
    assert {step.step_id: str(step.verdict) for step in report.steps} == {
        "pass": "passed",
        "fail": "failed",
        "blocked": "blocked",
        "blocked-too": "blocked",
        "hang": "timeout",
        "crash": "crashed",
        "alive": "passed",
        "ours": "error",
        "open": "failed",
        "open-in-json": "failed",
        "error": "failed",
        "stuck": "timeout",
        "claim": "failed",
        "untested": "not run",
        "hung-up": "error",
        "skipped": "passed",
        "patient": "passed",
    }


def test_a_step_gives_all_of_its_points_or_none(report: Report) -> None:
    earned = {step.step_id: step.earned for step in report.steps if step.earned}
    assert earned == {"pass": 1, "alive": 7, "skipped": 16, "patient": 17}
    assert (report.earned, report.total) == (41, sum(range(1, len(STEPS) + 1)))
    assert [str(test.verdict) for test in report.step("fail").tests] == ["failed", "passed"]


def test_a_failure_says_what_was_sent_expected_and_got_and_where_to_read_on(report: Report) -> None:
    test = only(report, "fail")

    assert test.name == "a note is created"
    sent, body, expected, got, answer, read_on = str(test.feedback).splitlines()
    assert sent == "sent      POST /notes?loud=1"
    assert body.strip().startswith('{"text": "')
    assert expected == "expected  201 Created"
    assert got == "got       200 OK"
    assert answer.strip().startswith('{"path": "/notes?loud=1", "pid": ')
    assert read_on == "read on   lessons/en/lesson01_notes.md#fail"


def test_what_is_blocked_says_by_what(report: Report) -> None:
    assert "not judged while 'fail' is failed" in str(only(report, "blocked").feedback)
    assert "not judged while 'blocked' is blocked" in str(only(report, "blocked-too").feedback)


def test_an_answer_that_never_comes_is_a_timeout(report: Report) -> None:
    assert "got       nothing within 0.3 s" in str(only(report, "hang").feedback)


def test_a_crash_comes_with_the_end_of_the_log(report: Report) -> None:
    feedback = str(only(report, "crash").feedback)

    assert "web.1 had ended with exit status 3" in feedback
    assert "there is no way on" in feedback


def test_the_graders_own_trouble_is_not_the_learners(report: Report) -> None:
    feedback = str(only(report, "ours").feedback)

    assert "trouble of the grader's own: KeyError: 'of the suite'" in feedback
    assert "test_lesson01_notes.py, line" in feedback
    assert "expected" not in feedback


@pytest.mark.parametrize("step", ["open", "open-in-json"])
def test_a_step_that_is_still_open_is_called_so(report: Report, step: str) -> None:
    feedback = str(only(report, step).feedback)

    assert "log       the step 'read' is still open (" in feedback
    assert f"lesson01_notes/app.py, line {line_of('raise NotImplementedError')})" in feedback


def test_an_exception_of_the_program_is_quoted_with_its_place(report: Report) -> None:
    feedback = str(only(report, "error").feedback)

    assert "log       KeyError: 'nothing' (" in feedback
    assert f"lesson01_notes/app.py, line {line_of('nothing')})" in feedback


def test_a_test_that_never_ends_is_stopped(report: Report) -> None:
    assert "got       stopped after 1 s" in str(only(report, "stuck").feedback)
    assert only(report, "stuck").seconds < 20


def test_no_feedback_is_a_traceback(report: Report) -> None:
    told = "\n".join(str(test.feedback) for step in report.steps for test in step.tests)

    assert "Traceback" not in told
    assert "site-packages" not in told


def test_the_verdict_of_the_run_is_the_worst(report: Report) -> None:
    assert report.verdict is Verdict.ERROR
    assert (report.lesson, report.seed) == ("lesson01_notes", 7)


def test_a_test_that_this_machine_cannot_run_is_held_against_nobody(report: Report) -> None:
    step = report.step("skipped")
    assert step.verdict is Verdict.PASSED
    assert [test.name for test in step.tests] == ["what every machine can do"]
