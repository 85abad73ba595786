"""One call, as it looks on its way through either side, whatever carries it."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from lesson16_rpc_and_transports.codecs import Codec

LONGEST_S = 10.0


# --8<-- [start:start]
@dataclass(frozen=True)
class Call:
    """A request: ``method`` is SERVICE/METHOD, ``body`` the message in bytes of ``codec``.

    The names in ``metadata`` are in lower case. ``deadline`` is a moment of ``time.monotonic``, after which nobody
    waits for the answer any more.
    """

    method: str
    body: bytes
    codec: Codec
    metadata: Mapping[str, str]
    deadline: float

    @property
    def remaining_s(self) -> float:
        """Seconds until the deadline; 0 when it has passed."""
        return max(self.deadline - time.monotonic(), 0.0)


Handler = Callable[[Call], Awaitable[bytes]]
"""Answers a call with a message in bytes, or raises ``RpcError``: the service behind a server, the wire behind a
client."""
# --8<-- [end:start]

Wrapper = Callable[[Handler], Handler]
"""Makes of a handler one that does something more before it, after it or instead of it."""


def wrapped(handler: Handler, *wrappers: Wrapper) -> Handler:
    """The handler in its wrappers: the first is the outermost, so it sees a call first and its end last."""
    # starter: return handler
    # --8<-- [start:wrappers]
    for wrapper in reversed(wrappers):
        handler = wrapper(handler)
    return handler
    # --8<-- [end:wrappers]
