"""Run named stages one after another, go on after a failure, and sum up at the end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from console import Console

OUTCOME_COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow"}


class Skipped(Exception):
    """A stage cannot be done on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Stage:
    """One kind of check: `check` returns whether all is well, or raises Skipped."""

    name: str
    title: str
    check: Callable[[], bool]


@dataclass(frozen=True)
class Result:
    """How a stage went: passed, failed or skipped."""

    stage: Stage
    outcome: str
    seconds: float
    note: str = ""


def tool(name: str) -> str:
    """Return the path of a program that lies beside our Python."""
    return str(Path(sys.executable).with_name(name))


def run(*argv: str) -> bool:
    """Run a command with our output as its own; returns whether its exit status is 0."""
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        return child.wait() == 0
    except KeyboardInterrupt:
        # It had the same Ctrl-C; let it end the servers that it started.
        child.wait()
        raise


def run_stages(stages: Sequence[Stage], console: Console) -> list[Result]:
    """Do every stage in order; a failed one does not keep the next from being run."""
    results = []
    for number, stage in enumerate(stages, start=1):
        console.line(f"\n== {stage.name}: {stage.title} ({number} of {len(stages)})")
        results.append(run_stage(stage))
        console.line(describe(results[-1], console))
    return results


def run_stage(stage: Stage) -> Result:
    """Do one stage and take its time."""
    begun = time.monotonic()
    note = ""
    try:
        outcome = "passed" if stage.check() else "failed"
    except Skipped as reason:
        outcome, note = "skipped", str(reason)
    return Result(stage, outcome, time.monotonic() - begun, note)


def describe(result: Result, console: Console) -> str:
    """Return one line of the summary."""
    outcome = console.paint(f"{result.outcome:<8}", OUTCOME_COLOURS[result.outcome])
    return f"  {result.stage.name:<8} {outcome} {result.seconds:6.1f} s  {result.note}".rstrip()


def sum_up(results: Sequence[Result], console: Console) -> int:
    """Print every stage's outcome and their count; returns the exit status."""
    console.line("\n== summary")
    for result in results:
        console.line(describe(result, console))
    count = {outcome: sum(result.outcome == outcome for result in results) for outcome in OUTCOME_COLOURS}
    console.line(f"stages: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0
