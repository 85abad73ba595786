"""A learner's work on one lesson: a folder with a Procfile."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from honcho.environ import PROCFILE_LINE, parse_procfile

from taller.catalog import Course, Lesson
from taller.runner.errors import ProcfileError, SubmissionNotFound


@dataclass(frozen=True)
class Submission:
    """The folder of one lesson, and where the lessons before it come from."""

    course: Course
    lesson: Lesson
    folder: Path
    earlier: Path

    @classmethod
    def locate(cls, course: Course, lesson: Lesson, place: Path, *, mine: bool = False) -> "Submission":
        """Find the lesson in ``place``: the lesson's own folder, or one that holds it by its name.

        The lessons it builds on come from the solutions, or with ``mine`` from beside it where they are there.
        Raises ``SubmissionNotFound``.
        """
        place = place.resolve()
        if not place.is_dir():
            raise SubmissionNotFound(f"{shown(place)}: no such folder")
        inside = place / lesson.name
        folder = inside if inside.is_dir() else place
        if folder is place and place.name != lesson.name and not (place / "Procfile").exists():
            raise SubmissionNotFound(f"{shown(place)}: neither a folder {lesson.name} nor a Procfile in it")
        return cls(course, lesson, folder, folder.parent if mine else course.solutions)

    def commands(self) -> dict[str, str]:
        """The commands of the Procfile by process name.

        The format is Heroku's (https://devcenter.heroku.com/articles/procfile). Raises ``ProcfileError`` with file
        and line when there is none, a line makes no sense, or a process of the lesson is missing.
        """
        path = self.folder / "Procfile"
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            wanted = next(iter(self.lesson.formation))
            raise ProcfileError(
                f"{shown(path)}: there is no Procfile. It tells how to start your program, a line for each process, "
                f"such as `{wanted}: python -m {self.lesson.name}`"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ProcfileError(f"{shown(path)}: {error}") from None
        _check_lines(path, text)
        commands: dict[str, str] = parse_procfile(text).processes
        missing = self.lesson.formation.keys() - commands.keys()
        if missing:
            raise ProcfileError(f"{shown(path)}: no line for the process {sorted(missing)[0]!r}")
        return commands

    def text(self, name: str) -> str:
        """A text file in the folder; raises ``SubmissionNotFound``, also for one that leads out of the folder."""
        path = self.folder / name
        try:
            if not path.resolve().is_relative_to(self.folder.resolve()):
                raise SubmissionNotFound(f"{shown(path)}: leads out of {shown(self.folder)}")
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SubmissionNotFound(f"{shown(path)}: {error}") from None

    def link_packages(self, target: Path) -> None:
        """Make ``target`` a folder to import from: this lesson's own package, and those of lower numbers."""
        target.mkdir()
        # Whatever our umask is: another user may have to read it.
        target.chmod(0o755)
        (target / self.lesson.name).symlink_to(self.folder)
        for lesson in self.course.lessons:
            if lesson.number < self.lesson.number:
                places = (self.earlier / lesson.name, self.course.solutions / lesson.name)
                (target / lesson.name).symlink_to(next(place for place in places if place.is_dir()))


def _check_lines(path: Path, text: str) -> None:
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.match(PROCFILE_LINE, line)
        if not match or not match[2].strip():
            raise ProcfileError(f"{shown(path)}, line {number}: {line.strip()!r} is not of the form `name: command`")
        if match[1] in seen:
            raise ProcfileError(f"{shown(path)}, line {number}: the process {match[1]!r} is there twice")
        seen.add(match[1])


def shown(path: Path) -> str:
    """A path as a person would write it: relative to here where it is below."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
