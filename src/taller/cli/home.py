"""``taller`` alone: where you are, and what to do next."""

import typer
from rich.table import Table
from rich.text import Text

from taller.catalog import Course
from taller.cli.arguments import AsJson
from taller.cli.console import console, print_json
from taller.cli.progress import Progress
from taller.reports.terminal import progress_bar
from taller.runner.submission import shown


def home(context: typer.Context, as_json: AsJson = False) -> None:
    """A backend course that runs: write a real server, save, and see which of its promises it keeps.

    Alone, taller shows where you are and what to do next.
    """
    if context.invoked_subcommand:
        return
    course = Course.find()
    progress = Progress.of(course)
    lesson = progress.current(course)
    step = progress.open_step(lesson)
    if as_json:
        lessons = [
            {"name": each.name, "earned": progress.points(each), "total": each.points} for each in course.lessons
        ]
        print_json({"lessons": lessons, "current": lesson.name, "step": step and step.id})
        return
    table = Table.grid(padding=(0, 2))
    for each in course.lessons:
        earned = progress.points(each)
        mark = "✓" if progress.is_finished(each) else "▸" if each is lesson else " "
        table.add_row(mark, each.name, each.title, progress_bar(earned, each.points, 12), f"{earned}/{each.points}")
    console.print(table)
    console.print()
    if step is None:
        console.print("All lessons are done. taller solution LESSON shows how we did it.")
        return
    console.print(Text.assemble("Next: ", (step.title, "bold"), f" ({lesson.name}, step {step.id})"))
    console.print(f"  read   {shown(course.page(lesson))}", soft_wrap=True)
    console.print(f"  write  {shown(course.exercises / lesson.name)}", soft_wrap=True)
    console.print("  see    taller watch · stuck: taller hint")
