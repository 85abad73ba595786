"""Uploads per second through lesson09, against boto3 alone: ``python benchmarks/uploads.py``.

Four clients upload pictures of 5 MB, and of 50 kB, to the solution of lesson09; four threads put the same bytes into
the same store with boto3 and nothing else, which is the floor. Rounds alternate; medians are compared.
What is aimed at: the whole way through the lesson (form, disk, judging, store) reaches at least 0.4 of the floor for
5 MB, where the bytes are what counts.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import boto3
import httpx
from botocore.config import Config

from taller.catalog import Course
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

CLIENTS = 4
AIM = 0.4
SIZES = {"5 MB": (5_000_000, 40), "50 kB": (50_000, 200)}
BEGIN, END = b"\x89PNG\r\n\x1a\n", b"\0\0\0\0IEND\xaeB`\x82"


def rate(put: Callable[[int], None], count: int) -> float:
    """How many a second are put by all clients together."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(put, range(count)))
    return count / (time.perf_counter() - started)


def main() -> None:
    """Print the medians, and the ratios to the floor."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    course = Course.find()
    lesson = course.lesson("lesson09")
    place = Submission.locate(course, lesson, course.solutions)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with allocated(lesson, private=False, announce=print) as services:
        variables = variables_of(services)
        store = boto3.client(
            "s3",
            endpoint_url=variables["S3_ENDPOINT_URL"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            region_name=variables["AWS_REGION"],
            config=Config(s3={"addressing_style": "path"}),
        )
        with System(place, variables, limits=limits) as system, httpx.Client(base_url=system.url("web")) as web:
            for what, (size, count) in SIZES.items():
                content = BEGIN + os.urandom(size - len(BEGIN) - len(END)) + END

                def through_the_lesson(_: int, content: bytes = content) -> None:
                    web.post("/api/upload", files={"file": ("lamp.png", content)}, timeout=60).raise_for_status()

                def by_boto3(number: int, content: bytes = content) -> None:
                    store.put_object(Bucket=variables["S3_BUCKET"], Key=f"floor/{number}", Body=content)

                measured = [(rate(by_boto3, count), rate(through_the_lesson, count)) for _ in range(rounds)]
                floor, ours = (statistics.median(each) for each in zip(*measured, strict=True))
                print(f"{what:6} boto3 alone {floor:6.1f}/s   lesson09 {ours:6.1f}/s   {ours / floor:.2f} of the floor")
    print(f"aimed at for 5 MB: at least {AIM}")


if __name__ == "__main__":
    main()
