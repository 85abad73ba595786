"""Where everything is that the processes share: sockets, configuration files and logs, all in one folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folder of one run, and what lies where in it."""

    folder: Path

    def socket(self, name: str) -> Path:
        """The Unix domain socket on which a process listens."""
        return self.folder / f"{name}.sock"

    def log(self, name: str) -> Path:
        """What a process has printed."""
        return self.folder / f"{name}.log"

    def script(self, name: str) -> Path:
        """The shell command that a program of the user's is."""
        return self.folder / f"{name}.sh"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisor is asked and told."""
        return self.socket("supervisor")

    @property
    def supervisor_conf(self) -> Path:
        """What supervisor reads first; it includes ``workers_conf``."""
        return self.folder / "supervisord.conf"

    @property
    def workers_conf(self) -> Path:
        """The part of supervisor's configuration that changes while it runs."""
        return self.folder / "workers.conf"

    @property
    def nginx_conf(self) -> Path:
        """What nginx reads first; it includes ``upstream_conf``."""
        return self.folder / "nginx.conf"

    @property
    def upstream_conf(self) -> Path:
        """The part of nginx's configuration that changes while it runs."""
        return self.folder / "upstream.conf"

    @property
    def configuration(self) -> Path:
        """What the workers are told when they start."""
        return self.folder / "configuration.json"
