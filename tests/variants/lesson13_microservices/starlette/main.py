"""The same promises, kept with Starlette alone."""

import os

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def health(request: Request) -> JSONResponse:
    """Tell that the process can serve."""
    return JSONResponse({"status": "ok"})


app = Starlette(routes=[Route("/health", health)])
uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning")
