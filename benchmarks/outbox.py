"""How long an event takes from the commit to a consumer: ``python benchmarks/outbox.py``.

Orders are placed with lesson17's solution, one after the other. A consumer of our own hears each event at the exchange;
its latency is the time from when the order's answer came, which is just after the commit, until then. Beside it stands
a relay that is not woken by the commit but looks again every so often: half of that is what it would cost on average.
What is claimed: half of the events are there within a tenth of ``LOOK_AGAIN_S``, the second after which the relay looks
without being woken.
"""

import argparse
import statistics
import threading
import time
from uuid import uuid4

import pika

from lesson17_events_and_sagas.relay import LOOK_AGAIN_S
from taller.catalog import Course
from taller.grading import Client, eventually
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

PAUSE_S = 0.02
EXCHANGE = "shop.events"


class Ear:
    """Notes when each event of a new order was heard, by this process's clock."""

    def __init__(self, url: str) -> None:
        self.heard: dict[str, float] = {}
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self._channel = self._connection.channel()
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True)
        self._queue = str(self._channel.queue_declare("", exclusive=True).method.queue)
        self._channel.queue_bind(self._queue, EXCHANGE, "pedido_creado")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for _, properties, _ in self._channel.consume(self._queue, auto_ack=True):
            if properties is not None:
                self.heard[str(properties.correlation_id)] = time.perf_counter()


def latencies(web: Client, ear: Ear, count: int) -> list[float]:
    """Place so many orders; the seconds until each was heard of."""
    web.put("/api/products/tea", json={"price": 1, "stock": 1_000_000}).has_status(200)
    order = {"userId": "ana", "productId": "tea", "quantity": 1, "country": "ES"}
    answered = {}
    for _ in range(count):
        name = uuid4().hex
        web.put(f"/api/orders/{uuid4()}", json=order, headers={"X-Request-ID": name}).has_status(201)
        answered[name] = time.perf_counter()
        time.sleep(PAUSE_S)
    eventually(lambda: answered.keys() <= ear.heard.keys(), within=60)
    return [max(ear.heard[name] - moment, 0) for name, moment in answered.items()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--orders", type=int, default=500)
    count = parser.parse_args().orders
    course = Course.find()
    lesson = course.lesson("lesson17")
    place = Submission.locate(course, lesson, course.solutions)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=Limits(wall_seconds=600, cpu_seconds=600)) as system,
    ):
        web = Client(system.url("web"))
        percentiles = statistics.quantiles(latencies(web, Ear(services["rabbitmq"].url), count), n=100)
        web.close()
    half, most = percentiles[49], percentiles[98]
    print(f"{count} orders: from the commit to a consumer p50 {1000 * half:.1f} ms, p99 {1000 * most:.1f} ms")
    print(f"p50 is {100 * half / LOOK_AGAIN_S:.1f} % of the {LOOK_AGAIN_S:g} s after which the relay looks by itself")


if __name__ == "__main__":
    main()
