"""What a registry can do, whichever it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from lesson14_service_discovery.instances import Instance


class RegistryGone(Exception):
    """The registry cannot be reached, or refuses; it may be back in a moment."""


@dataclass(frozen=True)
class Snapshot:
    """All that a registry knows at one moment; ``settings`` is the text of a JSON object, where it keeps one."""

    instances: list[Instance] = field(default_factory=list)
    settings: str | None = None


class Open(Protocol):
    """What has connections, and is open inside its context. Whether they can be made shows only later."""

    async def __aenter__(self) -> Self:
        """Open it."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""


class Registrar(Open, Protocol):
    """The registry as an instance sees it."""

    async def announce(self, instance: Instance) -> None:
        """Say that an instance lives; it counts for the TTL, so say it again. Raises ``RegistryGone``."""

    async def withdraw(self, instance: Instance) -> None:
        """Say that it leaves. Raises ``RegistryGone``."""


class Registry(Open, Protocol):
    """The registry as those see it who look for instances."""

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Who is there now, and again whenever that may have changed, without an end. Raises ``RegistryGone``."""
