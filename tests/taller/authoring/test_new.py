"""A new lesson, and names that it cannot have."""

import pytest

from taller.authoring import AuthoringError
from taller.authoring.new import new
from taller.authoring.parts import problems_of_parts
from taller.catalog import Course


def test_a_new_lesson_has_all_eight_parts(shop: Course) -> None:
    parts = [
        "lessons/en/lesson02_greetings.md",
        "lessons/lesson02_greetings.toml",
        "solutions/lesson02_greetings/app.py",
        "exercises/lesson02_greetings/app.py",
        "tests/lessons/test_lesson02_greetings.py",
        "tests/mutants/lesson02_greetings.toml",
        "tests/variants/lesson02_greetings/starlette/main.py",
        "notebooks/lesson02_greetings.ipynb",
    ]

    assert [part for part in parts if not (shop.root / part).is_file()] == []


def test_all_that_a_new_lesson_lacks_is_what_is_marked_to_be_written(shop: Course) -> None:
    problems = problems_of_parts(shop, shop.lesson("lesson02"))

    assert [problem for problem in problems if ": write " not in problem] == []
    assert "lessons/en/lesson02_greetings.md:11: write what goes wrong without it" in problems


def test_nothing_of_the_skeleton_is_left_unnamed(shop: Course) -> None:
    files = [path for path in shop.root.rglob("*") if path.is_file() and "lesson02" in str(path)]

    assert [path for path in files if "LESSON_" in path.read_text() or path.suffix == ".template"] == []


def test_without_a_title_the_topic_is_the_title(shop: Course) -> None:
    new(shop, "lesson03_work_and_play")

    assert Course(shop.root).lesson("lesson03").title == "Work and play"


@pytest.mark.parametrize(
    ("name", "title", "message"),
    [
        ("lesson3_more", "More", "'lesson3_more': a lesson is called lessonNN_topic"),
        ("lesson03_More", "More", "'lesson03_More': a lesson is called lessonNN_topic"),
        ("lesson02_greetings", "More", "lesson02_greetings: lesson 02 is lesson02_greetings; take another number"),
        ("lesson02_more", "More", "lesson02_more: lesson 02 is lesson02_greetings; take another number"),
        ("lesson03_more", 'The "more"', "a title is one line without quotation marks and backslashes"),
        ("lesson03_more", " ", "a title is one line"),
    ],
)
def test_a_name_that_cannot_be_is_refused(shop: Course, name: str, title: str, message: str) -> None:
    with pytest.raises(AuthoringError, match=message):
        new(shop, name, title)


def test_files_that_are_there_are_not_overwritten(shop: Course) -> None:
    page = shop.lessons_dir / "en" / "lesson03_more.md"
    page.write_text("a draft")

    with pytest.raises(AuthoringError, match=r"lesson03_more: there is already lessons/en/lesson03_more\.md"):
        new(shop, "lesson03_more", "More")

    assert page.read_text() == "a draft"
    assert not (shop.solutions / "lesson03_more").exists()
