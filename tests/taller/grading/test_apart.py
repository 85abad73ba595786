"""A suite can take in several others whose names are the same."""

import pytest

from taller.grading import Report, Verdict

from .conftest import MakeBed
from .notes import HEAD, write

EARLIER = f"""{HEAD}
@pytest.fixture
def path():
    return "{{path}}"

@pytest.fixture
def wanted():
    return {{wanted}}

@pytest.mark.step("health")
def test_it_answers(web, path, wanted):
    web.get(path).has_status(wanted)
"""
SUITE = """
from pathlib import Path
import pytest
from taller.grading import apart

@pytest.fixture
def wanted():
    return 200

First = apart(Path(__file__).with_name("first.py"), step="as-before")
Second = apart(Path(__file__).with_name("second.py"), step="as-before", fixtures={"wanted": wanted})
"""


@pytest.fixture(scope="module")
def report(make_bed: MakeBed) -> Report:
    """What becomes of a suite that takes in two others, of which the second by itself wants what it does not get."""
    bed = make_bed({"as-before": ()}, SUITE)
    for name, path, wanted in (("first", "/health", 200), ("second", "/notes", 404)):
        write(bed.course.root / "tests" / "lessons" / f"{name}.py", EARLIER.format(path=path, wanted=wanted))
    return bed.grade()


def test_each_has_its_own_names_but_for_the_fixtures_that_are_given(report: Report) -> None:
    verdicts = {test.name: test.verdict for test in report.step("as-before").tests}

    assert verdicts == {"First: it answers": Verdict.PASSED, "Second: it answers": Verdict.PASSED}
