"""A server that a suite plays itself, a byte at a time: what a submission sends to others is seen as it is."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from types import TracebackType
from typing import Any, Self

from taller.grading.unmet import eventually

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Received:
    """A request as it came in; ``body`` grows until it is ``whole``, and ``ended`` when no more can come."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False
    ended: bool = False

    def values(self, name: str) -> list[str]:
        """The values of all headers of that name, in their order."""
        return [value for known, value in self.headers if known.lower() == name.lower()]


Reply = Callable[[socket.socket, Received], None]


def reply_with(answer: bytes) -> Reply:
    """Send these bytes once the request is there."""
    return lambda connection, received: connection.sendall(answer)


class Upstream:
    """Takes connections on a free port, and answers each request as ``on`` has said for its target; else 200.

    A reply that raises, or returns after it has shut the connection down, ends the connection. With ``early``, a
    reply is made before the body is read.
    """

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._received: list[Received] = []
        self._replies: dict[str, tuple[Reply, bool]] = {}
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in [self._server, *self._connections]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def on(self, target: str, reply: Reply, *, early: bool = False) -> None:
        """Answer requests for a target so."""
        self._replies[target] = (reply, early)

    def all(self) -> list[Received]:
        """All requests so far."""
        return list(self._received)

    def request(self, target: str, *, whole: bool = True, within: float = 3) -> Received:
        """The request for a target, as soon as it is there; raises ``Unmet`` when it does not come."""

        def found() -> Any:
            return next((r for r in self._received if r.target == target and (r.whole or not whole)), None)

        result: Received = eventually(found, within=within, expected=f"a request for {target} to reach the service")
        return result

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._connections.append(connection)
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                method, target, _ = line.decode("latin-1").split(" ", 2)
                received = Received(method, target, _headers(stream))
                self._received.append(received)
                reply, early = self._replies.get(target, (reply_with(OK), False))
                if early:
                    reply(connection, received)
                try:
                    _read_body(stream, received)
                finally:
                    received.ended = True
                if not received.whole:
                    return
                if not early:
                    reply(connection, received)


def _headers(stream: Any) -> list[tuple[str, str]]:
    found = []
    while (line := stream.readline().decode("latin-1")).strip():
        name, _, value = line.partition(":")
        found.append((name, value.strip()))
    return found


def _read_body(stream: Any, received: Received) -> None:
    if received.values("transfer-encoding"):
        while size := int(stream.readline() or b"x", 16):
            if not _read(stream, received, size):
                return
            stream.readline()
        received.whole = stream.readline() == b"\r\n"
    else:
        received.whole = _read(stream, received, int("".join(received.values("content-length")) or 0))


def _read(stream: Any, received: Received, size: int) -> bool:
    while size:
        piece = stream.read1(min(size, 65_536))
        if not piece:
            return False
        received.body += piece
        size -= len(piece)
    return True
