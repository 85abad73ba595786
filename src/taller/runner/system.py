"""All processes of one lesson, running."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from types import TracebackType

from taller.processes import Limits, StateDirectory, free_port
from taller.runner.confinement import confine
from taller.runner.process import Process
from taller.runner.submission import Submission, shown


class System:
    """A submission's formation of processes: started together, ready together, ended together.

    ``variables`` are those of the services and whatever else the lesson's processes are to be told. ``on_line`` gets
    every line that a process prints, with its name. Logs are kept in ``logs`` when given, else until the end.
    ``first_port`` is the port that the first process gets if it is free; those after it get the ones after.
    """

    def __init__(
        self,
        submission: Submission,
        variables: Mapping[str, str],
        *,
        limits: Limits | None = None,
        logs: Path | None = None,
        first_port: int | None = None,
        on_line: Callable[[str, str], None] | None = None,
    ) -> None:
        self.submission = submission
        self._variables = dict(variables)
        self._limits = limits or Limits()
        self._on_line = on_line
        self._wanted_ports = iter(range(first_port, first_port + 100) if first_port else ())
        self._processes: list[Process] = []
        self._commands = submission.commands()
        self._state = StateDirectory.create("run")
        try:
            self._prepare(logs)
        except BaseException:
            self._state.remove()
            raise

    def __enter__(self) -> "System":
        try:
            self.start_all()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def launch_all(self) -> None:
        """Start what of the formation was not started yet, without waiting; raises ``NotStarted``."""
        for process in self._processes:
            if not process.launched:
                process.launch()

    def start_all(self) -> None:
        """Start the formation and wait until every process is ready; raises ``NotStarted`` when one is not."""
        self.launch_all()
        for process in self._processes:
            process.await_ready()

    def start(self, name: str, variables: Mapping[str, str] | None = None) -> Process:
        """Start one more process of that name, with ``variables`` over the others, and wait until it is ready."""
        process = self.launch(name, variables)
        process.await_ready()
        return process

    def launch(self, name: str, variables: Mapping[str, str] | None = None) -> Process:
        """Start one more process without waiting for it: for one that is expected to end."""
        process = self._add(name, self._port(name), variables or {})
        process.launch()
        return process

    def remove(self, process: Process) -> None:
        """End a process that was added, and forget it."""
        process.kill()
        self._processes.remove(process)

    def processes(self, name: str | None = None) -> list[Process]:
        """All processes, or those of one name, in the order of their start."""
        return [process for process in self._processes if name in (None, process.name.rsplit(".", 1)[0])]

    def url(self, name: str) -> str:
        """Where the first process of that name serves."""
        return self.processes(name)[0].url

    def close(self) -> None:
        """End everything, at once, and remove what the run kept."""
        for process in self._processes:
            if process.launched:
                process.kill()
        self._state.remove()

    def _prepare(self, logs: Path | None) -> None:
        packages, scratch = self._state.path / "packages", self._state.path / "home"
        mounts = self._state.path / "mounts"
        self._logs = logs or self._state.path / "logs"
        for folder in (scratch, mounts):
            folder.mkdir()
        self._logs.mkdir(parents=True, exist_ok=True)
        for name in self._commands:
            for old in self._logs.glob(f"{name}.*.log"):
                old.unlink()
        self.submission.link_packages(packages)
        needed = [self.submission.folder, self.submission.earlier, self.submission.course.solutions]
        self._confinement = confine(needed, mounts)
        self._confinement.give(scratch)
        self._replacements = {
            str(packages / self.submission.lesson.name): shown(self.submission.folder),
            str(self.submission.folder): shown(self.submission.folder),
            str(packages): shown(self.submission.earlier),
        }
        ports = {name: [self._port(name) for _ in range(count)] for name, count in self._formation.items()}
        urls = _urls(ports)
        given = self.submission.lesson.environment
        self._base = {
            **_environment(packages, scratch),
            **{name: Template(value).safe_substitute(urls | self._variables) for name, value in given.items()},
            **urls,
            **self._variables,
        }
        for name, taken in ports.items():
            for port in taken:
                self._add(name, port, {})

    @property
    def _formation(self) -> dict[str, int]:
        return self.submission.lesson.formation

    def _port(self, name: str) -> int | None:
        if name in self.submission.lesson.workers:
            return None
        return free_port(next(self._wanted_ports, None))

    def _add(self, name: str, port: int | None, variables: Mapping[str, str]) -> Process:
        full_name = f"{name}.{len(self.processes(name)) + 1}"
        process = Process(
            full_name,
            self._commands[name],
            port=port,
            environment={**self._base, **({"PORT": str(port)} if port else {}), **variables},
            folder=self.submission.folder,
            log_path=self._logs / f"{full_name}.log",
            confinement=self._confinement,
            limits=self._limits,
            display=self._display,
            on_line=self._on_line,
        )
        self._processes.append(process)
        return process

    def _display(self, text: str) -> str:
        for path, name in self._replacements.items():
            text = text.replace(path, name)
        return text


def _urls(ports: Mapping[str, list[int | None]]) -> dict[str, str]:
    """The variables that tell the processes where the others serve: the first of each name, and all of them."""
    urls: dict[str, str] = {}
    for name, taken in ports.items():
        all_of_them = [f"http://127.0.0.1:{port}" for port in taken if port]
        if all_of_them:
            variable = f"{name.upper().replace('-', '_')}_URL"
            urls |= {variable: all_of_them[0], f"{variable}S": ",".join(all_of_them)}
    return urls


def _environment(packages: Path, home: Path) -> dict[str, str]:
    """What every process is told; nothing else of our own environment reaches it."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", os.defpath)]),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(packages),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
