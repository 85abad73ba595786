"""How long a message takes to reach everybody in a room: ``python benchmarks/fanout.py``.

A hundred clients listen to one topic of lesson12's solution, fifty on each of its two processes, and one speaks. The
latency of a delivery is the time from just before the message is sent until a client has it. Beside it stands a bare
floor: the same frames over the same number of WebSockets, from one process that does nothing else.
What is claimed: the 99th percentile is at most ten times that of the floor. In absolute terms, on two cores that had
other work too: p50 12 ms, p99 78 ms; the floor had 11 ms and 28 ms.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import jwt
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from taller.catalog import Course
from taller.grading.bench import allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

MESSAGES = 60
PAUSE_S = 0.1
TOPIC = "bench"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"


def token(secret: str, user: str) -> str:
    """An access token as lesson07 issues it."""
    now = int(time.time())
    claims = {"iss": "taller", "aud": "shop", "sub": user, "role": "customer", "jti": user}
    return jwt.encode({**claims, "iat": now, "exp": now + 600}, secret, "HS256", {"typ": "at+jwt"})


async def until(client: ClientConnection, beginning: str) -> str:
    """The next frame that begins so; pings are answered."""
    while True:
        frame = str(await client.recv())
        if frame == "2":
            await client.send("3")
        elif frame.startswith(beginning):
            return frame


@asynccontextmanager
async def member(url: str, token: str) -> AsyncIterator[ClientConnection]:
    """A connection that has joined."""
    async with connect(
        url.replace("http", "ws", 1) + WEBSOCKET, compression=None, proxy=None, max_queue=None
    ) as client:
        await client.send(f"40{json.dumps({'token': token})}")
        await until(client, "40")
        await client.send(f"421{json.dumps(['join', {'topic': TOPIC}])}")
        await until(client, "431")
        yield client


async def hear(client: ClientConnection, beginning: str) -> list[float]:
    """When each message came in, by this process's clock."""
    moments = []
    for _ in range(MESSAGES):
        await until(client, beginning)
        moments.append(time.perf_counter())
    return moments


async def latencies(clients: Sequence[ClientConnection], frame: str, beginning: str) -> list[float]:
    """Have the first client send the frame again and again; the seconds until each client had it."""
    listening = [asyncio.create_task(hear(client, beginning)) for client in clients]
    sent = []
    for _ in range(MESSAGES):
        sent.append(time.perf_counter())
        await clients[0].send(frame)
        await asyncio.sleep(PAUSE_S)
    heard = await asyncio.gather(*listening)
    return [moment - sent[number] for moments in heard for number, moment in enumerate(moments)]


async def of_lesson12(urls: Sequence[str], secret: str, count: int) -> list[float]:
    """The latencies of so many clients, spread over the processes."""
    async with AsyncExitStack() as opened:
        clients = [
            await opened.enter_async_context(member(urls[number % len(urls)], token(secret, str(number))))
            for number in range(count)
        ]
        frame = f"42{json.dumps(['chatMessage', {'topic': TOPIC, 'text': 'hello'}])}"
        return await latencies(clients, frame, '42["chatMessage"')


async def of_the_floor(count: int) -> list[float]:
    """The same without a chat: a server that sends each frame to everybody."""
    everybody: set[ServerConnection] = set()

    async def relay(connection: ServerConnection) -> None:
        everybody.add(connection)
        async for frame in connection:
            for other in everybody:
                await other.send(frame)

    async with serve(relay, "127.0.0.1", 0, compression=None) as server, AsyncExitStack() as opened:
        port = server.sockets[0].getsockname()[1]
        clients = [
            await opened.enter_async_context(
                connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None, max_queue=None)
            )
            for _ in range(count)
        ]
        return await latencies(clients, "42hello", "42hello")


def show(name: str, seconds: Sequence[float]) -> float:
    """Print the percentiles, and return the 99th in milliseconds."""
    percentiles = statistics.quantiles(seconds, n=100)
    print(f"{name:10} p50 {1000 * percentiles[49]:6.1f} ms  p99 {1000 * percentiles[98]:6.1f} ms")
    return 1000 * percentiles[98]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--clients", type=int, default=100)
    count = parser.parse_args().clients
    course = Course.find()
    lesson = course.lesson("lesson12")
    secret = lesson.environment["JWT_SECRET"]
    place = Submission.locate(course, lesson, course.solutions)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=Limits(wall_seconds=600, cpu_seconds=600)) as system,
    ):
        urls = [process.url for process in system.processes("web")]
        print(f"{MESSAGES} messages to {count} clients on {len(urls)} processes")
        ours = show("lesson12", asyncio.run(of_lesson12(urls, secret, count)))
    floor = show("floor", asyncio.run(of_the_floor(count)))
    print(f"p99 is {ours / floor:.1f} times that of the floor")


if __name__ == "__main__":
    main()
