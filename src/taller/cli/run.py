"""``taller run``: a lesson's processes, to be used by hand."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from taller.catalog import Course, Lesson
from taller.cli.arguments import LessonName, Mine, lesson_or_current
from taller.cli.console import announce, console, errors
from taller.cli.exits import FAILED, Exit
from taller.processes import Limits
from taller.runner import NotStarted, Submission, System

COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")
PAUSE = 0.2
# The port that the pages' commands use.
FIRST_PORT = 8000
# Somebody tries it for as long as they like.
LIMITS = Limits(wall_seconds=float("inf"), cpu_seconds=86_400)


def run(
    lesson: LessonName = None,
    solution: Annotated[bool, typer.Option("--solution", help="Run the reference solution.")] = False,
    mine: Mine = False,
) -> None:
    """Run a lesson's processes until Ctrl-C, with the services they need and their logs.

    A variable that the lesson's manifest sets is taken from your environment instead if it is there.
    """
    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    place = course.solutions if solution else course.exercises
    serve(Submission.locate(course, chosen, place, mine=mine), course.progress / "logs" / chosen.name)


def serve(submission: Submission, logs: Path) -> None:
    """Run a submission until Ctrl-C (status 0) or until the last of its processes has ended (status 1)."""
    from taller.grading.bench import allocated, variables_of

    try:
        with allocated(submission.lesson, private=False, announce=announce) as services:
            variables = {**variables_of(services), **_chosen(submission.lesson)}
            for name, value in variables.items():
                console.print(Text(f"{name}={value}", "dim"), soft_wrap=True)
            system = System(submission, variables, limits=LIMITS, logs=logs, first_port=FIRST_PORT, on_line=_print_line)
            with system:
                _show(system)
                until_all_have_ended(system)
    except NotStarted as problem:
        errors.print(str(problem), style="red")
    except KeyboardInterrupt:
        errors.print("stopped", style="dim")
        return
    raise Exit(FAILED)


def _chosen(lesson: Lesson) -> dict[str, str]:
    """Those of the lesson's own variables that the user has set otherwise, as in ``TRANSPORT=grpc taller run``."""
    return {name: os.environ[name] for name in lesson.environment if name in os.environ}


def _show(system: System) -> None:
    for process in system.processes():
        where = process.url if process.port else "ready"
        console.print(Text.assemble((f"{process.name:<10}", "bold"), where))
    if (got := system.processes()[0].port) not in (None, FIRST_PORT):
        errors.print(f"port {FIRST_PORT}, which the pages' commands use, is taken: use {got} instead", style="yellow")


def until_all_have_ended(system: System) -> None:
    """Tell of every process that ends; the others go on, as they would when one is killed."""
    console.print(Text("Ctrl-C ends it.", "dim"))
    running = system.processes()
    while running:
        time.sleep(PAUSE)
        for process in [process for process in running if not process.alive]:
            errors.print(f"{process.name} ended with status {process.exit_status}", style="red")
            running.remove(process)


def _print_line(name: str, line: str) -> None:
    colour = COLOURS[sum(name.encode()) % len(COLOURS)]
    try:
        console.print(Text.assemble((f"{name:<10}| ", colour), line), soft_wrap=True)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has left (rich makes SystemExit of it); this thread cannot end the run by itself.
        os.kill(os.getpid(), signal.SIGTERM)
