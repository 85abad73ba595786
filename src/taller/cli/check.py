"""``taller check``: grade once."""

from pathlib import Path
from typing import Annotated

import typer

from taller.catalog import Course
from taller.cli.arguments import AsJson, LessonName, Mine, Place, lesson_or_current, step_named
from taller.cli.console import announce, busy, console, print_json
from taller.cli.exits import FAILED, MACHINE, PASSED, Exit
from taller.cli.progress import Progress
from taller.grading.report import Report, Verdict


def check(
    lesson: LessonName = None,
    step: Annotated[list[str] | None, typer.Option(help="Run only this step's tests; repeatable.")] = None,
    submission: Place = Path("exercises"),
    seed: Annotated[int | None, typer.Option(help="Draw the same values as the run that printed this seed.")] = None,
    mine: Mine = False,
    as_json: AsJson = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the report as JUnit XML.")] = None,
) -> None:
    """Check a lesson once, and say which of its promises the program keeps."""
    from taller.grading import Grading, run
    from taller.reports import as_junit, print_report

    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    for name in step or ():
        step_named(chosen, name)
    logs = course.progress / "logs" / chosen.name
    grading = Grading(course, chosen, submission, tuple(step or ()), seed, mine, logs)
    with busy(f"checking {chosen.name}"):
        report = run(grading, on_progress=announce)
    if submission == Path("exercises"):
        Progress.of(course).note(report)
    if junit:
        junit.write_text(as_junit(report), encoding="utf-8")
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(console, report, title=chosen.title, every_test=bool(step))
    raise Exit(status_of(report))


def status_of(report: Report) -> int:
    """The exit status that a report means."""
    return {Verdict.PASSED: PASSED, Verdict.ERROR: MACHINE}.get(report.verdict, FAILED)
