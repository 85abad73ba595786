"""What a client of ``web`` is told when the call behind its request has failed."""

from fastapi import Request
from fastapi.responses import JSONResponse

from lesson03_middleware_logging.problems import problem
from lesson16_rpc_and_transports.codes import Code, RpcError


async def call_failed(request: Request, error: Exception) -> JSONResponse:
    """Answer 400, 503 or 504; 502 where it is our business and not the client's, such as a token that is refused."""
    assert isinstance(error, RpcError)
    # starter: return problem(500, error.detail)
    # --8<-- [start:codes]
    match error.code:
        case Code.INVALID_ARGUMENT | Code.DEADLINE_EXCEEDED:
            return problem(error.code, error.detail)
        case Code.UNAVAILABLE:
            return problem(503, error.detail, headers={"Retry-After": "1"})
        case _:
            return problem(502, "the notification service refuses what we ask")
    # --8<-- [end:codes]
