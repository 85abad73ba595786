"""Where a course is, and its lessons by name."""

from pathlib import Path

import pytest

import taller
from taller.catalog import CatalogError, Course, CourseNotFound, LessonNotFound

MANIFEST = 'title = "Small"\n{}\n[[steps]]\nid = "serve"\ntitle = "Serve"\npoints = 1\n'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of three lessons."""
    (tmp_path / "src" / "taller").mkdir(parents=True)
    (tmp_path / "lessons").mkdir()
    for name in ("lesson10_queues", "lesson01_rest", "lesson11_streams"):
        (tmp_path / "lessons" / f"{name}.toml").write_text(MANIFEST.format(""))
    return Course(tmp_path)


def test_it_is_found_from_any_folder_below(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    below = course.root / "exercises" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert Course.find() == course
    assert Course.find(course.root) == course


def test_from_elsewhere_it_is_the_one_that_taller_was_installed_from(tmp_path: Path) -> None:
    assert Course.find(tmp_path).root == Path(taller.__path__[0]).resolve().parent.parent


def test_there_may_be_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taller.catalog.course.__file__", "/nowhere/course.py")

    with pytest.raises(CourseNotFound, match=f"no course at {tmp_path} or above: run this in its checkout"):
        Course.find(tmp_path)


def test_lessons_come_by_number(course: Course) -> None:
    assert [lesson.name for lesson in course.lessons] == ["lesson01_rest", "lesson10_queues", "lesson11_streams"]
    assert [lesson.number for lesson in course.lessons] == [1, 10, 11]


@pytest.mark.parametrize("name", ["lesson01_rest", "1", "01", "lesson01", "lesson0"])
def test_a_lesson_by_name_number_or_beginning(course: Course, name: str) -> None:
    assert course.lesson(name).name == "lesson01_rest"


def test_a_name_that_is_the_beginning_of_another_is_itself(course: Course) -> None:
    (course.lessons_dir / "lesson01_rest_crud.toml").write_text(MANIFEST.format(""))

    assert course.lesson("lesson01_rest").name == "lesson01_rest"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lesson1", "'lesson1' could be any of lesson10_queues, lesson11_streams"),
        ("7", "no lesson '7': there are lesson01_rest, lesson10_queues, lesson11_streams"),
        ("rest", "no lesson 'rest': there are lesson01_rest, lesson10_queues, lesson11_streams"),
    ],
)
def test_a_name_that_is_no_lessons_or_several(course: Course, name: str, message: str) -> None:
    with pytest.raises(LessonNotFound, match=f"^{message}$"):
        course.lesson(name)


def test_a_lesson_can_only_build_on_one_that_is_there(course: Course) -> None:
    path = course.lessons_dir / "lesson11_streams.toml"
    path.write_text(MANIFEST.format('builds_on = ["lesson02_gone"]'))

    with pytest.raises(CatalogError, match=r"^lesson11_streams\.toml: builds_on 'lesson02_gone', which is no lesson$"):
        _ = course.lessons


def test_where_things_are(course: Course) -> None:
    lesson = course.lesson("1")

    assert course.page(lesson) == course.root / "lessons" / "en" / "lesson01_rest.md"
    assert course.page(lesson, "es") == course.root / "lessons" / "es" / "lesson01_rest.md"
    assert course.suite(lesson) == course.root / "tests" / "lessons" / "test_lesson01_rest.py"
    assert course.notebook(lesson) == course.root / "notebooks" / "lesson01_rest.ipynb"
    assert course.progress == course.root / ".taller"
