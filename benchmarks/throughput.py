"""Requests per second and latency of the lessons' servers: ``python benchmarks/throughput.py``.

wrk (https://github.com/wg/wrk) reads one product, and a page of twenty, from the solutions of lesson01 and lesson05 and
from lesson01's variant in bare Starlette, which has the same routes and is the floor. Rounds alternate; medians are
compared.
What is aimed at: lesson01 takes no more than 1/0.6 of the time of bare Starlette for one read of each kind. For one
product alone that cannot be had: FastAPI with a single route, a checked id and a model to answer with serves 0.54.
"""

import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from taller.catalog import Course
from taller.grading import Client
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

ROUNDS = 3
SECONDS = 4
CONNECTIONS = 16
AIM = 0.6
FLOOR = "bare Starlette"
PATHS = {"one product": "/api/products/1", "a page of 20": "/api/products?limit=20"}


@contextmanager
def serving(course: Course, name: str, folder: Path) -> Iterator[str]:
    """A program that keeps a lesson's promises, with thirty products in it; its address."""
    lesson = course.lesson(name)
    place = Submission.locate(course, lesson, folder)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=limits) as system,
    ):
        client = Client(system.url("web"))
        for number in range(1, 31):
            draft = {"name": f"Product {number}", "price": number + 0.5}
            client.post("/api/products", json=draft).has_status(201)
        client.close()
        yield system.url("web")


def measure(url: str) -> tuple[float, float]:
    """Requests per second, and the 99th percentile of the latency in milliseconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise SystemExit(f"{url} answered with errors:\n{output}")
    rate, percentile = re.search(r"Requests/sec:\s+([\d.]+)", output), re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    if not rate or not percentile:
        raise SystemExit(f"wrk says what we do not understand:\n{output}")
    return float(rate[1]), float(percentile[1]) * {"us": 0.001, "ms": 1, "s": 1000}[percentile[2]]


def main() -> None:
    """Print the medians, and the ratios to the floor."""
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    course = Course.find()
    programs = {
        FLOOR: ("lesson01_rest_crud", course.tests / "variants" / "lesson01_rest_crud" / "starlette"),
        "lesson01": ("lesson01_rest_crud", course.solutions),
        "lesson05": ("lesson05_postgresql", course.solutions),
    }
    with ExitStack() as opened:
        servers = {name: opened.enter_context(serving(course, *program)) for name, program in programs.items()}
        seconds = dict.fromkeys(servers, 0.0)
        for what, path in PATHS.items():
            rounds = [{name: measure(url + path) for name, url in servers.items()} for _ in range(ROUNDS)]
            floor = statistics.median(each[FLOOR][0] for each in rounds)
            print(f"{what}, {CONNECTIONS} connections")
            for name in servers:
                rate = statistics.median(each[name][0] for each in rounds)
                seconds[name] += 1 / rate
                p99 = statistics.median(each[name][1] for each in rounds)
                print(f"  {name:14} {rate:7.0f} requests/s  p99 {p99:6.1f} ms  {rate / floor:.2f} of the floor")
    ratio = seconds[FLOOR] / seconds["lesson01"]
    print(f"one of each: lesson01 serves {ratio:.2f} of the floor; aimed at: at least {AIM}")


if __name__ == "__main__":
    main()
