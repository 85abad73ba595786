"""``taller author``: for those who write lessons."""

from typing import Annotated

import typer

from taller.catalog import Course, Lesson
from taller.cli.arguments import AsJson
from taller.cli.console import console, errors, print_json
from taller.cli.exits import FAILED, Exit

author = typer.Typer(
    help="Write lessons: derive starters, prove that a lesson is whole, begin a new one.", no_args_is_help=True
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[LESSON]...", help="Which; all if left out.")]


@author.command()
def sync(
    lessons: Names = None,
    force: Annotated[bool, typer.Option("--force", help="Also overwrite files that somebody has worked on.")] = False,
) -> None:
    """Derive the starters in exercises/ from solutions/."""
    from taller.authoring import sync_all

    course = Course.find()
    if sync_all(course, _chosen(course, lessons), force=force, progress=_print):
        raise Exit(FAILED)


@author.command()
def check(lessons: Names = None, as_json: AsJson = False) -> None:
    """Prove that lessons are whole: solution, starter, mutants, variants, page, notebook."""
    from taller.authoring.check import check as prove

    course = Course.find()
    result = prove(course, _chosen(course, lessons), progress=errors.print if as_json else _print)
    if as_json:
        unsteady = [each.proof.name for each in result.unsteady]
        verdict = {"holds": result.holds, "problems": result.problems, "skipped": result.skipped}
        print_json({**verdict, "unsteady": unsteady})
    else:
        console.print(result.summary())
    if not result.holds:
        raise Exit(FAILED)


@author.command()
def new(name: str, title: Annotated[str, typer.Option(help="The lesson's title.")] = "") -> None:
    """Begin a new lesson, called lessonNN_topic: all its parts, to be filled in."""
    from taller.authoring.new import new as begin

    for path in begin(Course.find(), name, title):
        _print(f"wrote {path}")


def _chosen(course: Course, names: list[str] | None) -> list[Lesson]:
    return [course.lesson(name) for name in names] if names else course.lessons


def _print(line: str) -> None:
    console.print(line, soft_wrap=True)
