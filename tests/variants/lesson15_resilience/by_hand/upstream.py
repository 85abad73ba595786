"""One service behind the gateway: retries in a plain loop, and a breaker of three states that are objects."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import httpx
from anyio import CapacityLimiter
from starlette.datastructures import Headers

from lesson13_microservices.errors import UpstreamSilent, UpstreamUnreachable, told_apart
from lesson13_microservices.headers import response_headers
from lesson15_resilience.breaker import Breaker
from lesson15_resilience.calls import ATTEMPT_HEADER, Call
from lesson15_resilience.deadlines import TIMEOUT_HEADER
from lesson15_resilience.errors import FAILURES, BulkheadFull, UpstreamFailing
from lesson15_resilience.retries import may_be_repeated, retry_after
from lesson15_resilience.settings import ResilienceSettings
from lesson15_resilience.stale import LARGEST_ANSWER


class Upstream:
    """A service at a URL."""

    def __init__(self, name: str, url: str, client: httpx.AsyncClient, settings: ResilienceSettings) -> None:
        self.url = url
        self.client = client
        self.settings = settings
        self.tokens = float(settings.retry_budget_burst)
        self.places = CapacityLimiter(settings.bulkhead_calls)
        self.breaker = Breaker(settings.breaker_failures, settings.breaker_open_ms / 1000)

    async def answer(self, call: Call, held: AsyncExitStack) -> httpx.Response:
        """The beginning of an answer; what it needs until it is read is put into ``held``."""
        settings = self.settings
        earned = self.tokens + settings.retry_budget_percent / 100
        self.tokens = min(settings.retry_budget_burst, earned)
        number = 0
        while True:
            number += 1
            try:
                return await held.enter_async_context(self.attempt(call, number))
            except FAILURES as failure:
                pause = self.pause(number, failure)
                last = number >= settings.retry_attempts or not may_be_repeated(call)
                if last or pause >= call.deadline.left() or not self.pays():
                    raise
                await asyncio.sleep(pause)

    def pays(self) -> bool:
        """Take a token for a retry, if there is one."""
        if self.tokens < 0.999:
            return False
        self.tokens -= 1
        return True

    def pause(self, number: int, failure: Exception) -> float:
        """Seconds before the attempt after this one."""
        bound = min(10, self.settings.retry_base_ms / 1000 * 2 ** (number - 1))
        headers = failure.headers if isinstance(failure, UpstreamFailing) else []
        return max(random.uniform(0, bound), retry_after(Headers(raw=headers), datetime.now(UTC)))

    @asynccontextmanager
    async def attempt(self, call: Call, number: int) -> AsyncIterator[httpx.Response]:
        """One attempt, which holds its place until its answer is read."""
        self.breaker.refuse()
        waiting = self.places.statistics().tasks_waiting
        if self.places.available_tokens < 1 and waiting >= self.settings.bulkhead_queue:
            raise BulkheadFull
        async with self.places:
            with self.breaker.watching(), told_apart():
                try:
                    response = await asyncio.wait_for(self.send(call, number), self.settings.timeout_ms / 1000)
                except TimeoutError as error:
                    raise UpstreamSilent("no answer began in time") from error
                try:
                    yield response
                finally:
                    await response.aclose()

    async def send(self, call: Call, number: int) -> httpx.Response:
        """Send the call, and wait for the head of its answer."""
        left = min(self.settings.timeout_ms, max(1, int(call.deadline.left() * 1000)))
        added = {TIMEOUT_HEADER: str(left), ATTEMPT_HEADER: call.attempt_above or str(number)}
        request = call.to(self.url, [(name.encode(), value.encode()) for name, value in added.items()])
        response = await self.client.send(request, stream=True)
        if response.status_code in (502, 503, 504):
            body = await response.aread()
            if len(body) > LARGEST_ANSWER:
                raise UpstreamUnreachable("an error page without end")
            raise UpstreamFailing(response.status_code, response_headers(response.headers.raw), body)
        return response
