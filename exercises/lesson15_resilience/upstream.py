"""One service behind the gateway, with all that keeps its troubles its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import httpx

from lesson13_microservices.errors import UpstreamUnreachable, told_apart
from lesson13_microservices.headers import response_headers
from lesson15_resilience.breaker import Breaker
from lesson15_resilience.budget import RetryBudget
from lesson15_resilience.bulkhead import Bulkhead
from lesson15_resilience.calls import ATTEMPT_HEADER, Call
from lesson15_resilience.deadlines import given_up_after, time_header
from lesson15_resilience.errors import UpstreamFailing
from lesson15_resilience.retries import attempts
from lesson15_resilience.settings import PatienceSettings
from lesson15_resilience.stale import LARGEST_ANSWER

# A 500 is not among them: a mistake in a program is not mended by asking again.
CANNOT = {502, 503, 504}


class Upstream:
    """A service at a URL; each has its own breaker, bulkhead and budget."""

    def __init__(self, name: str, url: str, client: httpx.AsyncClient, settings: PatienceSettings) -> None:
        self._url = url
        self._client = client
        self._timeout_s = settings.timeout_ms / 1000
        self._most_attempts = settings.retry_attempts
        self._retry_base_s = settings.retry_base_ms / 1000
        self._budget = RetryBudget(settings.retry_budget_percent, settings.retry_budget_burst)
        self._bulkhead = Bulkhead(settings.bulkhead_calls, settings.bulkhead_queue)
        self.breaker = Breaker(name, settings.breaker_failures, settings.breaker_open_ms / 1000)

    async def answer(self, call: Call, held: AsyncExitStack) -> httpx.Response:
        """The beginning of an answer; what it needs until it is read is put into ``held``.

        Raises what is in ``errors.NO_ANSWER``. Once it has returned nothing is sent again: the rest of the answer
        comes, or does not.
        """
        self._budget.request()
        async for attempt in attempts(call, self._most_attempts, self._retry_base_s, self._budget):
            with attempt:
                number = attempt.retry_state.attempt_number
                return await held.enter_async_context(self._attempt(call, number))
        raise AssertionError("the last attempt returns or raises")

    @asynccontextmanager
    async def _attempt(self, call: Call, number: int) -> AsyncIterator[httpx.Response]:
        # Asked twice: nobody shall stand in a queue for an upstream that is left alone, and it may be by the end of it.
        self.breaker.refuse()
        async with self._bulkhead.place():
            with self.breaker.watching(), told_apart():
                async with given_up_after(self._timeout_s):
                    response = await self._send(call, number)
                try:
                    yield response
                finally:
                    await response.aclose()

    async def _send(self, call: Call, number: int) -> httpx.Response:
        own_number = str(number) if call.attempt_above is None else call.attempt_above
        added = [
            *time_header(call.deadline, self._timeout_s),
            (ATTEMPT_HEADER.lower().encode(), own_number.encode("latin-1")),
        ]
        response = await self._client.send(call.to(self._url, added), stream=True, follow_redirects=False)
        if response.status_code in CANNOT:
            raise UpstreamFailing(response.status_code, response_headers(response.headers.raw), await whole(response))
        return response


async def whole(response: httpx.Response) -> bytes:
    """The body of an answer that is no answer; raises ``UpstreamUnreachable`` when it is beyond measure."""
    body = bytearray()
    async with aclosing(response):
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise UpstreamUnreachable(f"{response.status_code} with more than {LARGEST_ANSWER:,} bytes")
    return bytes(body)
