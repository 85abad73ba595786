"""What the workers do: they tell who they are, and work for as long as they are told."""

import asyncio
import os
import time
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel

from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson19_processes_and_scaling.configuration import Configuration

LONGEST_MS = 5000

Milliseconds = Annotated[int, Query(ge=0, le=LONGEST_MS)]


class Worker(BaseModel):
    """Which worker has answered, and what it was told to say."""

    name: str
    pid: int
    greeting: str


def compute(seconds: float) -> None:
    """Keep a core busy for so long; to wait for a core does not count."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(1000))


def create_worker(name: str, configuration: Configuration) -> FastAPI:
    """The app of the worker of that name."""
    me = Worker(name=name, pid=os.getpid(), greeting=configuration.greeting)
    app = FastAPIOffline(title="Workers", version="1.0.0", redoc_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Tell that a worker can serve."""
        return {"status": "ok"}

    @app.get("/api/whoami")
    async def whoami() -> Worker:
        """Tell which worker has answered."""
        return me

    @app.get("/api/work")
    @app.post("/api/work")
    async def work(kind: Literal["io", "cpu"] = "io", ms: Milliseconds = 0) -> Worker:
        """Wait for so many milliseconds, or compute for as long."""
        if kind == "io":
            await asyncio.sleep(ms / 1000)
        else:
            await asyncio.to_thread(compute, ms / 1000)
        return me

    add_middleware_and_logging(app)
    return app
