"""A small course, and programs for it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from taller.catalog import Course
from taller.runner import Submission

STEPS = '[[steps]]\nid = "serve"\ntitle = "Serve"\npoints = 1\n'

Submit = Callable[..., Submission]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course without a lesson, in a folder that only its owner can enter."""
    root = tmp_path / "closed" / "course"
    for folder in ("lessons", "src/taller", "exercises", "solutions"):
        (root / folder).mkdir(parents=True)
    root.parent.chmod(0o700)
    return Course(root)


@pytest.fixture
def submit(course: Course) -> Submit:
    """Writes the manifest of a lesson and somebody's work on it."""

    def submit(files: Mapping[str, str | bytes], manifest: str = "", name: str = "lesson02_small") -> Submission:
        (course.lessons_dir / f"{name}.toml").write_text(f'title = "Small"\n{manifest}\n{STEPS}')
        folder = course.exercises / name
        folder.mkdir()
        for file, content in files.items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        course.__dict__.pop("lessons", None)
        return Submission.locate(course, course.lesson(name), course.exercises)

    return submit


@pytest.fixture
def as_root() -> None:
    """For what only root can do."""
    if os.geteuid() != 0:
        pytest.skip("only root starts programs as another user")
