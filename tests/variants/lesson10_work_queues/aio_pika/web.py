"""The process web: Starlette, aio-pika and SQLite on one event loop."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from aio_pika.abc import AbstractIncomingMessage
from broker import AWAY, EVENTS, TASKS, connect, open_channel, publish
from pydantic import AmqpDsn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from store import Store
from validation import Invalid, draft_of

from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

LARGEST_BODY = 1_000_000


class WebSettings(Settings):
    """What this process has to be told."""

    amqp_url: AmqpDsn


@asynccontextmanager
async def connected(app: Starlette) -> AsyncIterator[None]:
    """Follow the events for as long as the app runs."""
    connection = await connect(str(settings.amqp_url))
    async with connection:
        app.state.channel = await open_channel(connection)
        events = await app.state.channel.get_queue(EVENTS)
        await events.consume(note)
        yield


async def note(message: AbstractIncomingMessage) -> None:
    """Keep what a worker tells, and only then acknowledge it."""
    store.add(json.loads(message.body))
    await message.ack()


async def health(request: Request) -> Response:
    """Tell that the process can serve."""
    return JSONResponse({"status": "ok"})


async def create_task(request: Request) -> Response:
    """Take a task."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            return JSONResponse({"detail": "the body is over 1 MB"}, 413)
    try:
        draft = draft_of(content)
    except Invalid as problem:
        return JSONResponse({"detail": str(problem)}, 400)
    task = {"id": str(uuid4()), "createdAt": datetime.now(UTC).isoformat(), **draft}
    store.add({"id": task["id"], "task": draft["task"], "state": "queued", "at": task["createdAt"]})
    try:
        await publish(request.app.state.channel, TASKS, json.dumps(task).encode())
    except AWAY:
        store.forget(task["id"])
        return JSONResponse({"detail": "the broker did not take the task"}, 503, {"Retry-After": "1"})
    location = f"/api/tasks/{task['id']}"
    return JSONResponse({"id": task["id"], "state": "queued"}, 202, {"Location": location})


async def read_task(request: Request) -> Response:
    """What has become of a task."""
    try:
        task_id = str(UUID(request.path_params["id"]))
    except ValueError:
        return JSONResponse({"detail": "an id is a UUID"}, 400)
    task = store.task(task_id)
    return JSONResponse(task) if task else JSONResponse({"detail": "there is no task of that id"}, 404)


async def read_card(request: Request) -> Response:
    """How many points a customer has."""
    customer = request.path_params["customer"]
    return JSONResponse({"customer": customer, "points": store.points(customer)})


settings = WebSettings.from_environment()
store = Store(Path.home() / "tasks.db")
routes = [
    Route("/health", health),
    Route("/api/tasks", create_task, methods=["POST"]),
    Route("/api/tasks/{id}", read_task),
    Route("/api/customers/{customer}/points", read_card),
]
serve(Starlette(routes=routes, lifespan=connected), settings)
