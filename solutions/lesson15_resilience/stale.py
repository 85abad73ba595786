"""The last good answers, for when there are no new ones (RFC 9111)."""

import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic

import httpx
from starlette.datastructures import Headers
from starlette.responses import Response

from lesson13_microservices.headers import Headers as RawHeaders
from lesson13_microservices.headers import response_headers
from lesson15_resilience.calls import Call

LARGEST_ANSWER = 100_000
# Whoever says one of these does not want an answer kept, or not given out later without being asked
# (RFC 9111, section 4.2.4).
NOT_TO_KEEP = {"no-store", "private", "no-cache", "must-revalidate", "proxy-revalidate", "s-maxage"}
PERSONAL = ("authorization", "cookie")


def directives(headers: Headers | httpx.Headers) -> set[str]:
    """The names of a message's Cache-Control directives (RFC 9111, section 5.2)."""
    parts = re.split(r"\s*,\s*", headers.get("cache-control", "").lower())
    return {part.partition("=")[0].strip() for part in parts}


def is_for_everybody(call: Call) -> bool:
    """Whether the answer to a call may be given to somebody else."""
    # --8<-- [start:stale]
    if call.method != "GET" or any(name in call.headers for name in PERSONAL):
        return False
    return not directives(call.headers) & NOT_TO_KEEP
    # --8<-- [end:stale]


def may_be_kept(response: httpx.Response) -> bool:
    """Whether an answer is good, and nothing in it says that it is for one alone or for now alone."""
    # --8<-- [start:stale]
    if response.status_code != httpx.codes.OK or any(name in response.headers for name in ("set-cookie", "x-stale")):
        return False
    return not directives(response.headers) & NOT_TO_KEEP
    # --8<-- [end:stale]


def varying(call: Call, response: httpx.Response) -> dict[str, list[str]] | None:
    """What the call says in the headers that the answer depends on (RFC 9111, section 4.1); None if on anything."""
    names = re.split(r"\s*,\s*", response.headers.get("vary", "").lower().strip())
    return None if "*" in names else {name: call.headers.getlist(name) for name in names if name}


@dataclass(frozen=True)
class Kept:
    """An answer, and since when it is kept."""

    headers: RawHeaders
    body: bytes
    varying: dict[str, list[str]]
    since: float

    @property
    def age_s(self) -> float:
        """How long ago the upstream said it."""
        return monotonic() - self.since

    def is_for(self, call: Call) -> bool:
        """Whether the upstream would have said the same to this call."""
        return all(call.headers.getlist(name) == values for name, values in self.varying.items())

    def response(self) -> Response:
        """The answer, marked as old: its Age is in seconds (RFC 9111, section 5.1)."""
        response = Response(self.body)
        kept = [(name, value) for name, value in self.headers if name not in (b"age", b"content-length")]
        marks = [(b"age", str(int(self.age_s)).encode()), (b"x-stale", b"true")]
        response.raw_headers = [*kept, (b"content-length", str(len(self.body)).encode()), *marks]
        return response


class LastGood:
    """The last good answer to each of the last ``most`` GETs, for ``for_s`` seconds."""

    def __init__(self, most: int, for_s: float) -> None:
        self._most = most
        self._for_s = for_s
        self._kept: OrderedDict[tuple[str, bytes], Kept] = OrderedDict()

    async def noted(self, service: str, call: Call, response: httpx.Response) -> AsyncIterator[bytes]:
        """The pieces of an answer's body as they come; what is whole and may be kept, is."""
        body = bytearray()
        async for piece in response.aiter_raw():
            if len(body) <= LARGEST_ANSWER:
                body += piece
            yield piece
        self._keep(service, call, response, bytes(body))

    def answer(self, service: str, call: Call) -> Response | None:
        """The last good answer to the same question, if there is one to give."""
        # starter: return None
        # --8<-- [start:stale]
        kept = self._kept.get((service, call.target))
        if kept is None or kept.age_s > self._for_s or not is_for_everybody(call) or not kept.is_for(call):
            return None
        return kept.response()
        # --8<-- [end:stale]

    def _keep(self, service: str, call: Call, response: httpx.Response, body: bytes) -> None:
        # starter: return
        # --8<-- [start:stale]
        depends_on = varying(call, response)
        if depends_on is None or len(body) > LARGEST_ANSWER:
            return
        if is_for_everybody(call) and may_be_kept(response):
            self._kept[service, call.target] = Kept(
                response_headers(response.headers.raw), body, depends_on, monotonic()
            )
            self._kept.move_to_end((service, call.target))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        # --8<-- [end:stale]
