"""A running server, and what it hands out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from taller.services.errors import ServiceError

if TYPE_CHECKING:
    from taller.services.service import Service

Origin = Literal["environment", "up", "embedded", "docker"]


@dataclass(frozen=True)
class Endpoint:
    """Where a server is reached by one who may do everything.

    ``management_url`` is its second door, where administration has one of its own (RabbitMQ's HTTP API, NATS's file of
    accounts).
    """

    url: str
    management_url: str = ""


class Allocation:
    """A database, vhost, key space, bucket, prefix or account of its own.

    It is behind a random login that reaches nothing else.
    ``variables`` is the environment in which a lesson finds it; ``url`` has the login in it, and names the place.
    """

    def __init__(self, url: str, variables: Mapping[str, str], drop: Callable[[], None]) -> None:
        self.url = url
        self.variables = variables
        self._drop: Callable[[], None] | None = drop

    def release(self) -> None:
        """Drop what was created, and nothing else; a second call does nothing."""
        drop, self._drop = self._drop, None
        if drop:
            drop()


class Server:
    """A running server that taller may use but not end.

    ``origin`` tells how it was had: from a URL in the ``environment``, from ``taller services up``, ``embedded``
    (a private child process) or from ``docker``.
    """

    pid = 0

    def __init__(self, service: Service, endpoint: Endpoint, origin: Origin) -> None:
        self.service = service
        self.endpoint = endpoint
        self.origin: Origin = origin
        self._allocations: list[Allocation] = []

    @property
    def name(self) -> str:
        """The service's name, as lessons give it."""
        return self.service.name

    @property
    def admin_url(self) -> str:
        """The URL of a login that may do everything."""
        return self.endpoint.url

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which another process of ours uses this server instead of one of its own."""
        return self.service.variables(self.endpoint)

    @property
    def version(self) -> str:
        """What the server says its version is; the client's own error when it does not answer."""
        return self.service.version(self.endpoint)

    def allocate(self) -> Allocation:
        """Create a place of its own, as ``Allocation`` says; released when the server is closed at the latest."""
        allocation = self.service.allocate(self.endpoint)
        self._allocations.append(allocation)
        return allocation

    def restart(self) -> None:
        """Stop it cleanly and start it again on the same port and data; ``ServiceError`` if it is not ours."""
        raise self._refusal("restart")

    def kill(self) -> None:
        """End it as ``kill -9`` does; ``ServiceError`` if it is not ours."""
        raise self._refusal("kill")

    def start_again(self) -> None:
        """Start it after ``kill``, on the same port and data; ``ServiceError`` if it is not ours."""
        raise self._refusal("start")

    def pause(self) -> None:
        """Stop its processes in mid-work (SIGSTOP): it accepts connections and says nothing."""
        raise self._refusal("pause")

    def resume(self) -> None:
        """Let it go on after ``pause``."""
        raise self._refusal("resume")

    def close(self) -> None:
        """Release what is still allocated."""
        for allocation in self._allocations:
            # A suite may have left the server dead; what it held is then beyond our reach.
            with suppress(Exception):
                allocation.release()

    def _refusal(self, verb: str) -> ServiceError:
        return ServiceError(
            f"cannot {verb} {self.name}: it comes from {self.origin!r}, and only a private server may be treated so"
        )


def environment_of(servers: Mapping[str, Server]) -> dict[str, str]:
    """The environment in which another process of ours uses these servers instead of ones of its own."""
    return {name: value for server in servers.values() for name, value in server.variables.items()}
