"""Files that belong to no lesson."""

import re
from collections.abc import Iterator
from pathlib import Path

from taller.authoring.starter import is_left_behind
from taller.authoring.sync import MANIFESTS
from taller.catalog import Course


def orphans(course: Course) -> list[str]:
    """What lies where a lesson's parts lie and has no lesson's name, a line each."""
    names = {lesson.name for lesson in course.lessons}
    return [
        f"{path.relative_to(course.root).as_posix()}: belongs to no lesson"
        for path, name in sorted(_parts(course))
        if name not in names
    ]


def _parts(course: Course) -> Iterator[tuple[Path, str]]:
    """Every file or folder that is part of a lesson, and the name of that lesson."""
    for folder in (course.solutions, course.exercises, course.tests / "variants"):
        yield from ((path, path.name) for path in folder.glob("[!.]*") if not is_left_behind(Path(path.name)))
    for folder, pattern in (
        (course.exercises / MANIFESTS, "*.sha256"),
        (course.notebooks, "*.ipynb"),
        (course.tests / "mutants", "*.toml"),
    ):
        yield from ((path, path.stem) for path in folder.glob(pattern))
    yield from ((path, path.stem.removeprefix("test_")) for path in (course.tests / "lessons").glob("test_*.py"))
    pages = course.lessons_dir.glob("*/*.md")
    yield from ((path, path.stem) for path in pages if re.match(r"lesson\d", path.stem))
