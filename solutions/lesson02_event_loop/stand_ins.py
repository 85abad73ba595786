"""Stand-ins for suppliers, so that there is somebody to ask: north, east and south, in one process.

Each needs 0.3 s for an answer. But east takes five seconds for every second product, and south names no price for
every third.
"""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

THINKING_S = 0.3
DREAMING_S = 5


async def health(request: Request) -> JSONResponse:
    """Tell that the process can serve."""
    return JSONResponse({"status": "ok"})


async def north(request: Request) -> JSONResponse:
    """Reliable."""
    await asyncio.sleep(THINKING_S)
    return JSONResponse({"price": 10.5 + request.path_params["product"]})


async def east(request: Request) -> JSONResponse:
    """Cheap, and sometimes slow."""
    product = request.path_params["product"]
    await asyncio.sleep(DREAMING_S if product % 2 == 0 else THINKING_S)
    return JSONResponse({"price": 9.25 + product})


async def south(request: Request) -> JSONResponse:
    """Would sometimes rather talk."""
    await asyncio.sleep(THINKING_S)
    product = request.path_params["product"]
    return JSONResponse({"price": "call us" if product % 3 == 0 else 11 + product})


suppliers = [Route(f"/{supplier.__name__}/prices/{{product:int}}", supplier) for supplier in (north, east, south)]
serve(Starlette(routes=[Route("/health", health), *suppliers]), Settings.from_environment())
