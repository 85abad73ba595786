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
        # TODO configuration: Change the configuration while it runs
        raise NotImplementedError("configuration")

    def _tell_nginx(self, names: Sequence[str]) -> None:
        # TODO configuration: Change the configuration while it runs
        raise NotImplementedError("configuration")

    def _renew(self, names: Iterable[str]) -> None:
        # TODO reload: Renew all workers, lose no request
        raise NotImplementedError("reload")

    def _await(self, names: Iterable[str]) -> None:
        for name in names:
            if not wait([str(self._places.socket(name))], SERVES_WITHIN_S):
                raise NotBack(f"{name} was started and does not serve within {SERVES_WITHIN_S} s")
