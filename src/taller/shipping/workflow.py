"""A workflow of GitHub Actions as data (https://docs.github.com/actions/reference/workflows-and-actions)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taller.shipping.documents import mapping, read_mapping, texts


@dataclass(frozen=True)
class Step:
    """One step of a job: an action that it uses, or a script that it runs."""

    data: dict[str, Any]

    @property
    def action(self) -> str:
        """The action without its version, such as ``actions/checkout``."""
        return str(self.data.get("uses", "")).partition("@")[0]

    @property
    def script(self) -> str:
        """What it runs in a shell."""
        return str(self.data.get("run", ""))

    @property
    def inputs(self) -> dict[str, Any]:
        """What the action is given."""
        return mapping(self.data.get("with"))


@dataclass(frozen=True)
class Job:
    """One job of a workflow."""

    id: str
    data: dict[str, Any]

    @property
    def where(self) -> str:
        """Its place in the file."""
        return f"jobs.{self.id}"

    @property
    def steps(self) -> list[Step]:
        """Its steps, in order."""
        value = self.data.get("steps")
        return [Step(mapping(step)) for step in value] if isinstance(value, list) else []

    @property
    def needs(self) -> list[str]:
        """The jobs that it waits for."""
        return texts(self.data.get("needs"))

    @property
    def condition(self) -> str:
        """When it runs, as an expression; empty for always."""
        text = str(self.data.get("if", "")).strip()
        return text[3:-2].strip() if text.startswith("${{") and text.endswith("}}") else text

    @property
    def matrix(self) -> dict[str, Any]:
        """What it is run on, one after the other or side by side."""
        return mapping(mapping(self.data.get("strategy")).get("matrix"))

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """The containers that run beside it."""
        return {name: mapping(service) for name, service in mapping(self.data.get("services")).items()}

    @property
    def scripts(self) -> str:
        """All that it runs in a shell."""
        return "\n".join(step.script for step in self.steps)


@dataclass(frozen=True)
class Workflow:
    """A workflow."""

    path: str
    text: str
    data: dict[str, Any]

    @classmethod
    def parse(cls, text: str, path: str = "ci.yml") -> "Workflow":
        """Read it; raises ``Unreadable``."""
        return cls(path, text, read_mapping(text, path))

    @property
    def jobs(self) -> dict[str, Job]:
        """The jobs by id."""
        return {name: Job(name, mapping(job)) for name, job in mapping(self.data.get("jobs")).items()}

    @property
    def events(self) -> dict[str, Any]:
        """What starts it, each event with its filters."""
        value = self.data.get("on")
        return mapping(value) if isinstance(value, dict) else dict.fromkeys(texts(value))

    def before(self, job: Job) -> set[str]:
        """The ids of all jobs that have to succeed before this one begins."""
        found: set[str] = set()
        waiting = list(job.needs)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.jobs:
                found.add(name)
                waiting += self.jobs[name].needs
        return found

    def steps(self) -> Iterator[tuple[Job, Step]]:
        """All steps of all jobs."""
        yield from ((job, step) for job in self.jobs.values() for step in job.steps)
