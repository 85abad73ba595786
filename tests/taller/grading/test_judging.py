"""Steps are judged by their tests, and by the steps that they need."""

import pytest

from taller.catalog import Lesson, Step
from taller.grading import Feedback, Report, TestResult, Verdict
from taller.grading.report import judge, worst


def lesson(**needs: tuple[str, ...]) -> Lesson:
    """A lesson of steps worth a point each."""
    steps = tuple(Step(step, step.title(), 1, others, ()) for step, others in needs.items())
    return Lesson("lesson01_small", "Small", (), (), {"web": 1}, (), {}, steps)


def result(step: str, verdict: Verdict = Verdict.PASSED, name: str = "it") -> TestResult:
    """A test's result."""
    return TestResult(name, step, verdict, 0.1)


def verdicts(lesson: Lesson, *results: TestResult, expected: dict[str, int] | None = None) -> list[Verdict]:
    """What becomes of the steps."""
    return [step.verdict for step in judge(lesson, results, expected or {})]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_worst_test_decides(verdict: Verdict) -> None:
    assert verdicts(lesson(a=()), result("a"), result("a", verdict), result("a")) == [verdict]


def test_the_graders_trouble_comes_before_all_else() -> None:
    assert worst([Verdict.FAILED, Verdict.ERROR, Verdict.CRASHED]) is Verdict.ERROR
    assert worst([Verdict.FAILED, Verdict.TIMEOUT, Verdict.PASSED]) is Verdict.TIMEOUT
    assert worst([]) is Verdict.NOT_RUN


def test_a_step_with_a_test_that_did_not_run_has_not_passed() -> None:
    some = [result("a", name="one"), result("a", name="two")]

    assert verdicts(lesson(a=()), *some, expected={"a": 2}) == [Verdict.PASSED]
    assert verdicts(lesson(a=()), *some, expected={"a": 3}) == [Verdict.NOT_RUN]
    assert verdicts(lesson(a=()), expected={"a": 3}) == [Verdict.NOT_RUN]


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.CRASHED, Verdict.TIMEOUT, Verdict.ERROR, Verdict.BLOCKED])
def test_a_step_is_blocked_by_what_it_needs_even_if_its_tests_passed(verdict: Verdict) -> None:
    chain = lesson(a=(), b=("a",), c=("b",), d=())
    results = [result("a", verdict), result("b"), result("c"), result("d")]

    assert verdicts(chain, *results) == [verdict, Verdict.BLOCKED, Verdict.BLOCKED, Verdict.PASSED]


def test_a_step_that_was_not_asked_for_blocks_nothing() -> None:
    assert verdicts(lesson(a=(), b=("a",)), result("b")) == [Verdict.NOT_RUN, Verdict.PASSED]


def test_a_report_adds_up() -> None:
    steps = judge(lesson(a=(), b=(), c=()), [result("a"), result("b", Verdict.FAILED)], {})
    report = Report("lesson01_small", "exercises", 1, 0.5, steps)

    assert (report.earned, report.total, report.verdict) == (1, 3, Verdict.FAILED)
    assert report.step("b").verdict is Verdict.FAILED
    with pytest.raises(KeyError):
        report.step("z")


def test_a_result_survives_as_plain_data() -> None:
    failed = TestResult("it", "a", Verdict.FAILED, 0.1, Feedback("sent", "expected", "got", "log", "page"))

    assert TestResult.from_dict(failed.to_dict()) == failed
    assert TestResult.from_dict(result("a").to_dict()) == result("a")
    assert type(failed.to_dict()["verdict"]) is str


def test_feedback_leaves_out_what_it_does_not_know_and_indents_the_rest() -> None:
    assert str(Feedback(expected="201", got="500\nbody")) == "expected  201\ngot       500\n          body"
