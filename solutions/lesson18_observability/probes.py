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
    # starter: return []
    # --8<-- [start:probes]
    making = {name: asyncio.ensure_future(check()) for name, check in checks.items()}
    if making:
        # Not cancelled when late: each has bounds of its own, and cancelling may itself have to wait for the server.
        await asyncio.wait(making.values(), timeout=CHECKED_WITHIN_S)
    failed = [name for name, made in making.items() if not made.done() or made.exception()]
    for name in failed:
        log.warning("not ready", check=name)
    return failed
    # --8<-- [end:probes]


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
        # starter: return JSONResponse({"status": "ok"})
        # --8<-- [start:probes]
        if failed:
            return problem(503, f"these cannot be used now: {', '.join(failed)}")
        return JSONResponse({"status": "ok"})
        # --8<-- [end:probes]

    return router
