"""What is proved of every lesson."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from taller.authoring.exercise import problems_of_exercise
from taller.authoring.mutants import Mutant, mutated
from taller.authoring.orphans import orphans
from taller.authoring.outcome import LessonProof, Outcome
from taller.authoring.parts import problems_of_parts
from taller.authoring.starter import Files, starter_of, write
from taller.authoring.variants import Variant, variant_files
from taller.catalog import Course, Lesson, Step
from taller.grading import Grading, Report, StepResult, TestResult, Verdict, run
from taller.processes import StateDirectory

NEVER_SERVED = (Verdict.CRASHED, Verdict.TIMEOUT, Verdict.ERROR)


@dataclass(frozen=True)
class NothingIsOrphaned:
    """Every file where lessons' parts lie belongs to a lesson."""

    course: Course
    name: str = "no file belongs to no lesson"

    def __call__(self) -> Outcome:
        """Look at the folders."""
        return Outcome(tuple(orphans(self.course)))


class HasAllParts(LessonProof):
    """Page, suite, mutants and the others are there and speak of the manifest's steps."""

    sentence = "has all parts, and they speak of the same steps"

    def __call__(self) -> Outcome:
        """Look at the files."""
        return Outcome(tuple(problems_of_parts(self.course, self.lesson)))


class ExerciseIsUpToDate(LessonProof):
    """exercises/ is what a sync would write."""

    sentence = "the exercise is the solution's starter"

    def __call__(self) -> Outcome:
        """Compare the files."""
        return Outcome(tuple(problems_of_exercise(self.course, self.lesson)))


class SolutionEarnsAll(LessonProof):
    """The suite accepts the solution."""

    sentence = "the solution earns every point"

    def __call__(self) -> Outcome:
        """Run the suite."""
        place = self.course.solutions / self.lesson.name
        return _earns_all(run(Grading(course=self.course, lesson=self.lesson, submission=place)))


class StarterEarnsTheGiven(LessonProof):
    """The starter runs and earns the points of the steps that it gives, and no others."""

    sentence = "the starter runs and earns only what it gives"

    def __call__(self) -> Outcome:
        """Run the suite."""
        with submission(starter_of(self.course, self.lesson), self.lesson) as place:
            report = run(Grading(course=self.course, lesson=self.lesson, submission=place))
        if all(step.verdict in NEVER_SERVED for step in report.steps):
            return Outcome((f"the starter does not run:\n{_feedback(_tests(report.steps))}",))
        given = {step.id for step in self.lesson.steps if step.given}
        return Outcome(tuple(_surprises(report, given)))


@dataclass(frozen=True)
class StepCanBeDoneInItsTurn(LessonProof):
    """A learner who has followed the page up to a step, and no further, has earned its points."""

    step: Step

    @property
    def name(self) -> str:
        """The lesson and the step."""
        return f"{self.lesson.name}: {self.step.id} can be done before what comes after it"

    def __call__(self) -> Outcome:
        """Run the step on a starter that is filled in up to it."""
        with submission(starter_of(self.course, filled_in(self.lesson, self.step)), self.lesson) as place:
            steps = (self.step.id,)
            report = run(Grading(course=self.course, lesson=self.lesson, submission=place, steps=steps))
        return _earns_all(report, steps)


@dataclass(frozen=True)
class MutantIsCaught(LessonProof):
    """The step that a mutant is meant for fails, and says what the mistake is."""

    mutant: Mutant

    @property
    def name(self) -> str:
        """The lesson and the mutant."""
        return f"{self.lesson.name}: {self.mutant.step} catches the mutant {self.mutant.id}"

    def __call__(self) -> Outcome:
        """Run the mutant's step, until a test of it says what the mistake is."""
        with submission(mutated(self.course, self.lesson, self.mutant), self.lesson) as place:
            steps = (self.mutant.step,)
            grading = Grading(course=self.course, lesson=self.lesson, submission=place, steps=steps)
            report = run(grading, enough=self._is_caught_by)
        return Outcome(tuple(self._problems(report.step(self.mutant.step))))

    def _is_caught_by(self, *tests: TestResult) -> bool:
        return bool(re.search(self.mutant.says, _feedback(tests), re.IGNORECASE))

    def _problems(self, step: StepResult) -> Iterator[str]:
        if step.verdict in (Verdict.PASSED, Verdict.NOT_RUN):
            yield f"the step does not catch it ({step.verdict}): {self.mutant.why}"
        elif step.verdict is Verdict.ERROR:
            yield f"the suite itself failed:\n{_feedback(step.tests)}"
        elif not self._is_caught_by(*step.tests):
            yield f"caught, but the feedback does not say {self.mutant.says!r}:\n{_feedback(step.tests)}"


@dataclass(frozen=True)
class VariantEarnsAll(LessonProof):
    """The suite accepts a right solution that looks different."""

    variant: Variant

    @property
    def name(self) -> str:
        """The lesson and the variant."""
        return f"{self.lesson.name}: the variant {self.variant.name} earns every point"

    def __call__(self) -> Outcome:
        """Run the suite, where this machine has what the variant needs."""
        if self.variant.missing:
            return Outcome(skipped=f"not on this machine: {', '.join(self.variant.missing)}")
        with submission(variant_files(self.course, self.lesson, self.variant), self.lesson) as place:
            return _earns_all(run(Grading(course=self.course, lesson=self.lesson, submission=place)))


def filled_in(lesson: Lesson, last: Step) -> Lesson:
    """The lesson with all steps given, up to that one."""
    done = lesson.steps.index(last) + 1
    return replace(lesson, steps=(*(replace(step, given=True) for step in lesson.steps[:done]), *lesson.steps[done:]))


@contextmanager
def submission(files: Files, lesson: Lesson) -> Iterator[Path]:
    """A folder that holds these files as the lesson, as long as the context lasts."""
    state = StateDirectory.create("proof")
    try:
        write(files, state.path / lesson.name)
        yield state.path / lesson.name
    finally:
        state.remove()


def _earns_all(report: Report, steps: Collection[str] = ()) -> Outcome:
    """The points of these steps, of all of them when none is named."""
    lost = [step for step in report.steps if step.earned < step.points and (not steps or step.step_id in steps)]
    if not lost:
        return Outcome()
    verdicts = ", ".join(f"{step.step_id} {step.verdict}" for step in lost)
    points = f"{report.earned} of {report.total} points: {verdicts} (seed {report.seed})"
    return Outcome((f"{points}\n{_feedback(_tests(lost))}",))


def _surprises(report: Report, given: set[str]) -> Iterator[str]:
    for step in report.steps:
        if step.step_id in given and step.verdict is not Verdict.PASSED:
            yield f"step {step.step_id!r} is given, but {step.verdict}:\n{_feedback(step.tests)}"
        if step.step_id not in given and step.verdict is Verdict.PASSED:
            yield f"step {step.step_id!r} is left open, but the starter earns its points"
        if step.step_id not in given and step.verdict is Verdict.ERROR:
            yield f"step {step.step_id!r}: the suite itself failed:\n{_feedback(step.tests)}"


def _tests(steps: Sequence[StepResult]) -> Iterator[TestResult]:
    return (test for step in steps for test in step.tests)


def _feedback(tests: Iterable[TestResult]) -> str:
    """What those of the tests that did not pass say."""
    failed = [test for test in tests if test.verdict not in (Verdict.PASSED, Verdict.NOT_RUN)]
    return "\n".join(f"{test.name} ({test.verdict})\n{test.feedback or ''}" for test in failed)
