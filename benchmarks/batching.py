"""What a loader is worth: ``python benchmarks/batching.py``.

lesson11's solution, and the same without its step batching, answer a query for 100 users with two posts each and the
posts' authors. Rounds alternate; medians are compared. What is claimed: batched takes at most half as long as naive.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psycopg

from taller.authoring.proofs import submission
from taller.authoring.starter import starter_of
from taller.catalog import Course, Lesson
from taller.grading import Client
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

USERS = 100
ROUNDS = 15
CLAIM = 0.5
QUERY = "{ users { name posts { title author { name } } } }"
FILL = """
WITH added AS (INSERT INTO users (name, email) SELECT 'Ana', 'ana@example.com' FROM generate_series(1, %s) RETURNING id)
INSERT INTO posts (title, author_id) SELECT 'Lamps', id FROM added, generate_series(1, 2)
"""


@contextmanager
def served(lesson: Lesson, place: Submission) -> Iterator[Client]:
    """A client of a running blog with a hundred users."""
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=limits) as system,
    ):
        with psycopg.connect(services["postgresql"].url, autocommit=True) as connection:
            connection.execute(FILL, [USERS])
        client = Client(system.url("web"))
        yield client
        client.close()


def milliseconds(client: Client) -> float:
    """How long the query takes."""
    begin = time.perf_counter()
    client.post("/graphql", json={"query": QUERY}, timeout=60).has_status(200)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Print the medians and their ratio."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    course = Course.find()
    lesson = course.lesson("lesson11")
    without = replace(lesson, steps=tuple(replace(step, given=step.id != "batching") for step in lesson.steps))
    with ExitStack() as opened:
        folder = opened.enter_context(submission(starter_of(course, without), lesson))
        batched = opened.enter_context(served(lesson, Submission.locate(course, lesson, course.solutions)))
        naive = opened.enter_context(served(lesson, Submission.locate(course, lesson, folder)))
        rounds = [(milliseconds(batched), milliseconds(naive)) for _ in range(ROUNDS)]
    quick, slow = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"{USERS} users, median of {ROUNDS}: batched {quick:.1f} ms, naive {slow:.1f} ms")
    print(f"batched takes {quick / slow:.2f} of naive (at most {CLAIM})")


if __name__ == "__main__":
    main()
