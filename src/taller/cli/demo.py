"""``taller demo``: a lesson's solution at work."""

import tempfile
from pathlib import Path

from rich.text import Text

from taller.catalog import Course
from taller.cli.arguments import LessonName, lesson_or_current
from taller.cli.console import announce, busy, console, errors
from taller.cli.exits import FAILED, Exit


def demo(lesson: LessonName = None) -> None:
    """Run a lesson's solution, and play the requests of its page against it."""
    from taller.authoring.console import play, ports_of, requests_on
    from taller.grading.bench import allocated, variables_of
    from taller.runner import Submission, System

    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    shown = requests_on(course.page(chosen).read_text(encoding="utf-8"))
    if not shown:
        errors.print(f"the page of {chosen.name} shows no requests")
        raise Exit(FAILED)
    with busy(f"starting {chosen.name}"), allocated(chosen, private=False, announce=announce) as services:
        submission = Submission.locate(course, chosen, course.solutions)
        with System(submission, variables_of(services)) as system, tempfile.TemporaryDirectory() as folder:
            ports = ports_of(chosen, system)
            for exchange in shown:
                console.print(Text(f"$ {exchange.command}", "bold"), soft_wrap=True)
                console.print(Text("\n".join(play(exchange.command, ports, Path(folder)))), soft_wrap=True)
                console.print()
