"""Each request goes to the next instance, and to another one where the first does not answer."""

import re
from collections import Counter

import httpx
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from lesson13_microservices.bodies import RequestBody, pass_on, while_client_waits
from lesson13_microservices.errors import UpstreamSilent, UpstreamUnreachable
from lesson13_microservices.headers import response_headers
from lesson13_microservices.paths import refuse_ambiguous
from lesson13_microservices.proxy import answered, outgoing
from lesson14_service_discovery.configuration import Configuration
from lesson14_service_discovery.directory import Directory
from lesson14_service_discovery.instances import Instance

PATH = re.compile(rb"/api/([a-z][a-z0-9-]{0,62})(?:/.*)?")
# RFC 9110, section 9.2.2: to do these twice is the same as once.
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}

log = structlog.get_logger("balancing")


class NoInstance(Exception):
    """Nobody is there who could answer; ``retry_after_s`` says when to ask again."""

    def __init__(self, service: str, retry_after_s: int) -> None:
        super().__init__(f"no instance of {service} is there")
        self.retry_after_s = retry_after_s


class RoundRobin:
    """Whose turn it is, for each service."""

    def __init__(self) -> None:
        self._turns: Counter[str] = Counter()

    def order(self, service: str, instances: list[Instance]) -> list[Instance]:
        """The instances, beginning with the one whose turn it is."""
        # TODO balance: Share the requests
        raise NotImplementedError("balance")


def service_of(request: Request) -> str:
    """The name in ``/api/NAME/…``; raises ``HTTPException`` 400 or 404."""
    refuse_ambiguous(request)
    path = PATH.fullmatch(request.scope["raw_path"])
    if path is None:
        raise HTTPException(404, "no service has such a path")
    return path[1].decode()


def may_be_repeated(request: Request, error: UpstreamUnreachable | UpstreamSilent) -> bool:
    """Whether another instance may be asked: nothing was sent yet, or it does no harm to send it twice."""
    # TODO retry: Ask another one
    return False


class Balanced:
    """Forwards every request to an instance of the service that its path names; an ASGI app."""

    def __init__(self, client: httpx.AsyncClient, directory: Directory, configuration: Configuration) -> None:
        self._client = client
        self._directory = directory
        self._configuration = configuration
        self._turns = RoundRobin()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io); raises ``NoInstance``, and what ``answered`` raises."""
        request = Request(scope)
        candidates = self._candidates(service_of(request))
        body = RequestBody(receive)
        await while_client_waits(self._forward(request, body, candidates, send), body)

    def _candidates(self, service: str) -> list[Instance]:
        """Whom to ask, one after the other."""
        # TODO balance: Share the requests
        raise NotImplementedError("balance")

    async def _forward(self, request: Request, body: RequestBody, candidates: list[Instance], send: Send) -> None:
        *others, last = candidates
        for instance in others:
            try:
                await self._ask(instance, request, body, send)
            except (UpstreamUnreachable, UpstreamSilent) as error:
                if not may_be_repeated(request, error):
                    raise
                log.warning("instance unreachable", instance=instance.id, reason=str(error))
            else:
                return
        await self._ask(last, request, body, send)

    async def _ask(self, instance: Instance, request: Request, body: RequestBody, send: Send) -> None:
        # What goes wrong once the answer has begun is neither of the two: nobody may then be asked again.
        async with answered(self._client, outgoing(request, httpx.URL(instance.url), body)) as response:
            headers = response_headers(response.headers.raw)
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            await pass_on(response, send)
