"""Mutants read from their file and applied to the solution."""

from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring import AuthoringError
from taller.authoring.mutants import mutants_file, mutants_of, mutated
from taller.catalog import Course, Lesson

Write = Callable[[Path, str], None]

MUTANT = """
[[mutants]]
id = "shout"
step = "bye"
why = "Nobody asked for capitals."
says = "bye"
[[mutants.changes]]
file = "greetings.py"
find = 'return "bye"'
replace = 'return "BYE"'
"""


@pytest.fixture
def told(course: Course, lesson: Lesson, write: Write) -> Callable[[str], None]:
    """Writes the lesson's file of mutants."""
    return lambda text: write(mutants_file(course, lesson), text)


def test_a_mutant_changes_one_place_and_nothing_else(
    course: Course, lesson: Lesson, told: Callable[[str], None]
) -> None:
    told(MUTANT)
    [mutant] = mutants_of(course, lesson)

    files = mutated(course, lesson, mutant)

    original = (course.solutions / lesson.name / "greetings.py").read_text()
    assert files["greetings.py"].decode() == original.replace('return "bye"', 'return "BYE"')
    assert files["Procfile"] == b"web: python -m lesson01_greetings\n"


def test_a_lesson_without_the_file_has_no_mutants(course: Course, lesson: Lesson) -> None:
    assert mutants_of(course, lesson) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("'return \"bye\"'", "'return 1'", r"mutant 'shout': 'return 1' is not found in greetings\.py, not once"),
        ("'return \"bye\"'", "'return'", r"'return' is found 2 times in greetings\.py, not once"),
        ('"greetings.py"', '"other.py"', r"mutant 'shout': the solution has no file 'other\.py'"),
    ],
)
def test_a_change_that_does_not_fit_is_named(
    course: Course, lesson: Lesson, told: Callable[[str], None], old: str, new: str, message: str
) -> None:
    told(MUTANT.replace(old, new))
    [mutant] = mutants_of(course, lesson)

    with pytest.raises(AuthoringError, match=message):
        mutated(course, lesson, mutant)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MUTANT.replace('step = "bye"', 'step = "nod"'), "mutant 'shout': 'nod' is no step of lesson01_greetings"),
        (MUTANT + MUTANT, "mutant 'shout' is there twice"),
        (MUTANT.replace('says = "bye"', 'says = "("'), r"mutants\.0\.says: .*no regular expression"),
        (MUTANT.replace("why", "because"), r"mutants\.0\.why: Field required"),
        (MUTANT.replace("find", "seek"), r"mutants\.0\.changes\.0\.find: Field required"),
        (MUTANT.replace("replace", "put"), r"mutants\.0\.changes\.0\.replace: Field required"),
        ("mutants = 1", "mutants: Input should be a valid list"),
        ("[[mutants", r"lesson01_greetings\.toml: Expected"),
    ],
)
def test_a_file_that_makes_no_sense_is_named_with_the_place(
    course: Course, lesson: Lesson, told: Callable[[str], None], text: str, message: str
) -> None:
    told(text)

    with pytest.raises(AuthoringError, match=f"mutants/lesson01_greetings.toml: .*{message}|{message}"):
        mutants_of(course, lesson)
