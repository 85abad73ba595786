"""What a cache hit is worth: ``python benchmarks/cache.py``.

wrk (https://github.com/wg/wrk) reads one product from the solution of lesson08, where it is a hit in Redis, and from
that of lesson05, which reads PostgreSQL each time. Each is measured with the database as it is, and with one that needs
50 ms more for a read, as if it had other things to do. Rounds alternate; medians are compared.
What is aimed at: beside the busy database, hits are answered at least twice as often as reads without a cache.
"""

import argparse
import shutil
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from throughput import measure

from taller.catalog import Course
from taller.grading import Client
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

ROUNDS = 3
AIM = 2
BUSY_MS = 50
SLOW_READS = """
    CREATE FUNCTION other_things_to_do() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
        PERFORM pg_sleep({seconds});
        RETURN true;
    END $$;
    ALTER TABLE products RENAME TO products_kept;
    CREATE VIEW products AS SELECT * FROM products_kept WHERE other_things_to_do();
"""


@contextmanager
def one_product(course: Course, name: str, read_ms: int) -> Iterator[str]:
    """A lesson's solution, and a product in it that was read already; its address. A read needs ``read_ms`` more."""
    lesson = course.lesson(name)
    place = Submission.locate(course, lesson, course.solutions)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    # Of the many requests a second, none shall be refused.
    unlimited = {"RATE_LIMIT": "1000000", "RATE_WINDOW_S": "1"}
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services) | unlimited, limits=limits) as system,
    ):
        web = Client(system.url("web"))
        where = web.post("/api/products", json={"name": "Lamp", "price": 19.99}).has_status(201).header("Location")
        if read_ms:
            with psycopg.connect(services["postgresql"].url, autocommit=True) as connection:
                connection.execute(SLOW_READS.format(seconds=read_ms / 1000))
        web.get(where).has_status(200)
        web.close()
        yield f"{system.url('web')}{where}"


def main() -> None:
    """Print the medians, and how much more often a hit is answered than a read."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    course = Course.find()
    for read_ms in (0, BUSY_MS):
        with ExitStack() as opened:
            uncached = opened.enter_context(one_product(course, "lesson05_postgresql", read_ms))
            hit = opened.enter_context(one_product(course, "lesson08_redis_cache", read_ms))
            rounds = [(measure(uncached), measure(hit)) for _ in range(ROUNDS)]
        print(f"a read of the database takes {read_ms} ms more")
        rates = [statistics.median(each[which][0] for each in rounds) for which in (0, 1)]
        for label, which in (("uncached", 0), ("hit", 1)):
            p99 = statistics.median(each[which][1] for each in rounds)
            print(f"  {label:10} {rates[which]:7.0f} requests/s  p99 {p99:6.1f} ms")
        print(f"  a hit is answered {rates[1] / rates[0]:.2f} times as often")
    print(f"aimed at for {BUSY_MS} ms: at least {AIM} times")


if __name__ == "__main__":
    main()
