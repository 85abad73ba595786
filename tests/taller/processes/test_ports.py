"""Ports, and whatever else is numbered, are given out once."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from taller.processes import free_port
from taller.processes.leases import lease
from taller.processes.ports import PORTS

TAKE = """
import sys
from taller.processes import free_port

print(*[free_port() for _ in range(100)], flush=True)
sys.stdin.read()
"""
HOLD = """
import sys
from taller.processes.leases import lease

lease(sys.argv[1], [1], lambda number: True)
print("held", flush=True)
sys.stdin.read()
"""


def listen(port: int) -> None:
    """Raise ``OSError`` when nobody can listen there."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()


def test_several_runs_get_different_ports() -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", TAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ports = [int(word) for run in runs if run.stdout for word in run.stdout.readline().split()]
    ports += [free_port() for _ in range(50)]
    for run in runs:
        run.communicate()

    assert len(set(ports)) == 4 * 100 + 50


def test_one_can_listen_on_a_free_port() -> None:
    listen(free_port())


def test_a_port_that_somebody_listens_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = server.getsockname()[1]
        monkeypatch.setattr("taller.processes.ports.PORTS", range(taken, taken + 1))

        with pytest.raises(OSError, match="no free port is left"):
            free_port()


def test_a_wanted_port_is_given_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        wanted = probe.getsockname()[1]

    assert free_port(wanted) == wanted
    assert free_port(wanted) in PORTS


def test_a_killed_process_gives_its_numbers_back(tmp_path: Path) -> None:
    kind = tmp_path.name
    holder = subprocess.Popen([sys.executable, "-c", HOLD, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    with pytest.raises(OSError, match=f"no free {kind} is left on this machine"):
        lease(kind, [1], lambda number: True)

    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    assert lease(kind, [1], lambda number: True) == 1
