"""Two questions that are not the same: are you alive, and can you work?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from lesson03_middleware_logging.problems import problem

log = structlog.get_logger("probes")

CHECKED_WITHIN_S = 1.0

Check = Callable[[], Awaitable[None]]


async def failing(checks: Mapping[str, Check]) -> list[str]:
    """The names of the checks that fail or take too long; all are made at once."""
    # TODO probes: Alive is not ready
    return []


def probes(checks: Mapping[str, Check]) -> APIRouter:
    """The routes ``/health/live`` and ``/health/ready``; a check raises when what it looks at cannot be used."""
    router = APIRouter()

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """Tell that the process runs. Whoever asks would restart it otherwise, and that mends no database."""
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        """Tell whether requests can be served now. Whoever asks sends them elsewhere otherwise."""
        failed = await failing(checks)
        # TODO probes: Alive is not ready
        return JSONResponse({"status": "ok"})

    return router
