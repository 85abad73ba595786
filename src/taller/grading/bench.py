"""The bench a suite works on: the submission, running, with the services that it needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from taller.catalog import Course, Lesson
from taller.grading.client import Client
from taller.runner import Process, Submission, System
from taller.services import Allocation, Server, open_servers


@dataclass(frozen=True)
class Service:
    """A service as one suite has it: its own login, and the server behind it."""

    server: Server
    allocation: Allocation

    @property
    def url(self) -> str:
        """The URL that the submission was given: a login that reaches nothing else."""
        return self.allocation.url


@contextmanager
def allocated(lesson: Lesson, *, private: bool, announce: Callable[[str], None]) -> Iterator[dict[str, Service]]:
    """The lesson's services, each with an allocation of its own; ``private`` when the suite will break them."""
    with open_servers(lesson.services, announce=announce, private=private) as servers, ExitStack() as allocations:
        services = {}
        for name, server in servers.items():
            services[name] = Service(server, server.allocate())
            allocations.callback(services[name].allocation.release)
        yield services


def variables_of(services: Mapping[str, Service]) -> dict[str, str]:
    """The variables that tell a submission where its services are."""
    return {name: value for service in services.values() for name, value in service.allocation.variables.items()}


class Bench:
    """What a suite's tests share: the running submission. Each test finds every process of the formation alive."""

    def __init__(self, submission: Submission, variables: Mapping[str, str], logs: Path | None) -> None:
        self.system = System(submission, variables, logs=logs)
        self._formation = list(self.system.processes())
        self._clients: list[Client] = []

    def mend(self) -> None:
        """Start again what an earlier test, or a crash, has ended, and wait for what only a test has started again."""
        for process in self.dead():
            process.relaunch()
        for process in self._formation:
            if not process.ready:
                process.await_ready()

    def clear(self, kept: Sequence[Process]) -> None:
        """End the processes that a test has added to those ``kept``, and close its clients."""
        while self._clients:
            self._clients.pop().close()
        for process in self.system.processes():
            if process not in kept:
                self.system.remove(process)

    def client(self, name: str) -> Client:
        """A new client of the first process of that name."""
        client = Client(self.system.url(name))
        self._clients.append(client)
        return client

    def log_sizes(self) -> dict[str, int]:
        """How much each process has printed so far, in bytes."""
        return {process.name: process.log_size for process in self.system.processes()}

    def dead(self) -> list[Process]:
        """The processes of the formation that have ended."""
        return [process for process in self._formation if not process.alive]


def submission_at(course: Course, lesson: Lesson, place: str, *, mine: bool) -> Submission:
    """The submission that ``--submission`` names: ``exercises``, ``solutions`` or any folder."""
    known = {"exercises": course.exercises, "solutions": course.solutions}
    return Submission.locate(course, lesson, known.get(place, Path(place)), mine=mine)
