"""supervisor as the manager sees it: its XML-RPC API on a Unix domain socket (https://supervisord.org/api.html)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from supervisor.xmlrpc import Faults, SupervisorTransport


class ProcessStatus(BaseModel):
    """One process as it is now: ``state`` is supervisor's, in small letters; ``pid`` is None while it does not run."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    name: str
    state: str
    pid: int | None
    uptime_s: int


def status_of(info: dict[str, Any]) -> ProcessStatus:
    """What supervisor's ``getProcessInfo`` tells."""
    # --8<-- [start:status]
    return ProcessStatus(
        name=info["name"],
        state=info["statename"].lower(),
        pid=info["pid"] or None,
        uptime_s=max(info["now"] - info["start"], 0) if info["pid"] else 0,
    )
    # --8<-- [end:status]


class NoSuchProcess(Exception):
    """There is no process of that name."""


@contextmanager
def tolerating(*codes: int) -> Iterator[None]:
    """Pass over these faults: what was asked for is so already. Raises ``NoSuchProcess``."""
    try:
        yield
    except Fault as fault:
        if fault.faultCode == Faults.BAD_NAME:
            raise NoSuchProcess from None
        if fault.faultCode not in codes:
            raise


class Supervisor:
    """Asks one supervisor; may be used from several threads."""

    def __init__(self, control: Path) -> None:
        self._url = f"unix://{control}"

    @contextmanager
    def _rpc(self) -> Iterator[Any]:
        # The host is never looked up: the transport knows where the socket is.
        with ServerProxy("http://localhost", SupervisorTransport(None, None, self._url)) as proxy:
            yield proxy.supervisor

    def processes(self) -> list[ProcessStatus]:
        """All processes."""
        # --8<-- [start:status]
        with self._rpc() as rpc:
            return [status_of(info) for info in rpc.getAllProcessInfo()]
        # --8<-- [end:status]

    def process(self, name: str) -> ProcessStatus:
        """One process; raises ``NoSuchProcess``."""
        with self._rpc() as rpc, tolerating():
            return status_of(rpc.getProcessInfo(name))

    def start(self, name: str) -> None:
        """Begin to start it, if it does not run; raises ``NoSuchProcess``."""
        # --8<-- [start:status]
        with self._rpc() as rpc, tolerating(Faults.ALREADY_STARTED):
            rpc.startProcess(name, False)
        # --8<-- [end:status]

    def stop(self, name: str) -> None:
        """Stop it and wait until it has ended; raises ``NoSuchProcess``."""
        # --8<-- [start:status]
        with self._rpc() as rpc, tolerating(Faults.NOT_RUNNING):
            rpc.stopProcess(name)
        # --8<-- [end:status]

    def signal(self, name: str, number: str) -> None:
        """Send it a signal, such as HUP."""
        with self._rpc() as rpc:
            rpc.signalProcess(name, number)

    def reread(self) -> tuple[list[str], list[str]]:
        """Have supervisor read its files again: the names that are new in them, and those that have gone."""
        with self._rpc() as rpc:
            [[added, _, removed]] = rpc.reloadConfig()
        return added, removed

    def add(self, name: str) -> None:
        """Take over a program that is new in the files, and start it."""
        with self._rpc() as rpc:
            rpc.addProcessGroup(name)

    def remove(self, name: str) -> None:
        """Stop a program that has gone from the files, and forget it."""
        with self._rpc() as rpc, tolerating(Faults.NOT_RUNNING):
            rpc.stopProcessGroup(name)
            rpc.removeProcessGroup(name)
