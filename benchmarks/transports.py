"""The three transports of lesson16, side by side: ``python benchmarks/transports.py``.

Eight clients post events to ``web``, which calls ``notifications`` over HTTP, gRPC or NATS. Rounds take turns; medians
are compared. What is claimed: over gRPC and over NATS half of the events take at most 0.8 of what they take over HTTP.
"""

import argparse
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx

from taller.catalog import Course
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits, free_port
from taller.runner import Submission, System

TRANSPORTS = ("http", "grpc", "nats")
CLIENTS = 8
AIM = 0.8


def run_through_web(url: str, count: int) -> list[float]:
    """Seconds that each of so many events took, posted by all clients together."""
    with httpx.Client(base_url=url, timeout=30) as client:

        def post(number: int) -> float:
            began = time.perf_counter()
            client.post("/event", json={"title": f"Event {number}"}).raise_for_status()
            return time.perf_counter() - began

        with ThreadPoolExecutor(CLIENTS) as clients:
            return list(clients.map(post, range(count)))


def main() -> None:
    """Print medians, 99th percentiles and rates, and the ratios to HTTP."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--events", type=int, default=1000, help="events in a round")
    chosen = options.parse_args()
    course = Course.find()
    lesson = course.lesson("lesson16")
    place = Submission.locate(course, lesson, course.solutions)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with allocated(lesson, private=False, announce=print) as services, ExitStack() as systems:
        urls = {}
        for transport in TRANSPORTS:
            told = {"TRANSPORT": transport, "GRPC_ADDRESS": f"127.0.0.1:{free_port()}"}
            system = systems.enter_context(System(place, {**variables_of(services), **told}, limits=limits))
            urls[transport] = system.url("web")
        for url in urls.values():
            run_through_web(url, 100)
        measured: dict[str, list[tuple[float, float, float]]] = {transport: [] for transport in TRANSPORTS}
        for _ in range(chosen.rounds):
            for transport, url in urls.items():
                began = time.perf_counter()
                took = sorted(run_through_web(url, chosen.events))
                rate = len(took) / (time.perf_counter() - began)
                measured[transport].append((took[len(took) // 2], took[len(took) * 99 // 100], rate))
    figures = {
        transport: [statistics.median(each) for each in zip(*rounds, strict=True)]
        for transport, rounds in measured.items()
    }
    floor = figures["http"]
    for transport, (p50, p99, rate) in figures.items():
        ratios = f"{p50 / floor[0]:.2f}, {p99 / floor[1]:.2f} and {rate / floor[2]:.2f} of HTTP's"
        print(f"{transport}  p50 {p50 * 1000:6.2f} ms  p99 {p99 * 1000:6.2f} ms  {rate:6.0f}/s   {ratios}")
    print(f"aimed at: p50 over gRPC and NATS at most {AIM} of HTTP's")


if __name__ == "__main__":
    main()
