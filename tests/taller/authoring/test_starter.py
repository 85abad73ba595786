"""Starters derived from solutions."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from taller.authoring import AuthoringError, starter_of
from taller.catalog import Course, Lesson

Write = Callable[[Path, str], None]


def starter(write: Write, course: Course, lesson: Lesson, name: str, text: str) -> str:
    """The starter of a file with this text in the solution."""
    write(course.solutions / lesson.name / name, dedent(text))
    return starter_of(course, lesson)[name].decode()


def test_an_open_step_becomes_a_gap_and_a_given_one_stays(course: Course, lesson: Lesson) -> None:
    assert starter_of(course, lesson)["greetings.py"].decode() == dedent('''\
        """Greetings."""


        def hello() -> str:
            """Say hello."""
            return "hello"


        def bye() -> str:
            """Say goodbye."""
            # TODO bye: Say goodbye
            raise NotImplementedError("bye")
    ''')


def test_starter_lines_stand_where_the_region_was(course: Course, lesson: Lesson, write: Write) -> None:
    text = """\
        class Farewell:
            # starter: words = ()
            # --8<-- [start:bye]
            words = ("bye",)
            # --8<-- [end:bye]
    """

    assert starter(write, course, lesson, "farewell.py", text) == dedent("""\
        class Farewell:
            # TODO bye: Say goodbye
            words = ()
    """)


def test_a_part_of_a_body_may_be_a_region(course: Course, lesson: Lesson, write: Write) -> None:
    text = """\
        def f(x):
            x += 1
            # --8<-- [start:bye]
            x *= 2
            # --8<-- [end:bye]
            return x
    """

    assert starter(write, course, lesson, "part.py", text) == dedent("""\
        def f(x):
            x += 1
            # TODO bye: Say goodbye
            raise NotImplementedError("bye")
            return x
    """)


def test_another_language_gets_the_todo_in_its_own_comment(course: Course, lesson: Lesson, write: Write) -> None:
    text = "<!-- --8<-- [start:bye] -->\n<p>bye</p>\n<!-- --8<-- [end:bye] -->\n"

    assert starter(write, course, lesson, "page.html", text) == "<!-- TODO bye: Say goodbye -->\n"


def test_files_without_text_are_copied_and_caches_are_not(course: Course, lesson: Lesson, write: Write) -> None:
    solution = course.solutions / lesson.name
    (solution / "logo.png").write_bytes(b"\x89PNG\xff")
    write(solution / "__pycache__" / "greetings.pyc", "bytecode")

    files = starter_of(course, lesson)

    assert files["logo.png"] == b"\x89PNG\xff"
    assert sorted(files) == ["Procfile", "greetings.py", "logo.png"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# --8<-- [start:bye]\nX = 1\n# --8<-- [end:bye]\n", "raise NotImplementedError('bye') runs at once"),
        (
            "class C:\n    # --8<-- [start:bye]\n    x = 1\n    # --8<-- [end:bye]\n",
            "raise NotImplementedError('bye') runs at once",
        ),
        (
            "X = (\n    # --8<-- [start:bye]\n    1,\n    # --8<-- [end:bye]\n)\n",
            "the starter is no Python at 'raise NotImplementedError(\"bye\")'",
        ),
    ],
)
def test_a_starter_that_cannot_be_imported_is_refused(
    course: Course, lesson: Lesson, text: str, message: str, write: Write
) -> None:
    with pytest.raises(AuthoringError) as raised:
        starter(write, course, lesson, "wrong.py", text)

    assert str(raised.value).startswith("lesson01_greetings/wrong.py: the starter")
    assert message in str(raised.value)


def test_a_lesson_without_a_solution_is_named(tmp_path: Path, lesson: Lesson) -> None:
    with pytest.raises(AuthoringError, match="solutions/lesson01_greetings: there is no solution"):
        starter_of(Course(tmp_path / "elsewhere"), lesson)
