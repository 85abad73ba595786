"""The id by which all that belongs to one request can be found again."""

import re
from uuid import uuid4

from starlette.datastructures import Headers

VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(headers: Headers) -> str:
    """The client's X-Request-ID if it sent a valid one, once; else a new one."""
    # starter: return ""
    # --8<-- [start:request-id]
    match headers.getlist("x-request-id"):
        case [given] if VALID.fullmatch(given):
            return given
        case _:
            return str(uuid4())
    # --8<-- [end:request-id]
