"""What lesson13's gateway costs a request: ``python benchmarks/gateway.py``.

wrk (https://github.com/wg/wrk) reads one product from lesson13's service of products, directly and through the gateway.
Rounds alternate; medians are compared.
What is aimed at: with one client at a time the median through the gateway is at most 3 times the direct one. With 16,
the processes share the cores, and at least 0.3 of the requests per second get through.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass

from taller.catalog import Course
from taller.grading import Client
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

ROUNDS = 3
SECONDS = 4
CONNECTIONS = (1, 16)
DIRECT, THROUGH = "direct", "through the gateway"


@dataclass(frozen=True)
class Figure:
    """What wrk found: requests per second, and the median latency in milliseconds."""

    rate: float
    median: float


def measure(url: str, connections: int) -> Figure:
    """Let wrk read a path for some seconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise SystemExit(f"{url} answered with errors:\n{output}")
    rate, median = re.search(r"Requests/sec:\s+([\d.]+)", output), re.search(r"50%\s+([\d.]+)(us|ms|s)", output)
    if not rate or not median:
        raise SystemExit(f"wrk says what we do not understand:\n{output}")
    return Figure(float(rate[1]), float(median[1]) * {"us": 0.001, "ms": 1, "s": 1000}[median[2]])


def main() -> None:
    """Print the medians of the rounds, and their ratios."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    course = Course.find()
    lesson = course.lesson("lesson13")
    place = Submission.locate(course, lesson, course.solutions)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=limits) as system,
    ):
        urls = {DIRECT: system.url("products"), THROUGH: system.url("web")}
        client = Client(urls[THROUGH])
        path = client.post("/api/products", json={"name": "Lamp", "price": 19.5}).has_status(201).header("Location")
        client.close()
        for connections in CONNECTIONS:
            rounds = [{name: measure(url + path, connections) for name, url in urls.items()} for _ in range(ROUNDS)]
            rate = {name: statistics.median(each[name].rate for each in rounds) for name in urls}
            median = {name: statistics.median(each[name].median for each in rounds) for name in urls}
            print(f"{connections} connections")
            for name in urls:
                print(f"  {name:20} {rate[name]:7.0f} requests/s  p50 {median[name]:6.2f} ms")
            kept, longer = rate[THROUGH] / rate[DIRECT], median[THROUGH] / median[DIRECT]
            print(f"  ratio: {kept:.2f} of the rate, {longer:.1f} times the p50")


if __name__ == "__main__":
    main()
