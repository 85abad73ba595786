"""``taller hint``: a nudge, then a bigger one."""

import shlex
from typing import Annotated

import typer
from rich.text import Text

from taller.catalog import Course
from taller.cli.arguments import AsJson, LessonName, lesson_or_current, step_named
from taller.cli.console import console, print_json
from taller.cli.progress import Progress


def hint(
    lesson: LessonName = None,
    step: Annotated[str | None, typer.Option(help="For this step; the first open one if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give the next hint for the step you are at; each call says more."""
    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    progress = Progress.of(course)
    wanted = step_named(chosen, step) if step else progress.open_step(chosen)
    if wanted is None:
        console.print(f"{chosen.name} has no open step.")
        return
    given = progress.hints.setdefault(chosen.name, {})
    count = min(given.get(wanted.id, 0) + 1, len(wanted.hints))
    given[wanted.id] = count
    progress.save()
    if as_json:
        print_json({"lesson": chosen.name, "step": wanted.id, "hints": wanted.hints[:count]})
        return
    console.print(f"{wanted.title} ({chosen.name}, step {wanted.id})", style="bold")
    for number, text in enumerate(wanted.hints[:count], 1):
        console.print(f"  {number}. {text}", markup=False, soft_wrap=True)
    left = len(wanted.hints) - count
    again = shlex.join(["taller", "hint", *([lesson] if lesson else []), *(["--step", step] if step else [])])
    console.print(Text(f"{left} more: {again}" if left else "That was the last one.", "dim"))
