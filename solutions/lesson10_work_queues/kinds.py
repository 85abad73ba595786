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
    # starter: raise NotImplementedError("work")
    # --8<-- [start:work]
    match task.payload:
        case Receipt(text=text):
            return {"sha256": hashlib.sha256(text.encode()).hexdigest()}
        case Points(customer=customer, points=points):
            return {"customer": customer, "points": points}
    # --8<-- [end:work]
