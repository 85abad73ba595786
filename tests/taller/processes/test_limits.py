"""A program gets no more of the machine than its limits say."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.processes import Child, Limits
from taller.processes.limits import MIB

Start = Callable[..., Child]
LONG = 60


def end_of(child: Child) -> tuple[int | None, str]:
    """The status with which it ended, and what it printed."""
    child.wait(LONG)
    child.kill()
    return child.exit_status, child.tail()


def test_memory(start: Start) -> None:
    take = "print(len(bytearray(50 * 2**20)), flush=True); bytearray(200 * 2**20)"

    status, log = end_of(start(sys.executable, "-c", take, limits=Limits(memory_bytes=150 * MIB)))

    assert status == 1
    assert log.startswith(str(50 * MIB))
    assert log.endswith("MemoryError")


def test_open_files(start: Start) -> None:
    take = "import os; files = [os.open('/dev/null', 0) for _ in range(100)]"

    status, log = end_of(start(sys.executable, "-c", take, limits=Limits(open_files=50)))

    assert status == 1
    assert "Too many open files" in log


@pytest.mark.skipif(os.geteuid() != 0, reason="the limit counts what else this user runs")
def test_processes(shell: Start) -> None:
    script = "for i in $(seq 30); do sleep 100 & done; echo thirty more"

    status, log = end_of(shell(script, uid=64_902, cwd=Path("/"), limits=Limits(processes=10)))

    assert status not in (0, None)
    assert "fork" in log
    assert "thirty more" not in log


def test_processor_time(shell: Start) -> None:
    status, _ = end_of(shell("while :; do :; done", limits=Limits(cpu_seconds=1)))

    assert status in (-signal.SIGKILL, -signal.SIGXCPU)


def test_the_size_of_a_file(shell: Start, tmp_path: Path) -> None:
    status, _ = end_of(shell("exec head -c 1M /dev/zero > file", limits=Limits(file_bytes=1000)))

    assert status == -signal.SIGXFSZ
    assert (tmp_path / "file").stat().st_size == 1000


def test_time(shell: Start) -> None:
    child = shell("exec sleep 1000", limits=Limits(wall_seconds=0.3))

    assert end_of(child)[0] == -signal.SIGKILL
    assert child.overtime


def test_time_without_bound(shell: Start) -> None:
    child = shell("exit 0", limits=Limits(wall_seconds=float("inf")))

    assert end_of(child)[0] == 0
    assert not child.overtime


def test_the_size_of_the_log(shell: Start, tmp_path: Path) -> None:
    log = tmp_path / "program.log"

    status, tail = end_of(shell("yes | head -c 1M; echo done", log=log, limits=Limits(log_bytes=1000)))

    assert status == 0
    assert tail.endswith("[the log has reached its limit: the rest is not kept]")
    assert 1000 < log.stat().st_size < 1100


def test_a_descendant_has_the_same_limits(shell: Start) -> None:
    status, log = end_of(shell("sh -c 'ulimit -n; ulimit -c'", limits=Limits(open_files=77)))

    assert (status, log.split()) == (0, ["77", "0"])
