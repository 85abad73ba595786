"""The workers as a whole: renewed one by one, or as a new configuration has them."""

import os
import time
from collections.abc import Iterable, Sequence
from threading import Lock

from lesson19_processes_and_scaling.configuration import Configuration
from lesson19_processes_and_scaling.nginx_files import write_upstream
from lesson19_processes_and_scaling.opened import wait
from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.settings import ManagerSettings
from lesson19_processes_and_scaling.supervisor_client import Supervisor
from lesson19_processes_and_scaling.supervisor_files import SupervisorFiles

SERVES_WITHIN_S = 30
NGINX_FOLLOWS_S = 0.5


class NobodyElse(Exception):
    """There is one worker only, so nobody would serve while it is renewed."""


class NotBack(Exception):
    """A worker was started and does not serve; the message names it."""


class Workers:
    """Changes the workers while they serve, one change at a time."""

    def __init__(self, supervisor: Supervisor, settings: ManagerSettings) -> None:
        self._supervisor = supervisor
        self._places = Places(settings.state_dir)
        self._files = SupervisorFiles(self._places, settings, os.getppid())
        self._changing = Lock()

    @property
    def configuration(self) -> Configuration:
        """As it is now."""
        return Configuration.read(self._places.configuration)

    def reload(self) -> None:
        """Renew every worker; raises ``NobodyElse``, and ``NotBack``, which leaves the others as they are."""
        with self._changing:
            names = self.configuration.names
            if len(names) == 1:
                raise NobodyElse
            self._renew(names)

    def configure(self, new: Configuration) -> None:
        """Make it so: start what is missing, renew the others, stop what is too many; raises ``NotBack``."""
        # --8<-- [start:configuration]
        with self._changing:
            old = self.configuration
            new.write(self._places.configuration)
            self._files.write_workers(new.names)
            added, removed = self._supervisor.reread()
            for name in added:
                self._supervisor.add(name)
            self._await(added)
            if added:
                self._tell_nginx(new.names)
            # Those that go serve until the others are renewed.
            if new.greeting != old.greeting:
                self._renew(name for name in new.names if name not in added)
            if removed:
                self._tell_nginx(new.names)
            for name in removed:
                self._supervisor.remove(name)
        # --8<-- [end:configuration]

    def _tell_nginx(self, names: Sequence[str]) -> None:
        # --8<-- [start:configuration]
        write_upstream(self._places, names)
        self._supervisor.signal("nginx", "HUP")
        # HUP only asks, and nothing says when nginx has followed.
        time.sleep(NGINX_FOLLOWS_S)
        # --8<-- [end:configuration]

    def _renew(self, names: Iterable[str]) -> None:
        # --8<-- [start:reload]
        for name in names:
            self._supervisor.stop(name)
            self._supervisor.start(name)
            self._await([name])
        # --8<-- [end:reload]

    def _await(self, names: Iterable[str]) -> None:
        for name in names:
            if not wait([str(self._places.socket(name))], SERVES_WITHIN_S):
                raise NotBack(f"{name} was started and does not serve within {SERVES_WITHIN_S} s")
