"""``taller watch``: every save is checked at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from watchfiles import watch as watch_files

from taller.catalog import Course, Lesson
from taller.cli.arguments import LessonName, lesson_or_current
from taller.cli.console import announce, console, errors
from taller.cli.grader import GradingRun, warm_up
from taller.cli.progress import Progress
from taller.grading import Grading, Report, StepResult, Verdict
from taller.grading.engine import GradingError
from taller.reports.terminal import print_report, print_step
from taller.runner.submission import shown
from taller.services import environment_of, open_servers

QUIET_MS = 20
PAUSE = 0.02


def watch(lesson: LessonName = None) -> None:
    """Check a lesson at every save, until Ctrl-C; when it is done, go on to the next."""
    course = Course.find()
    chosen = lesson_or_current(course, lesson)
    try:
        Watcher(course).follow(chosen)
    except KeyboardInterrupt:
        errors.print("stopped", style="dim")


class Watcher:
    """Checks lessons as their files change; ``pages`` is where the site is served, if it is.

    The step that is being worked on comes first and alone, so its verdict is there within a second; when it passes,
    the whole lesson is checked, so that nothing that held before is broken unseen.
    """

    def __init__(self, course: Course, pages: str | None = None) -> None:
        self._course = course
        self._pages = pages
        self._changed = Event()
        self._stop = Event()
        self._environment: dict[str, str] = {}

    def follow(self, lesson: Lesson) -> None:
        """Check at every change, lesson after lesson, until interrupted."""
        warm_up()
        with self._changes(self._course.exercises):
            while True:
                # The servers stay up while the lesson is worked on, so that no check has to start them.
                with open_servers(lesson.services, announce=announce) as servers:
                    self._environment = environment_of(servers)
                    self._until_finished(lesson)
                following = Progress.of(self._course).current(self._course)
                if following.name == lesson.name or Progress.of(self._course).is_finished(following):
                    console.print("All lessons are done.", style="bold green")
                    self._changed.wait()
                lesson = following

    def _until_finished(self, lesson: Lesson) -> None:
        check = self._check_all
        while True:
            self._changed.clear()
            check(lesson)
            check = self._check
            if self._changed.is_set():
                continue
            if Progress.of(self._course).is_finished(lesson):
                console.print(
                    f"{lesson.name} is done. How we did it: taller solution {lesson.name}", style="bold green"
                )
                return
            console.print(f"watching {shown(self._course.exercises / lesson.name)}: save to check again", style="dim")
            self._changed.wait()

    def _check(self, lesson: Lesson) -> None:
        """Check the open step, and all steps once it passes; a change in the meantime ends it."""
        step = Progress.of(self._course).open_step(lesson)
        if step:
            report = self._grade(lesson, (step.id,))
            if report is None:
                return
            self._tell_of_step(lesson, report.step(step.id))
            if report.verdict is not Verdict.PASSED:
                return
        self._check_all(lesson)

    def _check_all(self, lesson: Lesson) -> None:
        report = self._grade(lesson, ())
        if report:
            Progress.of(self._course).note(report)
            print_report(console, report, title=lesson.title)

    def _grade(self, lesson: Lesson, steps: tuple[str, ...]) -> Report | None:
        """The report of these steps; None when a change, or trouble of the grader's own, came in between."""
        logs = self._course.progress / "logs" / lesson.name
        run = GradingRun(Grading(self._course, lesson, self._course.exercises, steps, logs=logs), self._environment)
        try:
            while not run.poll(PAUSE):
                if self._changed.is_set():
                    run.cancel()
                    return None
            return run.result()
        except GradingError as error:
            errors.print(str(error), style="red")
            return None
        except KeyboardInterrupt:
            run.cancel()
            raise

    def _tell_of_step(self, lesson: Lesson, result: StepResult) -> None:
        console.print()
        console.print(f"{time.strftime('%H:%M:%S')}  {lesson.name}  {progress_of(self._course, lesson)}", style="dim")
        print_step(console, result)
        if result.verdict is not Verdict.PASSED:
            page = f"{self._pages}{lesson.name}.html" if self._pages else shown(self._course.page(lesson))
            console.print(f"      stuck: taller hint · the page: {page}#{result.step_id}", style="dim", soft_wrap=True)

    @contextmanager
    def _changes(self, folder: Path) -> Iterator[None]:
        """Set ``_changed`` whenever a file below the folder is saved."""

        def look() -> None:
            for _ in watch_files(folder, debounce=QUIET_MS * 5, step=QUIET_MS, stop_event=self._stop, rust_timeout=500):
                self._changed.set()

        thread = Thread(target=look, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()


def progress_of(course: Course, lesson: Lesson) -> str:
    """The points that a lesson has earned so far, for one line."""
    return f"{Progress.of(course).points(lesson)} of {lesson.points} points"
