"""Answers that a client need not read twice (RFC 9110, sections 8.8.3 and 13.1.2)."""

import re
from hashlib import sha256

from fastapi import Request, Response

NOT_IN_A_304 = {"content-length", "content-type"}


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether the header If-None-Match names this ETag; weak or strong makes no difference to it."""
    # --8<-- [start:etag]
    return if_none_match.strip() == "*" or etag in re.findall(r'"[^"]*"', if_none_match)
    # --8<-- [end:etag]


def conditional(request: Request, answer: Response) -> Response:
    """The answer with its ETag; or 304 and no body, when the client says that it has this one."""
    # starter: return answer
    # --8<-- [start:etag]
    etag = f'"{sha256(bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers["ETag"] = etag
    if not has_it(", ".join(request.headers.getlist("if-none-match")), etag):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in NOT_IN_A_304}
    return Response(status_code=304, headers=kept)
    # --8<-- [end:etag]
