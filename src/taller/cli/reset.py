"""``taller reset``: back to the starter."""

import shutil
import time

from taller.catalog import Course
from taller.cli.arguments import LessonName, lesson_or_current
from taller.cli.console import console
from taller.cli.progress import Progress
from taller.runner.submission import shown


def reset(lesson: LessonName = None) -> None:
    """Put the starter in the place of your work on a lesson; your work is kept as a backup."""
    from taller.authoring.starter import starter_of, write

    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    starter = starter_of(course, chosen)
    folder = course.exercises / chosen.name
    if folder.exists():
        backup = course.progress / "backups" / f"{chosen.name}-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1000}"
        backup.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, backup)
        console.print(f"Your work is kept in {shown(backup)}", soft_wrap=True)
    write(starter, folder)
    progress = Progress.of(course)
    progress.passed.pop(chosen.name, None)
    progress.hints.pop(chosen.name, None)
    progress.save()
    console.print(f"{shown(folder)} is the starter again", soft_wrap=True)
