"""A stand-in for the services that fails as often as you tell it to, and counts the calls that reach it."""

import asyncio
from collections import Counter
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

Service = Literal["users", "products"]


class Behaviour(BaseModel):
    """How one of the services behaves: its next ``failures`` answers are 503, and each comes after ``delay_ms``."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    failures: int = Field(default=0, ge=0)
    delay_ms: int = Field(default=0, ge=0, le=60_000)


app = FastAPI()
behaviours: dict[Service, Behaviour] = {"users": Behaviour(), "products": Behaviour()}
calls: Counter[Service] = Counter({"users": 0, "products": 0})


@app.get("/health")
async def health() -> dict[str, str]:
    """Tell that it can serve, which says little."""
    return {"status": "ok"}


@app.get("/calls")
async def count() -> dict[Service, int]:
    """How many calls have reached each service."""
    return dict(calls)


@app.put("/behaviour/{service}")
async def behave(service: Service, behaviour: Behaviour) -> Behaviour:
    """Change how a service behaves from now on."""
    behaviours[service] = behaviour
    return behaviour


@app.api_route("/api/{service}", methods=["GET", "POST"])
async def serve_call(service: Service, request: Request) -> JSONResponse:
    """Answer as the service behaves, with the number of the call and what the gateway said about it."""
    calls[service] += 1
    behaviour = behaviours[service]
    await asyncio.sleep(behaviour.delay_ms / 1000)
    if behaviour.failures:
        behaviour.failures -= 1
        return JSONResponse({"error": "on purpose"}, 503)
    told = {name: request.headers.get(f"x-request-{name}") for name in ("attempt", "timeout-ms")}
    return JSONResponse({"call": calls[service], **told})


if __name__ == "__main__":
    serve(app, Settings.from_environment())
