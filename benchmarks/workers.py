"""What more workers bring: ``python benchmarks/workers.py``.

Clients ask lesson19's solution for work that computes for 20 ms, with one worker and with one for each core, in
rounds that alternate; medians are compared. Beside it stands what the machine itself gives: the same computation in
as many bare processes, without a server.
What is aimed at: the speed-up over one worker is at least 0.7 of what the bare processes reach.
"""

import argparse
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import httpx

from taller.catalog import Course
from taller.processes import Limits
from taller.runner import Submission, System

ROUNDS = 3
SECONDS = 4.0
MILLISECONDS = 20
PATIENCE_S = 60.0


def computed(end: float) -> int:
    """How often a bare process computes for so many milliseconds until a moment of the system's monotonic clock."""
    count = 0
    while time.monotonic() < end:
        done = time.thread_time() + MILLISECONDS / 1000
        while time.thread_time() < done:
            sum(range(1000))
        count += 1
    return count


def bare(processes: int) -> float:
    """Computations per second of so many processes."""
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(computed, [0.0] * processes))
        end = time.monotonic() + SECONDS
        return sum(pool.map(computed, [end] * processes)) / SECONDS


def served(url: str, clients: int) -> float:
    """Requests per second of so many clients."""
    with httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False) as client, ThreadPoolExecutor(clients) as pool:
        end = time.monotonic() + SECONDS

        def ask(number: int) -> int:
            count = 0
            while time.monotonic() < end:
                client.get("/api/work", params={"kind": "cpu", "ms": MILLISECONDS}).raise_for_status()
                count += 1
            return count

        return sum(pool.map(ask, range(clients))) / SECONDS


def main() -> None:
    """Print the medians of the rounds, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 16))
    most = parser.parse_args().workers
    course = Course.find()
    lesson = course.lesson("lesson19")
    token = {"Authorization": f"Bearer {lesson.environment['MANAGE_TOKEN']}"}
    told = {"WORKERS": "1", "LOG_LEVEL": "warning", "PROGRAMS": "{}"}
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    rates: dict[tuple[str, int], list[float]] = {}
    with System(Submission.locate(course, lesson, course.solutions), told, limits=limits) as system:
        url = system.url("web")
        for _ in range(ROUNDS):
            for workers in (1, most):
                configuration = {"workers": workers, "greeting": "Hello"}
                changed = httpx.put(
                    f"{url}/manage/configuration", json=configuration, headers=token, timeout=PATIENCE_S
                )
                changed.raise_for_status()
                rates.setdefault(("lesson19", workers), []).append(served(url, 4 * most))
                rates.setdefault(("bare", workers), []).append(bare(workers))
    for name in ("lesson19", "bare"):
        one, many = (statistics.median(rates[name, workers]) for workers in (1, most))
        print(f"{name:9} 1 worker {one:6.1f}/s, {most} workers {many:6.1f}/s, ratio {many / one:.2f}")


if __name__ == "__main__":
    main()
