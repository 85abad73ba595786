"""What taller has to know about one kind of server."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from taller.services.errors import ServiceUnavailable
from taller.services.server import Allocation, Endpoint

Announce = Callable[[str], None]
"""Takes one line of progress; several threads may call it at once."""


@dataclass(frozen=True)
class Site:
    """Where one embedded server lives: its directory, its ports by name, and its administrator's password."""

    directory: Path
    ports: Mapping[str, int]
    password: str


@dataclass(frozen=True)
class Command:
    """How a program is started; ``prefix`` and ``uid`` as ``taller.processes.Child.start`` has them."""

    argv: Sequence[str]
    env: Mapping[str, str]
    prefix: Sequence[str] = ()
    uid: int | None = None


class Service(ABC):
    """One kind of server: how an embedded one is started, and how logins are made on any.

    A new kind is one module in ``taller.services.kinds``, named as lessons name it, with an instance of a subclass
    as ``SERVICE``. Clients are imported inside methods: most commands need none of them.
    """

    name: ClassVar[str]
    variable: ClassVar[str]
    """The environment variable that says where it is; that it is set means that the user has one."""

    ports: ClassVar[Sequence[str]] = ("port",)
    """Names of the ports that it listens on; clients use ``port``."""

    stop_signal: ClassVar[int]
    """The signal on which it ends quickly and keeps its data."""

    @abstractmethod
    def missing(self) -> ServiceUnavailable | None:
        """What this machine lacks to have a server of its own; None when the programs are here."""

    def require(self, announce: Announce) -> None:
        """Get the programs where that can be done and is due; raises ``ServiceUnavailable``."""
        missing = self.missing()
        if missing:
            raise missing

    @abstractmethod
    def prepare(self, site: Site) -> None:
        """Write what the first start needs."""

    @abstractmethod
    def command(self, site: Site) -> Command:
        """The program that serves from a prepared site."""

    def initialise(self, site: Site) -> None:  # noqa: B027 - most services have nothing to add
        """Finish the first start from within, once the port is open.

        It is called again until it no longer raises, so it has to cope with its own half-done work.
        """

    def settle(self, endpoint: Endpoint) -> None:  # noqa: B027 - most services have nothing to add
        """See that what the server has confirmed outlives a kill; called right before one."""

    def clean_up(self, site: Site) -> None:  # noqa: B027 - most services have nothing to add
        """Remove what the program has left outside its site; called once it has ended for good."""

    @abstractmethod
    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        """Where a server of ours listens, with the administrator's login."""

    def endpoint_at(self, site: Site) -> Endpoint:
        """The same for an embedded server, whose directory can be reached as well."""
        return self.endpoint(site.ports, site.password)

    def foreign(self, url: str) -> Endpoint:
        """The endpoint behind a URL that the user gave."""
        return Endpoint(url)

    def variables(self, endpoint: Endpoint) -> dict[str, str]:
        """The environment in which another process of ours takes this endpoint: ``foreign`` reads it back."""
        return {self.variable: endpoint.url}

    @abstractmethod
    def version(self, endpoint: Endpoint) -> str:
        """Ask the server for its version over a new connection; the client's own error when it does not answer."""

    @abstractmethod
    def allocate(self, endpoint: Endpoint) -> Allocation:
        """Create a database, vhost, key space or bucket, and a login that reaches nothing else."""
