"""What this learner has done so far: ``.taller/progress.json``."""

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from taller.catalog import CatalogError, Course, Lesson, Step
from taller.grading.report import Report, Verdict


@dataclass
class Progress:
    """Steps that passed when they were last judged, and hints that were given, by lesson."""

    path: Path
    passed: dict[str, list[str]] = field(default_factory=dict)
    hints: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, course: Course) -> "Progress":
        """What is stored of this checkout's learner; raises ``CatalogError`` when it cannot be read."""
        path = course.progress / "progress.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, dict(data["passed"]), dict(data["hints"]))
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CatalogError(f"{path}: cannot be read ({error}); delete it to start afresh") from None

    def done(self, lesson: Lesson) -> list[Step]:
        """The lesson's steps that passed when they were last judged."""
        return [step for step in lesson.steps if step.id in self.passed.get(lesson.name, [])]

    def points(self, lesson: Lesson) -> int:
        """What the lesson's passed steps are worth."""
        return sum(step.points for step in self.done(lesson))

    def is_finished(self, lesson: Lesson) -> bool:
        """Whether every step has passed."""
        return len(self.done(lesson)) == len(lesson.steps)

    def current(self, course: Course) -> Lesson:
        """The first lesson that is not finished; the last one when all are."""
        return next((lesson for lesson in course.lessons if not self.is_finished(lesson)), course.lessons[-1])

    def open_step(self, lesson: Lesson) -> Step | None:
        """The first step that has not passed, other than those that the starter gives."""
        return next((step for step in lesson.steps if step not in self.done(lesson) and not step.given), None)

    def note(self, report: Report) -> None:
        """Take over what a report says of the steps that it judged, and store it."""
        passed = set(self.passed.get(report.lesson, []))
        for step in report.steps:
            if step.verdict is Verdict.PASSED:
                passed.add(step.step_id)
            elif step.verdict not in (Verdict.NOT_RUN, Verdict.ERROR):
                passed.discard(step.step_id)
        self.passed[report.lesson] = sorted(passed)
        self.save()

    def save(self) -> None:
        """Store it; an interruption leaves the old or the new state, nothing in between."""
        self.path.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".progress-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"passed": self.passed, "hints": self.hints}, file, indent=2)
        os.replace(name, self.path)
