"""What came of a proof."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from taller.catalog import Course, Lesson


@dataclass(frozen=True)
class Outcome:
    """What is wrong, a line or more each; or why it could not be proved here."""

    problems: tuple[str, ...] = ()
    skipped: str = ""


class Proof(Protocol):
    """Something to prove of a lesson. It can be pickled, because a process of its own calls it."""

    @property
    def name(self) -> str:
        """The lesson, and the sentence that is to be proved."""

    def __call__(self) -> Outcome:
        """Prove it."""


@dataclass(frozen=True)
class LessonProof:
    """A proof of one lesson; ``sentence`` is what it proves."""

    course: Course
    lesson: Lesson

    sentence: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The lesson, and the sentence that is to be proved."""
        return f"{self.lesson.name}: {self.sentence}"


@dataclass(frozen=True)
class Proved:
    """A proof that was made, and how long it took."""

    proof: Proof
    outcome: Outcome
    seconds: float
