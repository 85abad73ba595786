"""What a grading run found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from taller.catalog import Lesson, Step


class Verdict(StrEnum):
    """What became of a test or a step.

    ``ERROR`` is the grader's own trouble and is never held against a learner. ``NOT_RUN`` is what was not asked for.
    """

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    ERROR = "error"
    NOT_RUN = "not run"


WORST_FIRST = (Verdict.ERROR, Verdict.CRASHED, Verdict.TIMEOUT, Verdict.FAILED, Verdict.BLOCKED, Verdict.NOT_RUN)


@dataclass(frozen=True)
class Feedback:
    """Why a test did not pass, in the order in which it is told: sent, expected, got, then where to read on."""

    sent: str = ""
    expected: str = ""
    got: str = ""
    log: str = ""
    read_on: str = ""

    def __post_init__(self) -> None:
        # JSON can say half of a surrogate pair, which no UTF-8 can: neither a file, a terminal nor xdist takes it.
        for name, text in list(vars(self).items()):
            object.__setattr__(self, name, text.encode(errors="replace").decode())

    def __str__(self) -> str:
        parts = [("sent", self.sent), ("expected", self.expected), ("got", self.got), ("log", self.log)]
        parts.append(("read on", self.read_on))
        return "\n".join(f"{label:<9} {text}".replace("\n", "\n" + " " * 10) for label, text in parts if text)


@dataclass(frozen=True)
class TestResult:
    """One test: its sentence, its step and what became of it."""

    __test__ = False

    name: str
    step: str
    verdict: Verdict
    seconds: float
    feedback: Feedback | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data: xdist's channel between processes takes no enumerations."""
        return {**asdict(self), "verdict": self.verdict.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TestResult":
        """The inverse of ``to_dict``."""
        feedback = data["feedback"] and Feedback(**data["feedback"])
        return cls(**{**data, "verdict": Verdict(data["verdict"]), "feedback": feedback})


@dataclass(frozen=True)
class StepResult:
    """One step: the worst of its tests; ``earned`` is all of its points or none."""

    step_id: str
    title: str
    verdict: Verdict
    points: int
    earned: int
    tests: tuple[TestResult, ...]


@dataclass(frozen=True)
class Report:
    """A whole run. ``to_dict`` is the format of ``--json``."""

    lesson: str
    submission: str
    seed: int
    seconds: float
    steps: tuple[StepResult, ...]
    earned: int = field(init=False)
    total: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "earned", sum(step.earned for step in self.steps))
        object.__setattr__(self, "total", sum(step.points for step in self.steps))

    @property
    def verdict(self) -> Verdict:
        """The worst of the steps that were asked for."""
        return worst([step.verdict for step in self.steps if step.verdict is not Verdict.NOT_RUN])

    def step(self, step_id: str) -> StepResult:
        """The result of a step; ``KeyError`` if there is none of that id."""
        return {step.step_id: step for step in self.steps}[step_id]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {**asdict(self), "verdict": self.verdict}


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict that decides; a run of nothing passed nothing."""
    if not verdicts:
        return Verdict.NOT_RUN
    return next((verdict for verdict in WORST_FIRST if verdict in verdicts), Verdict.PASSED)


def judge(lesson: Lesson, results: Sequence[TestResult], expected: dict[str, int]) -> tuple[StepResult, ...]:
    """Judge each step by its tests; ``expected`` tells how many tests a step has in all.

    A step counts as passed only when every one of its tests ran and passed, and as blocked when a step that it needs
    did not pass, also where its own tests did (xdist runs them elsewhere at the same time).
    """
    judged: dict[str, StepResult] = {}
    for step in lesson.steps:
        tests = tuple(result for result in results if result.step == step.id)
        verdict = _verdict(step, tests, expected.get(step.id, 0), judged)
        earned = step.points if verdict is Verdict.PASSED else 0
        judged[step.id] = StepResult(step.id, step.title, verdict, step.points, earned, tests)
    return tuple(judged.values())


def _verdict(step: Step, tests: Sequence[TestResult], expected: int, judged: dict[str, StepResult]) -> Verdict:
    verdicts = [test.verdict for test in tests]
    if not verdicts or Verdict.ERROR in verdicts:
        return worst(verdicts)
    if any(judged[need].verdict not in (Verdict.PASSED, Verdict.NOT_RUN) for need in step.needs):
        return Verdict.BLOCKED
    verdict = worst(verdicts)
    return Verdict.NOT_RUN if verdict is Verdict.PASSED and len(tests) < expected else verdict
