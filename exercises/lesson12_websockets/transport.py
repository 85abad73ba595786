"""What of Engine.IO and Socket.IO is taken from a client: less than their Python implementation would take."""

import socket
from contextlib import suppress
from typing import Any

from engineio.async_drivers.gevent import WebSocketWSGI
from engineio.exceptions import EngineIOError
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT, Packet

LARGEST_FRAME = 10_000
# Socket.IO calls handlers by these names itself; a client that could would seem to be gone, and listen on.
RESERVED = {"connect", "disconnect", "connect_error"}
FROM_CLIENTS = {0, 1, 2, 3}


class StrictPacket(Packet):  # type: ignore[misc]
    """A packet of Socket.IO; one that is none, or carries binary data, is dropped."""

    def decode(self, encoded_packet: str) -> int:
        """Take a packet apart; raises ValueError for what no client of ours has to send."""
        attachments: int = super().decode(encoded_packet)
        # TODO refuse: Refuse what is not fit
        return attachments


def is_event(data: Any) -> bool:
    """Whether this is an event that a client may send."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED


class BoundedWebSocket(WebSocketWSGI):  # type: ignore[misc]
    """A WebSocket that ends when a message is too large or no packet of Engine.IO."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        # TODO refuse: Refuse what is not fit

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve the WebSocket until it ends."""
        try:
            return super().__call__(environ, start_response)
        finally:
            # What reads ahead for us would keep the socket open while the other side goes on sending.
            with suppress(AttributeError, OSError):
                self.ws.sock.shutdown(socket.SHUT_RDWR)

    def wait(self) -> str | None:
        """The next message; None at the end."""
        message: str | bytes | None = super().wait()
        # TODO refuse: Refuse what is not fit
        return message


def is_engine_packet(message: str) -> bool:
    """Whether Engine.IO can read this; where it cannot, it would leave the connection half open."""
    try:
        EnginePacket(encoded_packet=message)
    except (ValueError, IndexError, EngineIOError, RecursionError):
        return False
    return True
