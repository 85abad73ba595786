"""Proofs in processes of their own, a few at a time."""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from taller.authoring.outcome import Outcome, Proof, Proved
from taller.processes import StateDirectory
from taller.processes.parent import signal_when_parent_dies

# What suites and services would import in each process anew; what is not installed is passed over.
PRELOADED = ["__main__", "taller.authoring.proofs", "boto3", "httpcore", "psycopg", "pymongo", "redis", "socketio"]
LONGEST_PROOF_S = 300.0
GRACE_S = 20.0


def prove(proofs: Sequence[Proof], workers: int, environment: Mapping[str, str]) -> Iterator[Proved]:
    """Make all proofs, ``workers`` at a time, in their order, and yield each as it ends.

    Each has a new process, so that nothing that a suite did is there for the next, with ``environment`` over ours.
    When the iteration ends early, as Ctrl-C makes it, the proofs at work are ended and clean up behind them.
    """
    context = multiprocessing.get_context("forkserver")
    bytecode = StateDirectory.create("bytecode")
    context.set_forkserver_preload(PRELOADED)
    waiting = deque(proofs)
    working: dict[Connection, _Worker] = {}
    try:
        while waiting or working:
            while waiting and len(working) < workers:
                worker = _Worker.start(context, waiting.popleft(), environment, bytecode.path)
                working[worker.connection] = worker
            ended = {connection for connection in wait(list(working), timeout=1) if isinstance(connection, Connection)}
            ended |= {connection for connection, worker in working.items() if worker.is_overdue}
            for connection in ended:
                yield working.pop(connection).result()
    finally:
        for worker in working.values():
            worker.interrupt()
        for worker in working.values():
            worker.end()
        bytecode.remove()


@dataclass(frozen=True)
class _Worker:
    proof: Proof
    process: ForkServerProcess
    connection: "Connection[Outcome, Outcome]"
    started: float

    @classmethod
    def start(
        cls,
        context: "multiprocessing.context.ForkServerContext",
        proof: Proof,
        environment: Mapping[str, str],
        bytecode: Path,
    ) -> "_Worker":
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(proof, dict(environment), bytecode, theirs), name=proof.name)
        process.start()
        theirs.close()
        return cls(proof, process, ours, time.monotonic())

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def is_overdue(self) -> bool:
        return self.seconds > LONGEST_PROOF_S

    def result(self) -> Proved:
        if not self.connection.poll():
            self.interrupt()
            outcome = Outcome((f"not proved within {LONGEST_PROOF_S:g} s",))
        else:
            try:
                outcome = self.connection.recv()
            except EOFError:
                self.process.join(GRACE_S)
                outcome = Outcome((f"its process ended with exit code {self.process.exitcode}",))
        self.end()
        return Proved(self.proof, outcome, self.seconds)

    def interrupt(self) -> None:
        with suppress(ProcessLookupError):
            if self.process.pid and self.process.is_alive():
                os.kill(self.process.pid, signal.SIGINT)

    def end(self) -> None:
        self.process.join(GRACE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()


def _work(
    proof: Proof, environment: dict[str, str], bytecode: Path, connection: "Connection[Outcome, Outcome]"
) -> None:
    # Ctrl-C in a terminal reaches a whole process group; ours is told once, by the process that we work for.
    os.setsid()
    signal_when_parent_dies(signal.SIGINT)
    os.environ.update(environment)
    # A suite is compiled once and not for each of its proofs, whatever PYTHONDONTWRITEBYTECODE says of the checkout.
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(bytecode)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        connection.send(_outcome(proof))


def _outcome(proof: Proof) -> Outcome:
    try:
        return proof()
    # Whatever a proof stumbles over, the others go on and the reader is told.
    except Exception as error:
        return Outcome((f"{type(error).__name__}: {error}",))
