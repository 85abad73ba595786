"""``taller demo``: a lesson's solution at work."""

import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from taller.catalog import Course
from taller.cli.arguments import LessonName
from taller.cli.console import announce, busy, console, errors
from taller.cli.exits import FAILED, Exit
from taller.cli.run import FIRST_PORT, LIMITS, PAUSE, until_all_have_ended
from taller.cli.start import has_desktop
from taller.runner import NotStarted, Submission, System
from taller.runner.submission import shown

# The process of a Procfile that plays a lesson's story against the others, as an admin process does its task
# (https://12factor.net/admin-processes).
STORY = "demo"
STYLES = {"✓": "green", "✗": "red"}


def demo(
    lesson: LessonName = None,
    once: Annotated[bool, typer.Option("--once", help="End when the story has been told.")] = False,
) -> None:
    """Run a lesson's solution, by default the last one's, and show what it does.

    A lesson whose Procfile has a process "demo" tells its story, and then runs until Ctrl-C for you to try it. Of every
    other lesson the requests of its page are played.
    """
    course = Course.find()
    submission = Submission.locate(course, course.lesson(lesson) if lesson else course.lessons[-1], course.solutions)
    if STORY in submission.commands():
        _show(submission, course.progress / "logs" / submission.lesson.name, once=once)
    else:
        _play_page(course, submission)


def _show(submission: Submission, logs: Path, *, once: bool) -> None:
    """Run a system and tell its story; ``FAILED`` when it went wrong or did not come to its end."""
    told = False
    try:
        with _running(submission, logs) as system:
            told = _tell(system)
            if told and not once:
                if has_desktop():
                    webbrowser.open(system.processes()[0].url)
                until_all_have_ended(system)
    except NotStarted as problem:
        errors.print(str(problem), style="red")
    except KeyboardInterrupt:
        errors.print("stopped", style="dim")
    if not told:
        errors.print(f"the story was not told to its end; the logs are in {shown(logs)}", style="red")
        raise Exit(FAILED)


@contextmanager
def _running(submission: Submission, logs: Path) -> Iterator[System]:
    from taller.grading.bench import allocated, variables_of

    with ExitStack() as opened:
        with busy(f"starting {submission.lesson.name}"):
            services = opened.enter_context(allocated(submission.lesson, private=False, announce=announce))
            variables = variables_of(services)
            system = opened.enter_context(
                System(submission, variables, limits=LIMITS, logs=logs, first_port=FIRST_PORT, on_line=_print_story)
            )
        yield system


def _tell(system: System) -> bool:
    """Run the story to its end; whether it ended well."""
    story = system.launch(STORY)
    while story.wait(PAUSE) is None:
        pass
    status = story.exit_status
    # What it said last may still be on its way.
    system.remove(story)
    return status == 0


def _print_story(name: str, line: str) -> None:
    if name.startswith(f"{STORY}."):
        console.print(Text(line, STYLES.get(line[:1], "")), soft_wrap=True)


def _play_page(course: Course, submission: Submission) -> None:
    """Play the requests of the lesson's page."""
    from taller.authoring.console import play, ports_of, requests_on
    from taller.grading.bench import allocated, variables_of

    chosen = submission.lesson
    requests = requests_on(course.page(chosen).read_text(encoding="utf-8"))
    if not requests:
        errors.print(f"the page of {chosen.name} shows no requests")
        raise Exit(FAILED)
    with (
        busy(f"starting {chosen.name}"),
        allocated(chosen, private=False, announce=announce) as services,
        System(submission, variables_of(services)) as system,
        tempfile.TemporaryDirectory() as folder,
    ):
        ports = ports_of(chosen, system)
        for exchange in requests:
            console.print(Text(f"$ {exchange.command}", "bold"), soft_wrap=True)
            console.print(Text("\n".join(play(exchange.command, ports, Path(folder)))), soft_wrap=True)
            console.print()
