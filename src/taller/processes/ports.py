"""Free TCP ports on the loopback interface."""

import socket

from taller.processes.leases import lease

# Below the range from which the kernel takes ports for outgoing connections (ip(7), ip_local_port_range),
# so that no connection made by somebody else can take a port between our look and our server's bind.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A free port on 127.0.0.1 that no other run of taller gets while we live."""
    return lease("port", PORTS, is_free)


def is_free(port: int) -> bool:
    """Whether a server can bind this port on 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
