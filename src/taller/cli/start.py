"""``taller start``: open the course."""

import os
import sys
import webbrowser

from rich.text import Text

from taller.catalog import Course
from taller.cli.console import console, errors
from taller.cli.progress import Progress
from taller.cli.site import served_site
from taller.runner.submission import shown


def start() -> None:
    """Open the course: serve its pages, check the lesson you are at, and check again at every save."""
    from taller.cli.watch import Watcher

    course = Course.find()
    lesson = Progress.of(course).current(course)
    try:
        with served_site(course) as url:
            page = f"{url}{lesson.name}.html"
            console.print(Text.assemble(("taller", "bold"), "  a backend course that runs"))
            console.print(Text.assemble("  read   ", (page, "bold cyan")), soft_wrap=True)
            console.print(Text.assemble("  write  ", (shown(course.exercises / lesson.name), "bold")), soft_wrap=True)
            console.print("  save   and see here which promises your program keeps. Ctrl-C ends it.")
            console.print()
            if has_desktop():
                webbrowser.open(page)
            Watcher(course, pages=url).follow(lesson)
    except KeyboardInterrupt:
        errors.print("stopped", style="dim")


def has_desktop() -> bool:
    """Whether somebody sits here, at a machine that can show a browser window."""
    graphical = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return graphical and sys.stdout.isatty()
