"""What is missing in a lesson, or speaks of a step that it has not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring.orphans import orphans
from taller.authoring.parts import problems_of_parts
from taller.catalog import Course

Write = Callable[[Path, str], None]

MANIFEST = "lessons/lesson02_greetings.toml"
PAGE = "lessons/en/lesson02_greetings.md"
APP = "solutions/lesson02_greetings/app.py"
SUITE = "tests/lessons/test_lesson02_greetings.py"
MUTANTS = "tests/mutants/lesson02_greetings.toml"
NOTEBOOK = "notebooks/lesson02_greetings.ipynb"


def problems(course: Course) -> set[str]:
    """What is wrong with the new lesson, without line numbers."""
    found = problems_of_parts(Course(course.root), Course(course.root).lesson("lesson02"))
    return {re.sub(r":\d+: ", ": ", problem) for problem in found}


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            MANIFEST,
            '"A GET handler that returns a dictionary: FastAPI makes JSON of it.",',
            "",
            f"{MANIFEST}: step 'health': write at least 2 hints",
        ),
        (
            PAGE,
            "## Tell that you are there { #health }",
            "## Tell that you are there",
            f"{PAGE}: the heading '## Tell that you are there {{#health}}' is due once, it is there 0 times",
        ),
        (
            PAGE,
            "## Tell that you are there { #health }",
            "## Say goodbye { #bye }",
            f"{PAGE}: 'Say goodbye' is no section of a lesson's page and no step of this one",
        ),
        (
            PAGE,
            "## Recap { #recap }",
            "## Why it matters { #why }",
            f"{PAGE}: the section {{#recap}} is due once, it is there 0 times",
        ),
        (
            PAGE,
            "## Recap { #recap }",
            "## Why it matters { #why }",
            f"{PAGE}: the section {{#why}} is due once, it is there 2 times",
        ),
        (
            PAGE,
            "app.py:health",
            "app.py:bye",
            f'{PAGE}: show the region: --8<-- "solutions/lesson02_greetings/app.py:health"',
        ),
        (
            PAGE,
            "app.py:health",
            "app.py:bye",
            f"{PAGE}: shows solutions/lesson02_greetings/app.py:bye, which is no region of the solution",
        ),
        (APP, "[end:health]", "[end:bye]", "lesson02_greetings/app.py: 'bye' is no step of lesson02_greetings"),
        (
            MANIFEST,
            'id = "health"',
            'id = "bye"',
            f"{MUTANTS}: step 'bye': 0 of at least 2 mutants are written",
        ),
        (
            SUITE,
            'step("health")',
            'step("bye")',
            f"{SUITE}: step 'health': mark a test with @pytest.mark.step('health')",
        ),
        (SUITE, 'step("health")', 'step("bye")', f"{SUITE}: 'bye' is no step of lesson02_greetings"),
        (
            MUTANTS,
            'step = "health"\nwhy = "The value',
            'step = "bye"\nwhy = "The value',
            "mutants/lesson02_greetings.toml: mutant 'health-in-capitals': 'bye' is no step of lesson02_greetings",
        ),
        (NOTEBOOK, '"outputs": [', '"outputs": [], "spare": [', f"{NOTEBOOK}: run it and store its outputs"),
    ],
)
def test_what_is_wrong_in_a_part_is_named(
    shop: Course, write: Write, file: str, old: str, new: str, problem: str
) -> None:
    text = (shop.root / file).read_text()
    assert old in text
    if file == MANIFEST and "id =" in old:
        # Whatever speaks of the step's old id is wrong too, so the mutants go.
        (shop.root / MUTANTS).unlink()
    write(shop.root / file, text.replace(old, new))

    assert problem in problems(shop)


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (PAGE, f"{PAGE}: write the page"),
        (SUITE, f"{SUITE}: write the suite"),
        (MUTANTS, f"{MUTANTS}: step 'health': 0 of at least 2 mutants are written"),
        (NOTEBOOK, f"{NOTEBOOK}: write the notebook"),
        (
            "tests/variants/lesson02_greetings/starlette/Procfile",
            "tests/variants/lesson02_greetings: write a variant, another right solution",
        ),
    ],
)
def test_a_part_that_is_missing_is_named(shop: Course, part: str, problem: str) -> None:
    (shop.root / part).unlink()
    (shop.root / "tests/variants/lesson02_greetings/starlette/main.py").unlink()

    assert problem in problems(shop)


def test_a_page_is_due_in_every_language_that_has_pages(shop: Course, write: Write) -> None:
    write(shop.lessons_dir / "es" / "index.md", "# Inicio\n")

    assert "lessons/es/lesson02_greetings.md: write the page" in problems(shop)


def test_a_course_of_whole_lessons_has_no_orphans(shop: Course) -> None:
    assert orphans(shop) == []


@pytest.mark.parametrize(
    "path",
    [
        "lessons/en/lesson03_more.md",
        "solutions/lesson03_more",
        "exercises/lesson03_more",
        "exercises/.starters/lesson03_more.sha256",
        "notebooks/lesson03_more.ipynb",
        "tests/lessons/test_lesson03_more.py",
        "tests/mutants/lesson03_more.toml",
        "tests/variants/lesson03_more",
    ],
)
def test_what_belongs_to_no_lesson_is_an_orphan(shop: Course, write: Write, path: str) -> None:
    write(shop.root / path if Path(path).suffix else shop.root / path / "Procfile", "")

    assert orphans(shop) == [f"{path}: belongs to no lesson"]
