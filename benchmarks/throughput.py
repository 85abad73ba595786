"""Requests per second and latency of the lessons' servers: ``python benchmarks/throughput.py``.

wrk (https://github.com/wg/wrk) reads one product, and a page of twenty, from the solutions of lesson01 and lesson05 and
from bare Starlette with the same routes, which is the floor. Rounds alternate; medians are compared.
What is aimed at: lesson01 serves at least 0.6 of what bare Starlette does.
"""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
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
PATHS = {"one product": "/api/products/1", "a page of 20": "/api/products?limit=20"}

BARE = """
import os
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

PRODUCTS = [{"id": n, "name": f"Product {n}", "price": n + 0.5} for n in range(1, 31)]

async def health(request):
    return JSONResponse({"status": "ok"})

async def one(request):
    return JSONResponse(PRODUCTS[int(request.path_params["id"]) - 1])

async def page(request):
    limit = int(request.query_params.get("limit", 20))
    return JSONResponse(PRODUCTS[:limit], headers={"X-Total-Count": str(len(PRODUCTS))})

app = Starlette(routes=[Route("/health", health), Route("/api/products/{id}", one), Route("/api/products", page)])
uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning")
"""


@contextmanager
def solution(course: Course, name: str) -> Iterator[str]:
    """A lesson's solution with thirty products in it; its address."""
    lesson = course.lesson(name)
    place = Submission.locate(course, lesson, course.solutions)
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


@contextmanager
def bare(course: Course) -> Iterator[str]:
    """Bare Starlette; its address."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "Procfile").write_text("web: python bare.py\n")
        Path(folder, "bare.py").write_text(BARE)
        place = Submission.locate(course, course.lesson("1"), Path(folder))
        with System(place, {}, limits=Limits(wall_seconds=3600, cpu_seconds=3600)) as system:
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
    with ExitStack() as opened:
        servers = {"bare Starlette": opened.enter_context(bare(course))}
        for name in ("lesson01_rest_crud", "lesson05_postgresql"):
            servers[name] = opened.enter_context(solution(course, name))
        for what, path in PATHS.items():
            rounds = [{name: measure(url + path) for name, url in servers.items()} for _ in range(ROUNDS)]
            floor = statistics.median(each["bare Starlette"][0] for each in rounds)
            print(f"{what}, {CONNECTIONS} connections")
            for name in servers:
                rate = statistics.median(each[name][0] for each in rounds)
                p99 = statistics.median(each[name][1] for each in rounds)
                print(f"  {name:20} {rate:7.0f} requests/s  p99 {p99:6.1f} ms  {rate / floor:.2f} of the floor")
    print(f"aimed at for lesson01: at least {AIM}")


if __name__ == "__main__":
    main()
