"""Whether exercises/ is up to date, in the work tree or in git."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring import sync
from taller.authoring.exercise import problems_of_exercise
from taller.catalog import Course, Lesson

Write = Callable[[Path, str], None]


@pytest.fixture
def exercise(course: Course, lesson: Lesson) -> Path:
    sync(course, lesson)
    return course.exercises / lesson.name


@pytest.fixture
def commit(course: Course) -> Callable[[], None]:
    """Commits all there is in the course."""

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=course.root, check=True, capture_output=True)

    def commit() -> None:
        git("init")
        git("add", "--all")
        git("commit", "--message", "All there is")

    return commit


@pytest.mark.usefixtures("exercise")
def test_a_synced_exercise_is_up_to_date(course: Course, lesson: Lesson) -> None:
    assert problems_of_exercise(course, lesson) == []


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.usefixtures("exercise")
def test_a_changed_solution_wants_a_sync(
    course: Course, lesson: Lesson, write: Write, commit: Callable[[], None], committed: bool
) -> None:
    write(course.solutions / lesson.name / "Procfile", "web: another\n")
    write(course.solutions / lesson.name / "more.py", "MORE = 1\n")
    if committed:
        commit()

    assert problems_of_exercise(course, lesson) == [
        "exercises/lesson01_greetings: more.py is missing; run: taller author sync",
        "exercises/lesson01_greetings: Procfile is not up to date; run: taller author sync",
        "exercises/lesson01_greetings: ../.starters/lesson01_greetings.sha256 is not up to date; "
        "run: taller author sync",
    ]


def test_a_learners_work_is_no_problem_while_git_has_the_starter(
    course: Course, lesson: Lesson, exercise: Path, write: Write, commit: Callable[[], None]
) -> None:
    commit()
    write(exercise / "greetings.py", "my work")
    write(exercise / "mine.py", "my work")

    assert problems_of_exercise(course, lesson) == []


def test_a_file_of_the_learners_own_is_no_problem(course: Course, lesson: Lesson, exercise: Path, write: Write) -> None:
    write(exercise / "mine.py", "my work")

    assert problems_of_exercise(course, lesson) == []


def test_an_exercise_edited_by_hand_and_committed_is_a_problem(
    course: Course, lesson: Lesson, exercise: Path, write: Write, commit: Callable[[], None]
) -> None:
    write(exercise / "greetings.py", "edited")
    write(exercise / "surplus.py", "surplus")
    commit()

    assert problems_of_exercise(course, lesson) == [
        "exercises/lesson01_greetings: greetings.py is not up to date; run: taller author sync",
        "exercises/lesson01_greetings: surplus.py is in no solution; run: taller author sync",
    ]
