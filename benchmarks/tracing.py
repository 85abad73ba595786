"""What tracing costs a request: ``python benchmarks/tracing.py``.

wrk (https://github.com/wg/wrk) reads one user from lesson06's service of users, as that lesson left it, and from the
same app in lesson18, which counts each request: with tracing off, and with 1 % and 100 % of the traces kept. The spans
go to lesson18's own collector. Rounds alternate; medians are compared.
What is aimed at: with 1 % kept, at least 0.5 of the requests per second of lesson06 get through; with 100 %, 0.35.
"""

import argparse
import shutil
import statistics
import sys
from contextlib import ExitStack

from gateway import measure

from taller.catalog import Course
from taller.grading import Client
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

ROUNDS = 3
CONNECTIONS = 16
PLAIN = "lesson 6"
KINDS = {
    "measured, not traced": {"OTEL_SDK_DISABLED": "true"},
    "1 % kept": {"OTEL_TRACES_SAMPLER_ARG": "0.01"},
    "100 % kept": {"OTEL_TRACES_SAMPLER_ARG": "1"},
}


def main() -> None:
    """Print the medians of the rounds, and their ratios to lesson06's."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    course = Course.find()
    lesson = course.lesson("lesson18")
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with ExitStack() as opened:
        variables = variables_of(opened.enter_context(allocated(lesson, private=False, announce=print)))

        def running(name: str) -> System:
            place = Submission.locate(course, course.lesson(name), course.solutions)
            # A line of the log for each request would cost more than its spans.
            return opened.enter_context(System(place, variables | {"LOG_LEVEL": "error"}, limits=limits))

        observed = running("lesson18")
        urls = {PLAIN: running("lesson06").url("web")}
        urls |= {kind: observed.start("users", told).url for kind, told in KINDS.items()}
        client = Client(urls[PLAIN])
        draft = {"name": "Ana", "email": "ana@example.org", "password": "correct horse"}
        path = client.post("/api/users", json=draft).has_status(201).header("Location")
        client.close()
        rounds = [{kind: measure(url + path, CONNECTIONS) for kind, url in urls.items()} for _ in range(ROUNDS)]
    rate = {kind: statistics.median(each[kind].rate for each in rounds) for kind in urls}
    for kind in urls:
        print(f"{kind:22} {rate[kind]:7.0f} requests/s  ratio {rate[kind] / rate[PLAIN]:.2f}")


if __name__ == "__main__":
    main()
