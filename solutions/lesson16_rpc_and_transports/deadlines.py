"""How long a call may take: told to the other side as what is left, because two clocks never agree."""

import asyncio
import math
import re
import time
from collections.abc import Mapping

from lesson16_rpc_and_transports.calls import LONGEST_S, Call, Handler
from lesson16_rpc_and_transports.codes import Code, RpcError

HEADER = "x-timeout-ms"
WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)


def deadline_in(timeout_s: float) -> float:
    """The moment that lies so many seconds ahead."""
    return time.monotonic() + timeout_s


def deadline_of(metadata: Mapping[str, str], default_s: float = LONGEST_S) -> float:
    """When a call has to be done whose headers came just now; INVALID_ARGUMENT for a header that says nonsense."""
    # starter: return deadline_in(default_s)
    # --8<-- [start:deadlines]
    given = metadata.get(HEADER)
    if given is None:
        return deadline_in(default_s)
    if not WHOLE_NUMBER.fullmatch(given):
        raise RpcError(Code.INVALID_ARGUMENT, "X-Timeout-Ms: a whole number from 1 to 99999")
    return deadline_in(int(given) / 1000)
    # --8<-- [end:deadlines]


def headers_of(call: Call) -> dict[str, str]:
    """What goes along with a call where the transport itself knows no deadline."""
    # starter: return dict(call.metadata)
    # --8<-- [start:deadlines]
    return {**call.metadata, HEADER: str(max(1, math.ceil(call.remaining_s * 1000)))}
    # --8<-- [end:deadlines]


def keep_deadline(handler: Handler) -> Handler:
    """A wrapper for both sides: break off what is not done in time."""

    async def bounded(call: Call) -> bytes:
        # starter: return await handler(call)
        # --8<-- [start:deadlines]
        try:
            async with asyncio.timeout(call.remaining_s):
                return await handler(call)
        except TimeoutError as error:
            raise RpcError(Code.DEADLINE_EXCEEDED, "it was not done in time") from error
        # --8<-- [end:deadlines]

    return bounded
