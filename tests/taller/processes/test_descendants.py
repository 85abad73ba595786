"""Nothing of a child outlives it, or us."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from taller.grading import eventually
from taller.processes import Child

Start = Callable[..., Child]
LONG = 30

# A child of its own, one in another session, one whose parent has ended (a daemon), and one that ignores signals.
FAMILY = """
import os, signal, sys, time

def leave(*, session=False, orphan=False, deaf=False):
    if os.fork():
        return
    if session:
        os.setsid()
    if orphan and os.fork():
        os._exit(0)
    if deaf:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(1000)
    os._exit(0)

leave()
leave(session=True)
leave(session=True, orphan=True)
leave(orphan=True, deaf=True)
"""
STAY = FAMILY + "\nos.write(1, f'{os.getpid()}\\n'.encode())\ntime.sleep(1000)\n"
END = FAMILY + "\nsys.stdin.read()\ntime.sleep(0.3)\n"

HOLD = f"""
import sys, time
from pathlib import Path
from taller.processes import Child

child = Child.start([sys.executable, "-c", {STAY!r}], name="family", env={{}}, cwd=Path("/"), on_line=print)
time.sleep(1000)
"""


def pids(child: Child, count: int) -> list[int]:
    """What the members of the family have printed."""
    eventually(lambda: len(child.tail().split()) == count, within=LONG, expected=f"{count} processes")
    return [int(word) for word in child.tail().split()]


def living(family: list[int]) -> list[int]:
    """Those that are still there, other than as zombies."""
    there = []
    for pid in family:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                there.append(pid)
    return there


@pytest.mark.parametrize("end", [Child.kill, Child.stop])
def test_an_ended_child_leaves_nothing(start: Start, end: Callable[[Child], int]) -> None:
    child = start(sys.executable, "-c", STAY)
    family = pids(child, 5)
    assert living(family) == family

    end(child)

    assert living(family) == []


def test_daemons_end_with_the_program_that_left_them(start: Start) -> None:
    child = start(sys.executable, "-c", END)
    family = pids(child, 4)

    assert child.wait(LONG) == 0
    child.kill()

    assert living(family) == []


def test_our_own_death_leaves_nothing() -> None:
    holder = subprocess.Popen([sys.executable, "-u", "-c", HOLD], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    family = [int(holder.stdout.readline()) for _ in range(5)]
    family += [process.pid for process in psutil.Process(holder.pid).children()]

    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()

    eventually(lambda: not living(family), within=LONG, expected=f"none of {family} to be left")


def test_a_killed_guard_takes_the_program_along(start: Start) -> None:
    child = start("sleep", "1000")

    guard = psutil.Process(child.pid).parent()
    assert guard
    guard.kill()

    assert child.wait(LONG) == -signal.SIGKILL
    eventually(lambda: not living([child.pid]), within=LONG)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start programs as another user")
def test_programs_of_another_user_end_too(start: Start) -> None:
    child = start("/bin/sh", "-c", "setsid sleep 1000 & echo $! $$; exec sleep 1000", uid=64_901, cwd=Path("/"))
    family = pids(child, 2)

    child.kill()

    assert living(family) == []
