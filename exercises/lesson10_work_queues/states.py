"""What becomes of a task: one change after the other, and the picture that they add up to."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID, uuid4

from pydantic import AwareDatetime, Field

from lesson10_work_queues.kinds import Result
from lesson10_work_queues.tasks import Task, Wire, now


class State(StrEnum):
    """Where a task is."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    DEAD = "dead"


class Moment(Wire):
    """When a task came into a state, and which worker said so."""

    state: State
    at: AwareDatetime = Field(default_factory=now)
    worker: str | None = None


class Change(Moment):
    """What is told of a task when it comes into a state; the id is the change's own, to know it again."""

    id: UUID = Field(default_factory=uuid4)
    task_id: UUID
    task: str
    result: Result | None = None
    error: str | None = None

    @classmethod
    def queued(cls, task: Task) -> "Change":
        """The first of a task's life."""
        return cls(task_id=task.id, task=task.task, state=State.QUEUED)

    @property
    def moment(self) -> Moment:
        """When, and by whom."""
        return Moment(state=self.state, at=self.at, worker=self.worker)


class TaskState(Wire):
    """All that is known of a task; ``attempts`` counts how often a worker began it."""

    id: UUID
    task: str
    state: State
    attempts: int
    result: Result | None
    error: str | None
    history: tuple[Moment, ...]

    @classmethod
    def after(cls, changes: Sequence[Change]) -> "TaskState":
        """What one or more changes add up to."""
        last = changes[-1]
        return cls(
            id=last.task_id,
            task=last.task,
            state=last.state,
            attempts=sum(change.state is State.RUNNING for change in changes),
            result=last.result,
            error=last.error,
            history=tuple(change.moment for change in changes),
        )


class Card(Wire):
    """A customer's card."""

    customer: str
    points: int
