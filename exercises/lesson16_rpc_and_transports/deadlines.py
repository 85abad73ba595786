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
    # TODO deadlines: Stop when nobody waits any more
    return deadline_in(default_s)


def headers_of(call: Call) -> dict[str, str]:
    """What goes along with a call where the transport itself knows no deadline."""
    # TODO deadlines: Stop when nobody waits any more
    return dict(call.metadata)


def keep_deadline(handler: Handler) -> Handler:
    """A wrapper for both sides: break off what is not done in time."""

    async def bounded(call: Call) -> bytes:
        # TODO deadlines: Stop when nobody waits any more
        return await handler(call)

    return bounded
