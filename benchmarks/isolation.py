"""How long it takes to give a suite a database, a vhost and a key space of its own: ``python benchmarks/isolation.py``.

The median over 20 rounds on embedded servers. What is claimed: database, vhost and keys together in under 150 ms.
"""

import statistics
import time

from taller.services import Server, names, open_servers

ROUNDS = 20
TOGETHER = ("postgresql", "rabbitmq", "redis")
CLAIM_MS = 150


def measure(server: Server) -> tuple[float, float]:
    """Milliseconds to allocate, and to release."""
    begin = time.perf_counter()
    allocation = server.allocate()
    allocated = time.perf_counter()
    allocation.release()
    return (allocated - begin) * 1000, (time.perf_counter() - allocated) * 1000


def main() -> None:
    """Print the medians, and the sum that is claimed."""
    together = 0.0
    with open_servers(names(), announce=print, private=True) as servers:
        print(f"\n{'':12}{'allocate':>10}{'release':>10}   median of {ROUNDS}, ms")
        for name, server in servers.items():
            rounds = [measure(server) for _ in range(ROUNDS)]
            allocating, releasing = (statistics.median(times) for times in zip(*rounds, strict=True))
            together += allocating if name in TOGETHER else 0
            print(f"{name:12}{allocating:10.1f}{releasing:10.1f}")
    print(f"{' + '.join(TOGETHER)}: {together:.1f} ms (at most {CLAIM_MS})")


if __name__ == "__main__":
    main()
