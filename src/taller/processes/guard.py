"""Run one program, and let nothing of it outlive the process that asked for it.

Started by ``taller.processes.child`` as ``python -I -S guard.py``, with the job as a line of JSON on its standard
input; it is a script of the standard library alone because it is started once per process and has to be quick.

It adopts the program's orphans (``PR_SET_CHILD_SUBREAPER``, prctl(2)) and kills every descendant when the program
ends, when it is told to, or when its standard input closes, which the kernel sees to whenever the asking process
dies, by ``kill -9`` too. It reports on the descriptor ``status``, a line each: ``pid N``, ``failed ERRNO``,
``overtime``, ``exit N`` (negative: killed by that signal).
"""

import ctypes
import errno
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LINUX = sys.platform == "linux"
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def threads_of_user(uid: int) -> int:
    """How many threads a user has now: ``RLIMIT_NPROC`` counts them all, also those that are not ours."""
    total = 0
    for entry in os.scandir("/proc") if LINUX else ():
        with suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                total += len(os.listdir(f"/proc/{entry.name}/task"))
    return total


def limit(bounds: dict[str, Any], uid: int) -> None:
    """Set the resource limits (setrlimit(2)), never above what the machine's owner allows."""
    wanted = {
        resource.RLIMIT_CPU: bounds["cpu_seconds"],
        resource.RLIMIT_DATA: bounds["memory_bytes"],
        resource.RLIMIT_NOFILE: bounds["open_files"],
        resource.RLIMIT_FSIZE: bounds["file_bytes"],
        resource.RLIMIT_NPROC: threads_of_user(uid) + bounds["processes"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def become(job: dict[str, Any]) -> None:
    """Turn the forked child into the program."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (*ENDINGS, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    if job["limits"]:
        limit(job["limits"], os.getuid() if job["uid"] is None else job["uid"])
    if job["uid"] is not None:
        os.setgroups([])
        os.setgid(job["uid"])
        os.setuid(job["uid"])
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(job["cwd"])
    os.execvpe(job["argv"][0], job["argv"], job["env"])


def spawn(job: dict[str, Any]) -> tuple[int, int]:
    """Fork and exec; return the program's id and 0, or the errno of what went wrong."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            become(job)
        except OSError as error:
            os.write(writer, str(error.errno).encode())
        except ValueError as error:
            os.write(2, f"{error}\n".encode())
            os.write(writer, str(errno.EINVAL).encode())
        finally:
            os._exit(127)
    os.close(writer)
    answer = os.read(reader, 16)
    os.close(reader)
    return pid, int(answer or 0)


def children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
    return found


def kill_below(pid: int) -> None:
    """Kill all descendants, from the top down so that none is left to start another."""
    for child in children(pid):
        with suppress(OSError):
            os.kill(child, signal.SIGSTOP)
        kill_below(child)
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)


def reap(main: int) -> int | None:
    """Collect what has ended; the main program's wait status if it was among them."""
    status = None
    with suppress(ChildProcessError):
        while True:
            pid, found = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == main:
                status = found
    return status


def sweep(main: int) -> None:
    """Kill until nothing is left: a killed program's orphans become ours, and are killed in the next round."""
    for _ in range(1000):
        if LINUX:
            kill_below(os.getpid())
        with suppress(OSError):
            os.killpg(main, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def watch(main: int, wake: int, deadline: float, say: Callable[[str], None]) -> int | None:
    """Wait until the program ends; None when it has to be ended instead."""
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            say("overtime")
            return None
        ready, _, _ = select.select([0, wake], [], [], left)
        if wake in ready:
            os.read(wake, 512)
            status = reap(main)
            if status is not None:
                return status
        if 0 in ready:
            return None


def main() -> None:
    with open(0, closefd=False) as control:
        line = control.readline()
    if not line.endswith("\n"):
        return
    job = json.loads(line)

    def say(line: str) -> None:
        with suppress(OSError):
            os.write(job["status"], f"{line}\n".encode())

    os.set_inheritable(job["status"], False)
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    pid, problem = spawn(job)
    if problem:
        say(f"failed {problem}")
        return
    say(f"pid {pid}")
    wall = job["limits"]["wall_seconds"] if job["limits"] else float("inf")
    status = watch(pid, wake, time.monotonic() + min(wall, 1e6), say)
    if status is None:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            status = os.waitpid(pid, 0)[1]
    say(f"exit {os.waitstatus_to_exitcode(status) if status is not None else -signal.SIGKILL}")
    sweep(pid)


if __name__ == "__main__":
    main()
