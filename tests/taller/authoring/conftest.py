"""A small course of one lesson, in a folder of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring.new import new
from taller.catalog import Course, Lesson

MANIFEST = """
title = "Greetings"

[[steps]]
id = "hello"
title = "Say hello"
points = 1
given = true
hints = ["A nudge.", "The answer."]

[[steps]]
id = "bye"
title = "Say goodbye"
points = 2
hints = ["A nudge.", "The answer."]
"""

GREETINGS = '''"""Greetings."""


def hello() -> str:
    """Say hello."""
    # --8<-- [start:hello]
    return "hello"
    # --8<-- [end:hello]


def bye() -> str:
    """Say goodbye."""
    # --8<-- [start:bye]
    return "bye"
    # --8<-- [end:bye]
'''


Write = Callable[[Path, str], None]


@pytest.fixture
def write() -> Write:
    """Writes a text file, and the folders above it where they are missing."""

    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def course(tmp_path: Path, write: Write) -> Course:
    write(tmp_path / "lessons" / "lesson01_greetings.toml", MANIFEST)
    write(tmp_path / "solutions" / "lesson01_greetings" / "greetings.py", GREETINGS)
    write(tmp_path / "solutions" / "lesson01_greetings" / "Procfile", "web: python -m lesson01_greetings\n")
    return Course(tmp_path)


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("lesson01_greetings")


@pytest.fixture
def shop(tmp_path: Path) -> Course:
    """A course with the real lesson01 and a new lesson that stands on it."""
    real = Course.find(Path(__file__))
    (tmp_path / "src" / "taller").mkdir(parents=True)
    (tmp_path / "lessons").mkdir()
    shutil.copy(real.lessons_dir / "lesson01_rest_crud.toml", tmp_path / "lessons")
    shutil.copytree(real.solutions / "lesson01_rest_crud", tmp_path / "solutions" / "lesson01_rest_crud")
    new(Course(tmp_path), "lesson02_greetings", "Greetings")
    return Course(tmp_path)
