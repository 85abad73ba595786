"""Prove that lessons are whole."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from textwrap import indent

from taller.authoring.console import PageIsTrue
from taller.authoring.errors import AuthoringError
from taller.authoring.mutants import mutants_of
from taller.authoring.notebook import NotebookRuns
from taller.authoring.outcome import Proof, Proved
from taller.authoring.proofs import (
    ExerciseIsUpToDate,
    HasAllParts,
    MutantIsCaught,
    NothingIsOrphaned,
    SolutionEarnsAll,
    StarterEarnsTheGiven,
    StepCanBeDoneInItsTurn,
    VariantEarnsAll,
)
from taller.authoring.variants import variants_of
from taller.authoring.workers import prove
from taller.catalog import Course, Lesson
from taller.services import environment_of, open_servers

SLOWEST = 5
# More than that is no bad luck of a busy machine.
MOST_TRIED_AGAIN = 10
# One more than there are cores: much of a proof is waiting for servers and for deadlines.
DEFAULT_WORKERS = (os.cpu_count() or 1) + 1


@dataclass(frozen=True)
class CheckResult:
    """All proofs that were made, in ``seconds``; ``unsteady`` are first attempts that another one made good."""

    proved: tuple[Proved, ...]
    seconds: float
    unsteady: tuple[Proved, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong; what had to be skipped is not."""
        return not self.problems

    @property
    def problems(self) -> list[str]:
        """All that is wrong."""
        return [f"{each.proof.name}: {problem}" for each in self.proved for problem in each.outcome.problems]

    @property
    def skipped(self) -> list[str]:
        """What could not be proved on this machine, and why."""
        return [f"{each.proof.name}: {each.outcome.skipped}" for each in self.proved if each.outcome.skipped]

    @property
    def slowest(self) -> list[Proved]:
        """The proofs that took longest."""
        return sorted(self.proved, key=lambda each: -each.seconds)[:SLOWEST]

    def summary(self) -> str:
        """A few lines for a terminal."""
        failed = sum(bool(each.outcome.problems) for each in self.proved)
        head = f"{len(self.proved)} proofs in {self.seconds:.0f} s: {failed} failed, {len(self.skipped)} skipped"
        lines = [head, "slowest:", *(f"  {each.seconds:5.1f} s  {each.proof.name}" for each in self.slowest)]
        if self.unsteady:
            lines += ["held only when tried again alone:", *(f"  {each.proof.name}" for each in self.unsteady)]
        return "\n".join(lines)


def check(
    course: Course,
    lessons: Sequence[Lesson],
    *,
    progress: Callable[[str], None],
    workers: int | None = None,
) -> CheckResult:
    """Make every proof of these lessons, a line to ``progress`` for each as it ends; ``workers`` at a time.

    What fails is tried once more when all others have ended: a deadline that was missed beside others, on a machine
    with few cores, says nothing about the lesson. The result tells which these were.

    Raises ``taller.services.ServiceUnavailable`` when a lesson needs a service that cannot be had here.
    """
    started = time.monotonic()
    proofs = [NothingIsOrphaned(course), *(proof for lesson in lessons for proof in proofs_of(course, lesson))]
    proved: list[Proved] = []
    unsteady: list[Proved] = []
    with _shared_services(lessons, progress) as environment:
        for each in prove(proofs, workers or DEFAULT_WORKERS, environment):
            proved.append(each)
            progress(_line(each, len(proved), len(proofs)))
        failed = [each for each in proved if each.outcome.problems]
        if len(failed) <= MOST_TRIED_AGAIN:
            for again in prove([each.proof for each in failed], 1, environment):
                first = next(each for each in failed if each.proof == again.proof)
                proved[proved.index(first)] = again
                unsteady += [] if again.outcome.problems else [first]
                progress(f"again, alone: {_line(again, len(proved), len(proofs))}")
    return CheckResult(tuple(proved), time.monotonic() - started, tuple(unsteady))


def proofs_of(course: Course, lesson: Lesson) -> Iterator[Proof]:
    """What has to be proved of a lesson; without a suite, only what needs none."""
    yield HasAllParts(course, lesson)
    yield ExerciseIsUpToDate(course, lesson)
    yield NotebookRuns(course, lesson)
    yield PageIsTrue(course, lesson)
    if not course.suite(lesson).exists():
        return
    yield SolutionEarnsAll(course, lesson)
    yield StarterEarnsTheGiven(course, lesson)
    # Filled in up to the last step, the starter is the solution.
    yield from (StepCanBeDoneInItsTurn(course, lesson, step) for step in lesson.steps[:-1] if not step.given)
    # What is wrong with the files of mutants and variants is told by HasAllParts.
    with suppress(AuthoringError):
        yield from (VariantEarnsAll(course, lesson, variant) for variant in variants_of(course, lesson))
    with suppress(AuthoringError):
        yield from (MutantIsCaught(course, lesson, mutant) for mutant in mutants_of(course, lesson))


@contextmanager
def _shared_services(lessons: Sequence[Lesson], progress: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """One server of each kind for all proofs: the environment that makes a process use them."""
    wanted = sorted({service for lesson in lessons for service in lesson.services})
    with open_servers(wanted, announce=progress) as servers:
        yield environment_of(servers)


def _line(each: Proved, count: int, total: int) -> str:
    word = "FAILED" if each.outcome.problems else "skipped" if each.outcome.skipped else "ok"
    head = f"[{count:{len(str(total))}}/{total}] {each.seconds:5.1f} s  {word:7}  {each.proof.name}"
    reason = [each.outcome.skipped] if each.outcome.skipped else []
    return "\n".join([head, *(indent(text, "    ") for text in [*each.outcome.problems, *reason])])
