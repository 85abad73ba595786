"""Lesson 6 with Starlette alone and pymongo's blocking client in threads."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import uvicorn
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from users import Gone, Users, stored
from validation import Refused, fields_of, number_of

PARAMETERS = ("limit", "offset", "q")
hashing = anyio.CapacityLimiter(2)


def problem(status: int, detail: str, field: str = "", headers: dict[str, str] | None = None) -> Response:
    """A problem of RFC 9457."""
    errors = [{"field": field, "message": detail}] if field else []
    body = {"type": "about:blank", "title": "No", "status": status, "detail": detail, "errors": errors}
    return JSONResponse(body, status, headers, "application/problem+json")


def known_parameters(request: Request) -> None:
    for name in request.query_params:
        if name not in PARAMETERS:
            raise Refused(422, name, "there is no such parameter")


async def call(request: Request, name: str, *arguments: Any) -> Any:
    """Have a thread do something with the users."""
    known_parameters(request)
    users = request.app.state.users
    return await run_in_threadpool(users.run, getattr(users, name), *arguments)


async def kept(fields: dict[str, str]) -> dict[str, Any]:
    return await anyio.to_thread.run_sync(partial(stored, fields), limiter=hashing)


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def create(request: Request) -> Response:
    fields = fields_of(await request.body(), required=("name", "email", "password"))
    user = await call(request, "add", await kept(fields))
    return JSONResponse(user, 201, {"Location": f"/api/users/{user['id']}"})


async def listed(request: Request) -> Response:
    params = request.query_params
    limit, offset = number_of(params, "limit", 1, 100, 20), number_of(params, "offset", 0, 2**63 - 1, 0)
    q = params.get("q")
    if q is not None and not 1 <= len(q) <= 200:
        raise Refused(422, "q")
    users, total = await call(request, "page", limit, offset, q)
    return JSONResponse(users, headers={"X-Total-Count": str(total)})


async def read(request: Request) -> Response:
    return JSONResponse(await call(request, "get", request.path_params["id"]))


async def change(request: Request) -> Response:
    known_parameters(request)
    fields = await kept(fields_of(await request.body()))
    return JSONResponse(await call(request, "change", request.path_params["id"], fields))


async def delete(request: Request) -> Response:
    await call(request, "delete", request.path_params["id"])
    return Response(status_code=204)


async def counted(request: Request) -> Response:
    return JSONResponse(await call(request, request.url.path.rpartition("/")[2].replace("-", "_")))


async def refused(request: Request, error: Any) -> Response:
    return problem(error.status, str(error), error.field)


async def gone(request: Request, error: Exception) -> Response:
    return problem(503, "the database is away", headers={"Retry-After": "2"})


async def no_route(request: Request, error: Any) -> Response:
    return problem(error.status_code, error.detail, headers=error.headers)


@asynccontextmanager
async def closing(app: Starlette) -> AsyncIterator[None]:
    yield
    app.state.users.close()


class Log:
    """Prints a line for each request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            print(request.method, request.url.path, request.headers.get("x-request-id"), flush=True)
        await self.app(scope, receive, send)


def app_over(url: str) -> Starlette:
    users = "/api/users"
    routes = [
        Route("/health", health),
        Route(users, create, methods=["POST"]),
        Route(users, listed),
        Route(f"{users}/stats/roles", counted),
        Route(f"{users}/stats/sign-ups", counted),
        Route(f"{users}/{{id}}", read),
        Route(f"{users}/{{id}}", change, methods=["PATCH"]),
        Route(f"{users}/{{id}}", delete, methods=["DELETE"]),
    ]
    handlers: Any = {Refused: refused, Gone: gone, 404: no_route, 405: no_route}
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=closing)
    app.state.users = Users(url)
    app.add_middleware(Log)
    return app


def main() -> None:
    url = os.environ.get("MONGODB_URL", "")
    try:
        is_right = url.startswith("mongodb://") and parse_uri(url)["database"]
    except (PyMongoError, ValueError):
        is_right = False
    if not is_right:
        print("MONGODB_URL: this is no URL of a MongoDB", file=sys.stderr)
        sys.exit(2)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.run(app_over(url), host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")


if __name__ == "__main__":
    main()
