"""What grading costs: ``python benchmarks/check.py``.

``taller check lesson01_rest_crud`` on the solution, beside a plain pytest run that sends the same requests, one test
for one test, to the same server started by hand. Rounds alternate; medians are compared.
What is claimed: at most 2 s. Of that a plain run has neither the start of a server (0.4 s) nor the promises about
starting and stopping, whose last test stops the server while it has a request in hand (0.5 s).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

from taller.catalog import Course
from taller.grading import Answer, Client, Grading, run
from taller.runner import Submission, System

LESSON = "lesson01_rest_crud"
ROUNDS = 7
CLAIM_S = 2.0

PLAIN = """
import json, os, pathlib
import httpx, pytest

TESTS = json.loads(pathlib.Path(__file__).with_name("requests.json").read_text())

@pytest.fixture(scope="module")
def client():
    with httpx.Client(base_url=os.environ["SERVER"], verify=False) as client:
        yield client

@pytest.mark.parametrize("requests", TESTS)
def test_plain(client, requests):
    for method, path, query, headers, content in requests:
        assert client.request(method, path, params=query, headers=headers, content=content).status_code
"""


def recorded(course: Course) -> list[list[list[Any]]]:
    """The requests of the suite, test by test."""
    tests: dict[str, list[list[Any]]] = {}
    original = Client.request

    def record(self: Client, method: str, path: str, **options: Any) -> Answer:
        if "json" in options:
            options["content"] = json.dumps(options.pop("json"), default=float)
            options["headers"] = {"Content-Type": "application/json"}
        content = options.get("content", b"")
        if not isinstance(content, str | bytes):
            content = b"".join(content)
            options["content"] = content
        text = content if isinstance(content, str) else content.decode("latin-1")
        entry = [method, path, options.get("params"), options.get("headers"), text]
        tests.setdefault(os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0], []).append(entry)
        return original(self, method, path, **options)

    with mock.patch.object(Client, "request", record):
        report = run(Grading(course, course.lesson(LESSON), course.solutions))
    assert report.earned == report.total, report
    return list(tests.values())


def seconds(command: list[str], **environment: str) -> float:
    """How long a command takes; it has to succeed."""
    began = time.perf_counter()
    subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Print both medians and their ratio."""
    course = Course.find()
    tests = recorded(course)
    place = Submission.locate(course, course.lesson(LESSON), course.solutions)
    taller = [str(Path(sys.prefix) / "bin" / "taller"), "check", LESSON, "--submission", "solutions"]
    with tempfile.TemporaryDirectory() as folder, System(place, {}) as system:
        plain = Path(folder) / "test_plain.py"
        plain.write_text(PLAIN)
        plain.with_name("requests.json").write_text(json.dumps(tests))
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(plain)]
        times = [(seconds(taller), seconds(pytest, SERVER=system.url("web"))) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{len(tests)} tests, {sum(map(len, tests))} requests, median of {ROUNDS}")
    print(f"taller check {ours:.2f} s (at most {CLAIM_S} s), plain pytest {theirs:.2f} s: ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
