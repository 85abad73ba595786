"""What a process does with a setting that makes no sense is told, and nobody waits for one that serves."""

import pytest

from taller.grading import Report

from .conftest import MakeBed
from .notes import PROGRAM

SUITE = """
from taller.grading import refuses_to_start

@pytest.mark.step("refused")
def test_a_setting_that_makes_no_sense(system):
    refuses_to_start(system.launch("web", {"COLOUR": "loud-s3cret"}), "COLOUR", "loud-s3cret", hides="s3cret")
"""
CHECK = """
import os, sys
colour = os.environ.get("COLOUR")
if colour:
    {lines}
"""


@pytest.fixture(scope="module")
def graded(make_bed: MakeBed, request: pytest.FixtureRequest) -> Report:
    """The report on a program that does this with the setting."""
    return make_bed({"refused": ()}, SUITE, program=CHECK.format(lines=request.param) + PROGRAM).grade()


@pytest.mark.parametrize("graded", ['sys.exit(print("COLOUR: no colour") or 2)'], indirect=True)
def test_status_2_and_a_line_that_names_the_variable_is_right(graded: Report) -> None:
    assert graded.earned == graded.total


@pytest.mark.parametrize(
    ("graded", "expected", "got"),
    [
        ("pass", "exit status 2", "a process that runs"),
        ("sys.exit(1)", "exit status 2", "exit status 1"),
        ('sys.exit(print("no colour") or 2)', "one line that names COLOUR", "no colour"),
        ('sys.exit(print("COLOUR\\nno colour") or 2)', "one line that names COLOUR", "COLOUR\nno colour"),
        ('sys.exit(print(f"COLOUR: no {colour}") or 2)', "a line without 's3cret'", "COLOUR: no loud-s3cret"),
    ],
    indirect=["graded"],
)
def test_anything_else_is_told(graded: Report, expected: str, got: str) -> None:
    [test] = graded.step("refused").tests

    assert test.feedback
    assert (test.feedback.expected, test.feedback.got) == (expected, got)
    assert "COLOUR='loud-s3cret'" in test.feedback.sent
