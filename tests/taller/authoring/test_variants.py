"""Variants found beside the suites, and what a submission of one holds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring import AuthoringError
from taller.authoring.variants import variant_files, variants_of
from taller.catalog import Course, Lesson

Write = Callable[[Path, str], None]


@pytest.fixture
def folder(course: Course, lesson: Lesson, write: Write) -> Path:
    """A variant that holds one file."""
    folder = course.tests / "variants" / lesson.name / "other"
    write(folder / "Procfile", "web: other\n")
    return folder


@pytest.mark.usefixtures("folder")
def test_a_variant_is_a_whole_submission(course: Course, lesson: Lesson) -> None:
    [variant] = variants_of(course, lesson)

    assert (variant.name, variant.missing) == ("other", [])
    assert variant_files(course, lesson, variant) == {"Procfile": b"web: other\n"}


def test_an_overlay_lies_over_the_solution(course: Course, lesson: Lesson, folder: Path, write: Write) -> None:
    write(folder / "variant.toml", "overlay = true\n")

    [variant] = variants_of(course, lesson)

    files = variant_files(course, lesson, variant)
    assert files["Procfile"] == b"web: other\n"
    assert sorted(files) == ["Procfile", "greetings.py"]


def test_what_this_machine_has_not_is_named(course: Course, lesson: Lesson, folder: Path, write: Write) -> None:
    write(folder / "variant.toml", 'requires = ["sh", "no-such-program"]\n')

    [variant] = variants_of(course, lesson)

    assert variant.missing == ["no-such-program"]


@pytest.mark.parametrize("text", ["require = []", "overlay = ", 'requires = "node"'])
def test_wrong_settings_are_named(course: Course, lesson: Lesson, folder: Path, write: Write, text: str) -> None:
    write(folder / "variant.toml", text)

    with pytest.raises(AuthoringError, match=r"variants/lesson01_greetings/other/variant\.toml: "):
        variants_of(course, lesson)
