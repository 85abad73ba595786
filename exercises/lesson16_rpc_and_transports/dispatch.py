"""From a call to the function that answers it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import Message

from lesson16_rpc_and_transports.calls import Call
from lesson16_rpc_and_transports.codecs import read_request
from lesson16_rpc_and_transports.codes import Code, RpcError
from lesson16_rpc_and_transports.contract import Method

LARGEST_MESSAGE = 65_536

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)
Route = tuple[Method[Any, Any], Callable[[Any], Awaitable[Message]]]


class Dispatcher:
    """A handler that finds the method of a call, reads the request, and writes the answer."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}

    def add(self, method: Method[Q, R], answer: Callable[[Q], Awaitable[R]]) -> None:
        """Have a method answered."""
        self._routes[method.name] = (method, answer)

    async def __call__(self, call: Call) -> bytes:
        """Answer a call; raises ``RpcError``."""
        # TODO http: Call it over HTTP
        raise NotImplementedError("http")

    def _route(self, call: Call) -> Route:
        # TODO codes: Say how it ended
        return self._routes[call.method]
