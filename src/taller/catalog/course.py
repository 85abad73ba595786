"""The checkout: which lessons it has and where their files are."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taller.catalog.errors import CatalogError, CourseNotFound, LessonNotFound
from taller.catalog.lesson import Lesson, load


@dataclass(frozen=True)
class Course:
    """A checkout of the course at ``root``."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> "Course":
        """The course at ``start`` (by default here) or above, else the one this package was installed from.

        Raises ``CourseNotFound``.
        """
        here = (start or Path.cwd()).resolve()
        for folder in [here, *here.parents, *Path(__file__).resolve().parents]:
            if (folder / "lessons").is_dir() and (folder / "src" / "taller").is_dir():
                return cls(folder)
        raise CourseNotFound(f"no course at {here} or above: run this in its checkout")

    @property
    def lessons_dir(self) -> Path:
        """Manifests, and the pages in a folder per language."""
        return self.root / "lessons"

    @property
    def exercises(self) -> Path:
        """Where learners work."""
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        """The reference solutions."""
        return self.root / "solutions"

    @property
    def notebooks(self) -> Path:
        """One experiment per lesson."""
        return self.root / "notebooks"

    @property
    def tests(self) -> Path:
        """Suites, mutants, variants, and the tests of the tool."""
        return self.root / "tests"

    @property
    def progress(self) -> Path:
        """What this learner has done; git ignores it."""
        return self.root / ".taller"

    @cached_property
    def lessons(self) -> list[Lesson]:
        """All lessons by number; raises ``CatalogError`` when a manifest is wrong."""
        lessons = [load(path) for path in sorted(self.lessons_dir.glob("*.toml"))]
        names = {lesson.name for lesson in lessons}
        for lesson in lessons:
            for other in lesson.builds_on:
                if other not in names:
                    raise CatalogError(f"{lesson.name}.toml: builds_on {other!r}, which is no lesson")
        return lessons

    def lesson(self, name: str) -> Lesson:
        """The lesson of that name, number or unambiguous beginning; raises ``LessonNotFound``."""
        wanted = f"lesson{int(name):02d}" if name.isdecimal() else name
        exact = [lesson for lesson in self.lessons if lesson.name == wanted]
        found = exact or [lesson for lesson in self.lessons if lesson.name.startswith(wanted)]
        if len(found) == 1:
            return found[0]
        known = ", ".join(lesson.name for lesson in found or self.lessons)
        raise LessonNotFound(f"{name!r} could be any of {known}" if found else f"no lesson {name!r}: there are {known}")

    def page(self, lesson: Lesson, language: str = "en") -> Path:
        """The lesson's page."""
        return self.lessons_dir / language / f"{lesson.name}.md"

    def suite(self, lesson: Lesson) -> Path:
        """The lesson's graded suite."""
        return self.tests / "lessons" / f"test_{lesson.name}.py"

    def notebook(self, lesson: Lesson) -> Path:
        """The lesson's notebook."""
        return self.notebooks / f"{lesson.name}.ipynb"
