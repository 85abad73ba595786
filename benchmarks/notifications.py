"""How soon a user hears that an order is on its way: ``python benchmarks/notifications.py``.

100 clients are connected by Socket.IO to lesson21's gateway, and so to both replicas of orders. For one of them after
the other, a `pedido_enviado` is published to the broker, every so many milliseconds; measured is the time from there
until the client has its `pedidoActualizado`: the broker, the transaction that notes it, Redis to the right replica, and
the gateway. Then all are published at once.
What is aimed at: everybody hears of their own order, once, and of no other; half of them within 50 ms, where
nothing else runs.
"""

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aio_pika
import psycopg
import tokens
from websockets.asyncio.client import ClientConnection, connect

from taller.catalog import Course, Lesson
from taller.grading.bench import Service, allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

CLIENTS = 100
EVERY_S = 0.05
WITHIN_S = 60
EXCHANGE = "shop.events"
PLACE = "INSERT INTO orders (user_id, total) SELECT id, 12.5 FROM unnest(%s::text[]) AS id RETURNING id, user_id"


@dataclass
class Client:
    """A user with a connection; ``heard`` are the orders that they were told of, each with the time."""

    user_id: str
    socket: ClientConnection
    heard: list[tuple[str, float]] = field(default_factory=list)

    @classmethod
    async def connected(cls, lesson: Lesson, url: str, user_id: str) -> "Client":
        """Speak just enough of Engine.IO 4 and Socket.IO 5 to be let in."""
        socket = await connect(f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket", proxy=None)
        await socket.recv()
        await socket.send("40" + json.dumps({"token": tokens.of_user(lesson, user_id), "since": 0}))
        answer = str(await socket.recv())
        assert answer.startswith("40"), answer
        return cls(user_id, socket)

    async def listen(self) -> None:
        """Note what comes, until the connection is closed."""
        async for message in self.socket:
            if message == "2":
                await self.socket.send("3")
            elif str(message).startswith("42"):
                _, event = json.loads(message[2:])
                self.heard.append((event["id"], time.perf_counter()))

    async def hears_of(self, order: str) -> float:
        """When this order was spoken of."""
        async with asyncio.timeout(WITHIN_S):
            while not (found := [moment for each, moment in self.heard if each == order]):
                await asyncio.sleep(0.005)
        return found[0]


def event(order: str, user_id: str) -> aio_pika.Message:
    """What shipping tells, as a CloudEvent in JSON."""
    event_id, data = str(uuid4()), {"orderId": order, "userId": user_id}
    body: dict[str, Any] = {"specversion": "1.0", "id": event_id, "type": "pedido_enviado", "source": "benchmark"}
    body |= {"subject": order, "time": datetime.now(UTC).isoformat(), "correlationid": event_id, "data": data}
    mode = aio_pika.DeliveryMode.PERSISTENT
    return aio_pika.Message(json.dumps(body).encode(), content_type="application/cloudevents+json", delivery_mode=mode)


async def measure(clients: list[Client], orders: dict[str, str], broker: str, every_s: float) -> list[float]:
    """Publish for each client in turn; the milliseconds until they heard of it."""
    async with await aio_pika.connect(broker) as connection:
        exchange = await (await connection.channel()).get_exchange(EXCHANGE, ensure=False)
        began = {}
        for client in clients:
            order = orders[client.user_id]
            began[order] = time.perf_counter()
            await exchange.publish(event(order, client.user_id), "pedido_enviado")
            await asyncio.sleep(every_s)
        ends = [await client.hears_of(orders[client.user_id]) for client in clients]
    return [(end - begin) * 1000 for begin, end in zip(began.values(), ends, strict=True)]


def place(database: str, clients: list[Client]) -> dict[str, str]:
    """A new order of each client's, by user."""
    with psycopg.connect(database, autocommit=True) as connection:
        rows = connection.execute(PLACE, [[client.user_id for client in clients]]).fetchall()
    return {user_id: str(order) for order, user_id in rows}


async def run(lesson: Lesson, system: System, services: dict[str, Service]) -> None:
    """Connect everybody, and measure both ways."""
    users = [uuid4().hex[:24] for _ in range(CLIENTS)]
    clients = [await Client.connected(lesson, system.url("gateway"), user_id) for user_id in users]
    listening = [asyncio.create_task(client.listen()) for client in clients]
    told: dict[str, list[str]] = {user_id: [] for user_id in users}
    for name, every_s in ((f"one every {EVERY_S * 1000:.0f} ms", EVERY_S), ("all at once", 0.0)):
        orders = place(services["postgresql"].url, clients)
        times = await measure(clients, orders, services["rabbitmq"].url, every_s)
        for user_id, order in orders.items():
            told[user_id].append(order)
        percentiles = statistics.quantiles(times, n=100)
        print(f"{name}, {CLIENTS} clients: p50 {percentiles[49]:.1f} ms, p99 {percentiles[98]:.1f} ms")
    for client in clients:
        assert [order for order, _ in client.heard] == told[client.user_id], f"{client.user_id}: {client.heard}"
        await client.socket.close()
    await asyncio.gather(*listening)
    print("everybody has heard of their own orders, once each, and of nobody else's")


def main() -> None:
    """Run the system with its clients."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    course = Course.find()
    lesson = course.lesson("lesson21")
    place = Submission.locate(course, lesson, course.solutions)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=limits) as system,
    ):
        asyncio.run(run(lesson, system, services))


if __name__ == "__main__":
    main()
