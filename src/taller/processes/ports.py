"""Free TCP ports on the loopback interface."""

import socket
from contextlib import suppress

from taller.processes.leases import lease

# Below the range from which the kernel takes ports for outgoing connections (ip(7), ip_local_port_range),
# so that no connection made by somebody else can take a port between our look and our server's bind.
PORTS = range(20_000, 32_000)


def free_port(wanted: int | None = None) -> int:
    """A free port on 127.0.0.1 that no other run of taller gets while we live; ``wanted`` if it is one."""
    if wanted is not None:
        with suppress(OSError):
            return lease("port", [wanted], _is_free)
    return lease("port", PORTS, _is_free)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
