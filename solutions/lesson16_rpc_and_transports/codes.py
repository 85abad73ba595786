"""How a call can end, by one name on every transport."""

from enum import IntEnum


class Code(IntEnum):
    """A code of gRPC (https://grpc.io/docs/guides/status-codes), with the status that says the same in HTTP.

    NATS gets the number of HTTP as well.
    """

    OK = 200
    INVALID_ARGUMENT = 400
    UNAUTHENTICATED = 401
    PERMISSION_DENIED = 403
    NOT_FOUND = 404
    RESOURCE_EXHAUSTED = 413
    CANCELLED = 499
    INTERNAL = 500
    UNIMPLEMENTED = 501
    UNAVAILABLE = 503
    DEADLINE_EXCEEDED = 504


class RpcError(Exception):
    """A call that ended in another way than with its answer; ``detail`` is for people, in ASCII and on one line."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def status_of(code: Code) -> int:
    """The status in HTTP, and the code in NATS, that tells this one."""
    # starter: return 500
    # --8<-- [start:codes]
    return code.value
    # --8<-- [end:codes]


def code_of(status: int) -> Code:
    """What a status in HTTP, or a code in NATS, means here; also one that nobody of ours sends."""
    # starter: return Code.INTERNAL
    # --8<-- [start:codes]
    match status:
        case 429:
            return Code.RESOURCE_EXHAUSTED
        case 502:
            return Code.UNAVAILABLE
        case _ if status in set(Code):
            return Code(status)
        case _:
            return Code.INTERNAL
    # --8<-- [end:codes]
