"""Start over, again and again, whatever goes wrong with a server."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0

log = structlog.get_logger("bus")


async def for_ever(use: Callable[[Callable[[], None]], Awaitable[None]], lost: tuple[type[Exception], ...]) -> NoReturn:
    """Call ``use``, and call it again when it raises one of ``lost``, after a pause that grows while it fails.

    ``use`` is given a function to call when it has succeeded: the next pause is a short one then. Part of each pause is
    chance, so that a hundred processes do not come back in the same moment.
    """
    pause = FIRST_PAUSE_S

    def succeeded() -> None:
        nonlocal pause
        pause = FIRST_PAUSE_S

    while True:
        try:
            await use(succeeded)
        except lost as error:
            log.warning("the broker is out of reach", reason=repr(error))
        await asyncio.sleep(random.uniform(pause / 2, pause))
        pause = min(2 * pause, LONGEST_PAUSE_S)
