"""exercises/ written from solutions/, and what a learner wrote there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring import LearnersWork, sync, sync_all
from taller.catalog import Course, Lesson

Write = Callable[[Path, str], None]


@pytest.fixture
def exercise(course: Course, lesson: Lesson) -> Path:
    sync(course, lesson)
    return course.exercises / lesson.name


def test_the_first_sync_writes_all_and_the_second_nothing(course: Course, lesson: Lesson) -> None:
    first, second = sync(course, lesson), sync(course, lesson)

    assert first.written == ("Procfile", "greetings.py")
    assert (second.written, second.unchanged) == ((), 2)


def test_a_changed_solution_changes_an_untouched_starter(
    course: Course, lesson: Lesson, exercise: Path, write: Write
) -> None:
    write(course.solutions / lesson.name / "Procfile", "web: python -m http.server\n")

    assert sync(course, lesson).written == ("Procfile",)
    assert (exercise / "Procfile").read_text() == "web: python -m http.server\n"


def test_a_learners_work_is_not_overwritten(course: Course, lesson: Lesson, exercise: Path, write: Write) -> None:
    write(exercise / "greetings.py", "my work")

    with pytest.raises(LearnersWork, match=r"lesson01_greetings: changed .*: greetings\.py"):
        sync(course, lesson)

    assert (exercise / "greetings.py").read_text() == "my work"


def test_one_learners_work_keeps_the_whole_lesson_as_it_is(
    course: Course, lesson: Lesson, exercise: Path, write: Write
) -> None:
    write(exercise / "greetings.py", "my work")
    write(course.solutions / lesson.name / "Procfile", "web: another\n")

    with pytest.raises(LearnersWork):
        sync(course, lesson)

    assert (exercise / "Procfile").read_text() == "web: python -m lesson01_greetings\n"


def test_force_overwrites(course: Course, lesson: Lesson, exercise: Path, write: Write) -> None:
    write(exercise / "greetings.py", "my work")

    assert sync(course, lesson, force=True).written == ("greetings.py",)
    assert "raise NotImplementedError" in (exercise / "greetings.py").read_text()


def test_a_file_that_the_solution_no_longer_has_goes_with_its_folder(
    course: Course, lesson: Lesson, write: Write
) -> None:
    old = course.solutions / lesson.name / "old" / "notes.txt"
    write(old, "old\n")
    sync(course, lesson)
    old.unlink()

    assert sync(course, lesson).removed == ("old/notes.txt",)
    assert not (course.exercises / lesson.name / "old").exists()


def test_such_a_file_stays_when_a_learner_changed_it(course: Course, lesson: Lesson, write: Write) -> None:
    old = course.solutions / lesson.name / "notes.txt"
    write(old, "old\n")
    sync(course, lesson)
    old.unlink()
    write(course.exercises / lesson.name / "notes.txt", "mine\n")

    with pytest.raises(LearnersWork, match=r"notes\.txt"):
        sync(course, lesson)


def test_files_of_the_learners_own_stay(course: Course, lesson: Lesson, exercise: Path, write: Write) -> None:
    write(exercise / "mine.py", "mine")

    sync(course, lesson, force=True)

    assert (exercise / "mine.py").read_text() == "mine"


def test_one_lesson_in_trouble_does_not_keep_back_the_others(course: Course, exercise: Path, write: Write) -> None:
    write(exercise / "greetings.py", "my work")
    for folder, suffix in ((course.lessons_dir, ".toml"), (course.solutions, "/Procfile")):
        content = (folder / f"lesson01_greetings{suffix}").read_text()
        write(folder / f"lesson02_more{suffix}", content)
    lines: list[str] = []

    course = Course(course.root)
    [problem] = sync_all(course, course.lessons, progress=lines.append)

    assert isinstance(problem, LearnersWork)
    assert lines[1] == "lesson02_more: 1 written, 0 removed, 0 as they were"
