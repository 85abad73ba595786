"""Call a method of the other service as if it were here."""

from typing import Protocol, TypeVar

from google.protobuf.message import Message
from prometheus_client import CollectorRegistry

from lesson16_rpc_and_transports.calls import Call, Wrapper, wrapped
from lesson16_rpc_and_transports.codecs import Codec, Malformed
from lesson16_rpc_and_transports.codes import Code, RpcError
from lesson16_rpc_and_transports.contract import Method
from lesson16_rpc_and_transports.deadlines import keep_deadline
from lesson16_rpc_and_transports.metrics import count_calls
from lesson16_rpc_and_transports.wrappers import log_calls, pass_on_request_id, show_token

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)


class Wire(Protocol):
    """The client's end of a transport."""

    @property
    def codec(self) -> Codec:
        """How messages are written on it."""

    async def open(self) -> None:
        """Get ready for calls."""

    async def close(self) -> None:
        """Close what was opened."""

    async def __call__(self, call: Call) -> bytes:
        """Send a call; its answer in bytes. Raises ``RpcError``."""


def client_wrappers(transport: str, token: str, registry: CollectorRegistry) -> list[Wrapper]:
    """What is done around each call that goes out."""
    return [
        log_calls("client", transport),
        count_calls("client", transport, registry),
        keep_deadline,
        pass_on_request_id,
        show_token(token),
    ]


class Client:
    """Makes calls over a wire, through wrappers."""

    def __init__(self, wire: Wire, *wrappers: Wrapper) -> None:
        self._codec = wire.codec
        self._handler = wrapped(wire, *wrappers)

    async def call(self, method: Method[Q, R], request: Q, deadline: float) -> R:
        """The method's answer; raises ``RpcError``."""
        body = self._codec.write(request)
        answer = await self._handler(Call(method.name, body, self._codec, {}, deadline))
        try:
            return self._codec.read(method.response, answer)
        except Malformed as error:
            raise RpcError(Code.INTERNAL, f"the answer is no {method.response.DESCRIPTOR.name}") from error
