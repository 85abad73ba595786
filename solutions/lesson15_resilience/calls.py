"""A request as it can be sent to an upstream more than once."""

from dataclasses import dataclass

import httpx
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson13_microservices.headers import Headers as RawHeaders
from lesson13_microservices.headers import request_headers
from lesson13_microservices.proxy import target_of
from lesson15_resilience.deadlines import TIMEOUT_HEADER, Deadline

ATTEMPT_HEADER = "X-Request-Attempt"
# These are of this gateway's own making, anew for each attempt.
ANEW = {TIMEOUT_HEADER.lower().encode(), ATTEMPT_HEADER.lower().encode(), b"transfer-encoding"}


@dataclass(frozen=True)
class Call:
    """A request with its whole body, and until when its answer is of use.

    ``attempt_above`` is what a layer above says of its own attempts; None when nobody above repeats calls.
    """

    method: str
    target: bytes
    headers: Headers
    passed_on: RawHeaders
    body: bytes
    deadline: Deadline

    @property
    def attempt_above(self) -> str | None:
        """The number of the attempt that a caller is at who repeats calls itself."""
        return self.headers.get(ATTEMPT_HEADER)

    def to(self, base: str, added: RawHeaders) -> httpx.Request:
        """The request for the upstream at ``base``, with headers that are for this attempt alone."""
        return httpx.Request(
            self.method,
            base,
            headers=[*self.passed_on, *added],
            content=self.body,
            extensions={"target": self.target},
        )


async def body_of(request: Request) -> bytes:
    """All of a request's body; raises ``HTTPException`` 413 for a large one, ``ClientDisconnect`` for half of one."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, f"a body has at most {LARGEST_BODY:,} bytes")
    return bytes(body)


async def call_of(request: Request, deadline: Deadline) -> Call:
    """Read a request to its end; raises what ``body_of`` raises."""
    body = await body_of(request)
    passed_on = [(name, value) for name, value in request_headers(request) if name.lower() not in ANEW]
    # Lesson 13's gateway reads this itself. Here it is the services' affair, and they are sent what the client said.
    own = [(b"authorization", value.encode("latin-1")) for value in request.headers.getlist("authorization")]
    return Call(request.method, target_of(request), request.headers, [*passed_on, *own], body, deadline)
