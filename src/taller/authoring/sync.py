"""Write exercises/ anew from solutions/, and never over what a learner wrote."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from taller.authoring.errors import AuthoringError, LearnersWork
from taller.authoring.starter import Files, files_of, starter_of, write
from taller.catalog import Course, Lesson

MANIFESTS = ".starters"


@dataclass(frozen=True)
class Synced:
    """What one sync did, by path relative to the lesson's folder."""

    lesson: str
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    def __str__(self) -> str:
        if not self.written and not self.removed:
            return f"{self.lesson}: up to date"
        return f"{self.lesson}: {len(self.written)} written, {len(self.removed)} removed, {self.unchanged} as they were"


def sync_all(
    course: Course, lessons: Iterable[Lesson], *, force: bool = False, progress: Callable[[str], None]
) -> list[AuthoringError]:
    """Sync lessons one after the other, a line to ``progress`` for each; what went wrong, if anything did."""
    errors = []
    for lesson in lessons:
        try:
            progress(str(sync(course, lesson, force=force)))
        except AuthoringError as error:
            errors.append(error)
            progress(str(error))
    return errors


def sync(course: Course, lesson: Lesson, *, force: bool = False) -> Synced:
    """Make the lesson's exercise its starter; files of somebody's own beside it stay.

    Raises ``AuthoringError`` when the solution makes no starter, and ``LearnersWork`` when a file would be lost that
    is neither as the last sync left it nor as this one would; ``force`` overwrites it.
    """
    folder = course.exercises / lesson.name
    new, here, last = starter_of(course, lesson), files_of(folder), _last_sync(course, lesson)
    removed = [path for path in here if path in last and path not in new]
    written = [path for path, content in new.items() if here.get(path) != content]
    lost = [path for path in (*removed, *written) if path in here and last.get(path) != _hash(here[path])]
    if lost and not force:
        raise LearnersWork(lesson.name, sorted(lost))
    for path in removed:
        (folder / path).unlink()
        _remove_empty(folder / path, folder)
    write({path: new[path] for path in written}, folder)
    _remember(course, lesson, new)
    return Synced(lesson.name, tuple(written), tuple(removed), len(new) - len(written))


def manifest(course: Course, lesson: Lesson) -> Path:
    """What the last sync wrote, in the format of sha256sum(1)."""
    return course.exercises / MANIFESTS / f"{lesson.name}.sha256"


def manifest_of(starter: Files) -> str:
    """The text of a starter's manifest."""
    return "".join(f"{_hash(content)}  {path}\n" for path, content in sorted(starter.items()))


def _last_sync(course: Course, lesson: Lesson) -> dict[str, str]:
    path = manifest(course, lesson)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _remember(course: Course, lesson: Lesson, starter: Files) -> None:
    path = manifest(course, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(manifest_of(starter), encoding="utf-8")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _remove_empty(path: Path, top: Path) -> None:
    for folder in path.parents:
        if folder == top or any(folder.iterdir()):
            return
        folder.rmdir()
