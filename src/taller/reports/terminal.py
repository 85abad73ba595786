"""A report for a person at a terminal."""

import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from taller.grading import Report, StepResult, TestResult, Verdict
from taller.runner.submission import shown

MARKS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.TIMEOUT: ("✗", "red"),
    Verdict.CRASHED: ("✗", "red"),
    Verdict.ERROR: ("!", "magenta"),
    Verdict.BLOCKED: ("·", "dim"),
    Verdict.NOT_RUN: ("·", "dim"),
}
BAR = 30
# What a program answers and logs is shown, and must not steer the terminal (ECMA-48).
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_report(console: Console, report: Report, *, title: str, every_test: bool = False) -> None:
    """Print the steps, the feedback of what did not pass, and the points.

    Of a step's tests only the first that did not pass is explained, unless ``every_test``: what is mended first
    often mends the others.
    """
    console.print(Text.assemble((report.lesson, "bold"), f"  {title}"))
    width = max(len(step.step_id) for step in report.steps)
    told: set[str] = set()
    for step in report.steps:
        print_step(console, step, width=width, every_test=every_test, told=told)
    console.print()
    console.print(progress_bar(report.earned, report.total), Text(f"{report.earned} of {report.total} points"))
    repeat = f"{shown(Path(report.submission))}, {report.seconds:.1f} s; the same values again: --seed {report.seed}"
    console.print(Text(repeat, "dim"))


def print_step(
    console: Console, step: StepResult, *, width: int = 0, every_test: bool = False, told: set[str] | None = None
) -> None:
    """Print one step, and why it did not pass; explanations in ``told`` are not said again."""
    told = set() if told is None else told
    console.print(_step_line(step, width))
    unhappy = [test for test in step.tests if test.verdict not in (Verdict.PASSED, Verdict.BLOCKED)]
    for test in unhappy if every_test else unhappy[:1]:
        _print_test(console, test, told)
    if len(unhappy) > 1 and not every_test:
        console.print(Text(f"      and {len(unhappy) - 1} more of its {len(step.tests)} tests", "dim"))


def progress_bar(done: int, total: int, width: int = BAR) -> Text:
    """A bar as wide as ``width`` characters."""
    full = width * done // total if total else 0
    return Text.assemble(("━" * full, "green"), ("━" * (width - full), "bright_black"))


def _step_line(step: StepResult, width: int) -> Text:
    """One step on one line: mark, id, title, points, and its verdict where it has not passed."""
    mark, style = MARKS[step.verdict]
    points = f"{step.earned}/{step.points}"
    line = Text.assemble(
        "  ", (mark, style), " ", (f"{step.step_id:<{width}}", style), f"  {step.title}  ", (points, "dim")
    )
    if step.verdict is not Verdict.PASSED:
        line.append(f"  {step.verdict}", style)
    return line


def _print_test(console: Console, test: TestResult, told: set[str]) -> None:
    """Explain a test; the same words, such as why the program does not start, are said once."""
    explanation = CONTROL.sub("\ufffd", str(test.feedback or ""))
    what = explanation.rsplit("\n", 1)[0]
    if what in told:
        console.print(Text("      for the same reason", "dim"))
        return
    told.add(what)
    console.print(Text(f"      {test.name}", "bold"))
    console.print(Text("\n".join(f"        {line}" for line in explanation.splitlines())), soft_wrap=True)
