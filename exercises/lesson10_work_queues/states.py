"""What has become of the tasks: changes, and the picture that they add up to."""

from enum import StrEnum
from threading import Lock
from uuid import UUID

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
    """One entry of the log."""

    id: UUID
    task: str
    result: Result | None = None
    error: str | None = None

    @classmethod
    def queued(cls, task: Task) -> "Change":
        """The first of a task's life."""
        return cls(id=task.id, task=task.task, state=State.QUEUED)


class TaskState(Wire):
    """All that is known of a task: ``attempts`` counts how often a worker began it."""

    id: UUID
    task: str
    state: State
    attempts: int = 0
    result: Result | None = None
    error: str | None = None
    history: tuple[Moment, ...] = ()

    @classmethod
    def of(cls, change: Change) -> "TaskState":
        """A task of which nothing but this change is known."""
        return cls(id=change.id, task=change.task, state=change.state).after(change)

    def after(self, change: Change) -> "TaskState":
        """The task as it is after one more change."""
        moment = Moment(state=change.state, at=change.at, worker=change.worker)
        return TaskState(
            id=self.id,
            task=self.task,
            state=change.state,
            attempts=self.attempts + (change.state is State.RUNNING),
            result=change.result,
            error=change.error,
            history=(*self.history, moment),
        )


class Card(Wire):
    """A customer's card."""

    customer: str
    points: int


class Board:
    """The present state of all tasks, and of what they have done, added up from the log of changes.

    It is read by requests while the broker's thread writes it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._tasks: dict[UUID, TaskState] = {}
        self._points: dict[str, int] = {}

    def task(self, task_id: UUID) -> TaskState | None:
        """The task, or None if nothing is known of it."""
        return self._tasks.get(task_id)

    def card(self, customer: str) -> Card:
        """A customer's card; a new one has no points."""
        return Card(customer=customer, points=self._points.get(customer, 0))

    def apply(self, change: Change) -> None:
        """Take one more change into account.

        That a task is queued is told twice, by the request that made it and by the log, and the later word may come
        last: it tells nothing new of a task that is known.
        """
        with self._lock:
            known = self._tasks.get(change.id)
            if known is not None and change.state is State.QUEUED:
                return
            # TODO once: Twice delivered, done once
            # TODO state: Tell what has become of a task
