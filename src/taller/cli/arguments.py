"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from taller.catalog import CatalogError, Course, Lesson, Step
from taller.cli.progress import Progress

LessonName = Annotated[
    str | None, typer.Argument(metavar="[LESSON]", help="Name, number or beginning; your current lesson if left out.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Place = Annotated[
    Path, typer.Option("--submission", metavar="PLACE", help="What to use: exercises, solutions or a folder.")
]
Mine = Annotated[bool, typer.Option("--mine", help="Take earlier lessons from beside the submission.")]


def step_named(lesson: Lesson, name: str) -> Step:
    """The step of that id; raises ``CatalogError`` that lists those there are."""
    try:
        return lesson.step(name)
    except KeyError:
        known = ", ".join(step.id for step in lesson.steps)
        raise CatalogError(f"{lesson.name} has no step {name!r}; it has {known}") from None


def lesson_or_current(course: Course, name: str | None) -> Lesson:
    """The lesson that was named, else the first that is not finished."""
    return course.lesson(name) if name else Progress.of(course).current(course)
