"""Servers that keep running between commands: ``taller services up``, ``down`` and ``status``."""

import fcntl
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taller.processes.state import sweep
from taller.services import records
from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.registry import find, names
from taller.services.server import Endpoint
from taller.services.service import Announce

END_TIMEOUT_S = 30


@dataclass(frozen=True)
class Status:
    """How one service is now.

    ``origin`` is None when neither the environment nor ``up`` provides it: it would be started when needed. ``version``
    is None when it does not answer; memory (bytes) and uptime (seconds) are known of servers of our own.
    """

    name: str
    origin: Literal["environment", "up"] | None = None
    version: str | None = None
    url: str | None = None
    memory: int | None = None
    uptime: float | None = None


def up(wanted: list[str] | None = None, announce: Announce = lambda line: None) -> list[Status]:
    """Start these services (all by default) in a background process, unless they run already.

    Returns when they answer. Raises ``ServiceUnavailable`` or ``ServiceError``, and has started none then.
    """
    with _alone():
        sweep()
        running = {name for record in records.load() for name in record.servers}
        missing = [name for name in (wanted or names()) if name not in running]
        if missing:
            _start(missing, announce)
    return status()


def down() -> list[str]:
    """End what ``up`` started, and wait until it has; the names of the services that ran."""
    with _alone():
        ended = records.load()
        for record in ended:
            _end(record)
        sweep()
    return sorted(name for record in ended for name in record.servers)


def status() -> list[Status]:
    """How every service is; sweeps what a killed background process left."""
    sweep()
    running = {name: (record, server) for record in records.load() for name, server in record.servers.items()}
    found = []
    for name in names():
        url = os.environ.get(find(name).variable)
        if url:
            found.append(Status(name, "environment", _version(name, find(name).foreign(url)), url))
        elif name in running:
            record, server = running[name]
            version, url = _version(name, server.endpoint), server.endpoint.url
            memory = _memory(server.pid) if server.pid else None
            found.append(Status(name, "up", version, url, memory, time.time() - record.started))
        else:
            found.append(Status(name))
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """One ``up`` or ``down`` at a time in a checkout."""
    with (records.folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(missing: list[str], announce: Announce) -> None:
    # The URLs of other servers are not what the background process is for.
    ours = {find(name).variable for name in names()}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    folder = records.folder()
    log = folder / "daemon.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "taller.services.daemon", str(folder / f"{secrets.token_hex(8)}.json"), *missing],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        _follow(process, announce, log)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _follow(process: "subprocess.Popen[str]", announce: Announce, log: Path) -> None:
    """Pass on what the background process says until it is ready."""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            match json.loads(line):
                case {"announce": text}:
                    announce(text)
                case {"unavailable": [service, reason, remedy]}:
                    raise ServiceUnavailable(service, reason, remedy)
                case {"ready": True}:
                    return
    raise ServiceError(f"the background process ended while it started:\n{log.read_text()}")


def _end(record: records.Record) -> None:
    import psutil

    process = record.process()
    if process:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
            try:
                process.wait(END_TIMEOUT_S)
            except psutil.TimeoutExpired:
                # Its servers' guards notice, and end them.
                process.kill()


def _version(name: str, endpoint: Endpoint) -> str | None:
    # Whatever a client raises, the answer is the same: it does not answer.
    with suppress(Exception):
        return find(name).version(endpoint)
    return None


def _memory(pid: int) -> int | None:
    """Bytes that a program and its descendants have for themselves; None when it is gone."""
    import psutil

    total = None
    with suppress(psutil.NoSuchProcess):
        program = psutil.Process(pid)
        total = int(program.memory_full_info().uss)
        for process in program.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                total += int(process.memory_full_info().uss)
    return total
