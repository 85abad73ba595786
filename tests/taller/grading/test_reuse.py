"""A suite can take in the suite of an earlier lesson."""

import pytest

from taller.grading import Report, Verdict

from .conftest import MakeBed
from .notes import HEAD, write

EARLIER = f"""{HEAD}
PATH = "/health"

@pytest.fixture
def path():
    return PATH

@pytest.mark.step("health")
@pytest.mark.parametrize("times", [1, 2])
def test_it_answers(web, path, times):
    for _ in range(times):
        web.get(path).has_status(200)

@pytest.mark.step("create")
def test_a_note_is_created(web):
    web.post("/notes").has_status(201)
"""
SUITE = """
from pathlib import Path
from taller.grading import reuse

globals().update(reuse(Path(__file__).with_name("earlier.py"), step="as-before"))

@pytest.mark.step("more")
def test_there_is_more(web, path):
    web.get(path).has_status(200)
"""


@pytest.fixture(scope="module")
def report(make_bed: MakeBed) -> Report:
    """What becomes of a suite that takes in another one."""
    bed = make_bed({"as-before": (), "more": ()}, SUITE)
    write(bed.course.root / "tests" / "lessons" / "earlier.py", EARLIER)
    return bed.grade()


def test_its_tests_count_for_the_step_that_took_them_in(report: Report) -> None:
    verdicts = {test.name: test.verdict for test in report.step("as-before").tests}

    assert verdicts == {
        "it answers[1]": Verdict.PASSED,
        "it answers[2]": Verdict.PASSED,
        "a note is created": Verdict.FAILED,
    }


def test_feedback_is_that_of_the_test_and_leads_to_the_page_of_the_later_lesson(report: Report) -> None:
    (failed,) = (test for test in report.step("as-before").tests if test.verdict is Verdict.FAILED)

    assert failed.feedback is not None
    assert failed.feedback.expected == "201 Created"
    assert failed.feedback.read_on.endswith("lesson01_notes.md#as-before")


def test_its_fixtures_serve_the_tests_of_the_later_suite(report: Report) -> None:
    assert report.step("more").verdict is Verdict.PASSED


def test_it_can_take_in_the_tests_of_some_steps_alone(make_bed: MakeBed) -> None:
    bed = make_bed({"as-before": (), "more": ()}, SUITE.replace('step="as-before"', 'step="as-before", of=["create"]'))
    write(bed.course.root / "tests" / "lessons" / "earlier.py", EARLIER)

    tests = bed.grade().step("as-before").tests

    assert [test.name for test in tests] == ["a note is created"]
