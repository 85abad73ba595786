"""The work itself. It knows nothing of queues."""

import hashlib
import time

from lesson10_work_queues.tasks import Points, Receipt, Task

Result = dict[str, str | int]


class DrillFailure(Exception):
    """A failure that the task's drill asked for."""


def perform(task: Task, failures: int) -> Result:
    """Do a task that has failed so many times before; raises whatever goes wrong."""
    time.sleep(task.drill.seconds)
    if failures < task.drill.failures:
        raise DrillFailure(f"drill: failure {failures + 1} of {task.drill.failures}")
    # TODO work: Do the work
    raise NotImplementedError("work")
