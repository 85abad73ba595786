"""The programs of the image, against the servers that the environment names."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

STARTS_WITHIN_S = 20


@contextmanager
def running(module: str) -> Iterator[httpx.Client]:
    """A program on a free port, and a client of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", module], env={**os.environ, "PORT": str(port)})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        process.terminate()
        assert process.wait(15) == 0


def is_there(client: httpx.Client) -> bool:
    """Whether the program answers yet."""
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def start() -> Iterator[ExitStack]:
    """What is started in a test ends with it."""
    with ExitStack() as started:
        yield started


def wait_for(client: httpx.Client) -> None:
    """Wait until the program answers."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not is_there(client):
        assert time.monotonic() < deadline, "the program does not answer"
        time.sleep(0.05)


def test_a_product_is_kept_and_remembered(start: ExitStack) -> None:
    shop = start.enter_context(running("lesson08_redis_cache"))
    wait_for(shop)
    place = shop.post("/api/products", json={"name": "Lamp", "price": 19.5}).headers["Location"]
    first, second = shop.get(place), shop.get(place)
    assert first.json()["name"] == "Lamp"
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")


def test_a_task_is_taken(start: ExitStack) -> None:
    tasks = start.enter_context(running("lesson10_work_queues"))
    wait_for(tasks)
    answer = tasks.post("/api/tasks", json={"task": "receipt", "payload": {"text": "two lamps"}})
    assert answer.status_code == 202
