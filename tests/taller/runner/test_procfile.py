"""What is wrong with a folder or its Procfile is said before anything is started."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.catalog import Course
from taller.runner import ProcfileError, Submission, SubmissionNotFound

Submit = Callable[..., Submission]


@pytest.mark.parametrize(
    ("procfile", "message"),
    [
        ("web python app.py\n", "Procfile, line 1: 'web python app.py' is not of the form `name: command`"),
        ("# the server\n\nweb: a\nwhat?\n", "Procfile, line 4: 'what?' is not of the form `name: command`"),
        ("web:   \n", "Procfile, line 1: 'web:' is not of the form `name: command`"),
        ("web: a\nworker: b\nweb: c\n", "Procfile, line 3: the process 'web' is there twice"),
        ("worker: a\n", "Procfile: no line for the process 'web'"),
        ("", "Procfile: no line for the process 'web'"),
        (b"web: caf\xe9\n", "Procfile: 'utf-8' codec can't decode byte 0xe9"),
    ],
)
def test_a_procfile_that_cannot_be_used(submit: Submit, procfile: str | bytes, message: str) -> None:
    submission = submit({"Procfile": procfile})

    with pytest.raises(ProcfileError, match=re.escape(f"lesson02_small/{message}")):
        submission.commands()


def test_no_procfile(submit: Submit) -> None:
    with pytest.raises(ProcfileError, match=r"there is no Procfile\. .* `web: python -m lesson02_small`"):
        submit({}).commands()


def test_a_folder_in_its_place(submit: Submit) -> None:
    submission = submit({})
    (submission.folder / "Procfile").mkdir()

    with pytest.raises(ProcfileError, match=r"lesson02_small/Procfile: .*Is a directory"):
        submission.commands()


def test_the_commands_by_process(submit: Submit) -> None:
    submission = submit({"Procfile": "# two\r\nweb: python -m shop\r\n\r\nother-one: sleep 1 && echo a: b\r\n"})

    assert submission.commands() == {"web": "python -m shop", "other-one": "sleep 1 && echo a: b"}


def test_a_place_that_is_not_there(course: Course, submit: Submit) -> None:
    lesson = submit({}).lesson

    with pytest.raises(SubmissionNotFound, match="nowhere: no such folder"):
        Submission.locate(course, lesson, Path("nowhere"))


def test_a_place_without_the_lesson(course: Course, submit: Submit) -> None:
    lesson = submit({}).lesson

    with pytest.raises(SubmissionNotFound, match="lessons: neither a folder lesson02_small nor a Procfile in it"):
        Submission.locate(course, lesson, course.lessons_dir)


def test_the_lesson_is_found_in_a_folder_or_as_the_folder(course: Course, submit: Submit, tmp_path: Path) -> None:
    submission = submit({})
    elsewhere = tmp_path / "of somebody"
    elsewhere.mkdir()
    (elsewhere / "Procfile").write_text("web: a\n")

    assert Submission.locate(course, submission.lesson, submission.folder).folder == submission.folder
    assert Submission.locate(course, submission.lesson, elsewhere).folder == elsewhere


def test_earlier_lessons_come_from_the_solutions_or_from_beside_the_submission(
    course: Course, submit: Submit, tmp_path: Path
) -> None:
    for number in (1, 3):
        name = f"lesson{number:02d}_other"
        (course.solutions / name).mkdir()
        submit({}, name=name)
    lesson = submit({}).lesson

    def imports(name: str, *, mine: bool) -> dict[str, Path]:
        submission = Submission.locate(course, lesson, course.exercises, mine=mine)
        submission.link_packages(tmp_path / name)
        return {link.name: Path(os.readlink(link)) for link in (tmp_path / name).iterdir()}

    own = {"lesson02_small": course.exercises / "lesson02_small"}
    assert imports("usual", mine=False) == {**own, "lesson01_other": course.solutions / "lesson01_other"}
    assert imports("mine", mine=True) == {**own, "lesson01_other": course.exercises / "lesson01_other"}
