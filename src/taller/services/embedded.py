"""A private server as a child process, from programs on this machine."""

import re
import shutil
import socket
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING

from taller.processes import Child, StartError, StateDirectory, free_port
from taller.services.errors import Cancelled, ServiceUnavailable
from taller.services.logins import random_password
from taller.services.server import Server
from taller.services.service import Announce, Service, Site
from taller.services.waiting import until

if TYPE_CHECKING:
    import psutil

START_TIMEOUT_S = 90
STOPPED_WITHIN_S = 10
ATTEMPTS = 3
PORT_TAKEN = re.compile("address already in use|eaddrinuse", re.IGNORECASE)


class StartFailed(Exception):
    """The program ended, or did not get ready in time; the message ends with its log."""


class EmbeddedServer(Server):
    """A server of our own: it may be killed, restarted and paused, and keeps its port and data meanwhile."""

    def __init__(self, service: Service, site: Site, state: StateDirectory, cancelled: Event) -> None:
        super().__init__(service, service.endpoint_at(site), "embedded")
        self._site = site
        self._state = state
        self._cancelled = cancelled
        self._child = self._launch()

    @property
    def pid(self) -> int:  # type: ignore[override]
        """The process id of the program."""
        return self._child.pid

    @classmethod
    def create(cls, service: Service, cancelled: Event) -> "EmbeddedServer":
        """Set up a new server and return when it answers; raises ``StartFailed`` or ``Cancelled``.

        A port may be taken between our look and the server's bind: then it is tried again on others.
        """
        state = StateDirectory.create(service.name)
        try:
            for _ in range(ATTEMPTS - 1):
                try:
                    return cls._first_start(service, state, cancelled)
                except StartFailed as failure:
                    if not PORT_TAKEN.search(str(failure)):
                        raise
            return cls._first_start(service, state, cancelled)
        except BaseException:
            state.remove()
            raise

    @classmethod
    def _first_start(cls, service: Service, state: StateDirectory, cancelled: Event) -> "EmbeddedServer":
        directory = state.path / "site"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        site = Site(directory, {port: free_port() for port in service.ports}, random_password())
        service.prepare(site)
        server = cls(service, site, state, cancelled)
        try:
            server._wait(initialise=True)
        except BaseException:
            server._child.kill()
            service.clean_up(site)
            raise
        return server

    def restart(self) -> None:
        self._settle()
        self._child.stop(sig=self.service.stop_signal)
        self.start_again()

    def kill(self) -> None:
        self._settle()
        self._child.kill()

    def start_again(self) -> None:
        if self._child.exit_status is None:
            return
        self._child = self._launch()
        self._wait()

    def pause(self) -> None:
        # The program first, so that it starts no others meanwhile.
        _stop(self._program())
        for process in self._program().children(recursive=True):
            _stop(process)

    def resume(self) -> None:
        for process in [*self._program().children(recursive=True), self._program()]:
            process.resume()

    def close(self) -> None:
        """End it and remove its data."""
        self._child.stop(grace=5, sig=self.service.stop_signal)
        self.service.clean_up(self._site)
        self._state.remove()

    def _settle(self) -> None:
        # A server that is dead or paused has nothing to say, and may be killed all the same.
        with suppress(Exception):
            self.service.settle(self.endpoint)

    def _launch(self) -> Child:
        command = self.service.command(self._site)
        try:
            return Child.start(
                command.argv,
                name=self.name,
                env=command.env,
                cwd=self._site.directory,
                prefix=command.prefix,
                uid=command.uid,
            )
        except StartError as error:
            raise StartFailed(str(error)) from error

    def _wait(self, *, initialise: bool = False) -> None:
        try:
            until(self._listening, timeout_s=START_TIMEOUT_S, check=self._check)
            if initialise:
                until(lambda: self.service.initialise(self._site), timeout_s=START_TIMEOUT_S, check=self._check)
            until(lambda: self.version, timeout_s=START_TIMEOUT_S, check=self._check)
        except TimeoutError as error:
            raise StartFailed(f"{error}\n{self._child.tail()}") from error

    def _listening(self) -> None:
        # Clients take their time over a refused connection: a bare socket tells sooner.
        socket.create_connection(("127.0.0.1", self._site.ports["port"]), timeout=1).close()

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled(f"{self.name} was not needed any more")
        if self._child.exit_status is not None:
            raise StartFailed(f"it ended with status {self._child.exit_status}:\n{self._child.tail()}")

    def _program(self) -> "psutil.Process":
        import psutil

        return psutil.Process(self._child.pid)


def _stop(process: "psutil.Process") -> None:
    """Stop a process (SIGSTOP), and return when it has: all its threads go on until one of them gets to the signal."""
    process.suspend()

    def look() -> None:
        status = process.status()
        if status not in ("stopped", "zombie"):
            raise TimeoutError(f"process {process.pid} is {status}")

    until(look, timeout_s=STOPPED_WITHIN_S, check=lambda: None)


def start(service: Service, announce: Announce, cancelled: Event) -> EmbeddedServer:
    """A private server of this kind; raises ``ServiceUnavailable`` when its programs are missing or fail."""
    service.require(announce)
    announce(f"starting {service.name}")
    try:
        return EmbeddedServer.create(service, cancelled)
    except StartFailed as failure:
        raise ServiceUnavailable(service.name, f"its own server did not start: {failure}", "taller doctor") from failure
