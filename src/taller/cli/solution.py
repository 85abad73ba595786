"""``taller solution``: how we did it."""

from typing import Annotated

import typer
from rich.syntax import Syntax

from taller.catalog import Course
from taller.cli.arguments import LessonName, lesson_or_current
from taller.cli.console import console, errors
from taller.cli.exits import FAILED, Exit
from taller.cli.progress import Progress
from taller.runner.submission import shown


def solution(
    lesson: LessonName = None,
    force: Annotated[bool, typer.Option("--force", help="Show it although the lesson is not finished.")] = False,
) -> None:
    """Show the reference solution of a lesson that you have finished."""
    from taller.authoring.starter import files_of

    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    if not force and not Progress.of(course).is_finished(chosen):
        errors.print(f"{chosen.name} is not finished: finish it first, take a hint (taller hint), or add --force")
        raise Exit(FAILED)
    folder = course.solutions / chosen.name
    for name, content in files_of(folder).items():
        console.rule(f"{shown(folder)}/{name}", align="left", style="dim")
        if console.is_terminal:
            lexer = Syntax.guess_lexer(name)
            console.print(Syntax(content.decode().rstrip(), lexer, background_color="default", word_wrap=True))
        else:
            print(content.decode().rstrip())
