"""Calls over gRPC, with protobuf."""

from functools import partial
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from lesson16_rpc_and_transports.calls import LONGEST_S, Call, Handler
from lesson16_rpc_and_transports.codecs import PROTOBUF
from lesson16_rpc_and_transports.codes import Code, RpcError
from lesson16_rpc_and_transports.contract import SERVICE
from lesson16_rpc_and_transports.deadlines import deadline_in

SERVING = health_pb2.HealthCheckResponse.SERVING
Context = grpc.aio.ServicerContext[bytes, bytes]

# By default a channel that has failed for a while looks only every two minutes.
CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.enable_http_proxy", 0),
]
# Two processes on one port would share the calls by chance.
SERVER = [("grpc.so_reuseport", 0)]


def grpc_code(code: Code) -> grpc.StatusCode:
    """The code as grpcio has it."""
    # TODO codes: Say how it ended
    return grpc.StatusCode.INTERNAL


def code_of_grpc(code: grpc.StatusCode) -> Code:
    """What grpcio's code means here."""
    # TODO codes: Say how it ended
    return Code.INTERNAL


class EveryMethod(grpc.GenericRpcHandler):
    """Hands every call to one handler, as bytes: reading them is the handler's business."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """What answers a call; grpcio asks for that as soon as it has the call's headers."""
        method = handler_call_details.method.removeprefix("/")
        return grpc.unary_unary_rpc_method_handler(partial(self._answer, method))

    async def _answer(self, method: str, body: bytes, context: Context) -> bytes:
        # TODO grpc: Call it over gRPC
        raise NotImplementedError("grpc")


class GrpcServer:
    """Serves a handler, with the usual services that tell of its health and of its methods."""

    def __init__(self, handler: Handler, address: str) -> None:
        self._handler = handler
        self._address = address
        self._health = health.aio.HealthServicer()

    async def start(self) -> None:
        """Listen; RuntimeError when the address is taken."""
        self._server = grpc.aio.server(options=SERVER)
        # TODO grpc: Call it over gRPC
        raise NotImplementedError("grpc")

    async def refuse(self) -> None:
        """Tell whoever asks for its health that nothing new should be sent here."""
        await self._health.enter_graceful_shutdown()

    async def stop(self) -> None:
        """Finish what is in hand, for up to ten seconds."""
        await self._server.stop(LONGEST_S)


class GrpcWire:
    """The client's end: a handler that sends calls to an address."""

    codec = PROTOBUF

    def __init__(self, address: str) -> None:
        self._address = address

    async def open(self) -> None:
        """Make the channel; it connects when it is needed."""
        self._channel = grpc.aio.insecure_channel(self._address, CHANNEL)

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()

    async def __call__(self, call: Call) -> bytes:
        """Send a call; its answer in bytes."""
        # TODO grpc: Call it over gRPC
        raise NotImplementedError("grpc")


def timeout_of(call: Call) -> float | None:
    """What gRPC tells the other side by itself, in its header grpc-timeout."""
    # TODO deadlines: Stop when nobody waits any more
    return None
