"""Calls over gRPC, with grpcio's threads: each call waits on one of them for the event loop to answer it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
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
THREADS = 32
CHANNEL = [("grpc.max_reconnect_backoff_ms", 500), ("grpc.enable_http_proxy", 0)]


class EveryMethod(grpc.GenericRpcHandler):
    """Hands every call over to the event loop."""

    def __init__(self, handler: Handler, loop: asyncio.AbstractEventLoop) -> None:
        self._handler = handler
        self._loop = loop

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return grpc.unary_unary_rpc_method_handler(partial(self._answer, handler_call_details.method[1:]))

    def _answer(self, method: str, body: bytes, context: grpc.ServicerContext) -> bytes:
        remaining = context.time_remaining()
        deadline = deadline_in(LONGEST_S if remaining is None else min(remaining, LONGEST_S))
        call = Call(method, body, PROTOBUF, dict(context.invocation_metadata()), deadline)
        try:
            return asyncio.run_coroutine_threadsafe(self._handler(call), self._loop).result()
        except RpcError as error:
            context.abort(grpc.StatusCode[error.code.name], error.detail)


class GrpcServer:
    def __init__(self, handler: Handler, address: str) -> None:
        self._handler = handler
        self._address = address
        self._health = health.HealthServicer()

    async def start(self) -> None:
        self._server = grpc.server(ThreadPoolExecutor(THREADS), options=[("grpc.so_reuseport", 0)])
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        for name in ("", SERVICE):
            self._health.set(name, SERVING)
        reflection.enable_server_reflection([SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME], self._server)
        self._server.add_generic_rpc_handlers([EveryMethod(self._handler, asyncio.get_running_loop())])
        self._server.add_insecure_port(self._address)
        self._server.start()

    async def refuse(self) -> None:
        self._health.enter_graceful_shutdown()

    async def stop(self) -> None:
        await asyncio.to_thread(self._server.stop(LONGEST_S).wait)


class GrpcWire:
    codec = PROTOBUF

    def __init__(self, address: str) -> None:
        self._address = address

    async def open(self) -> None:
        self._channel = grpc.insecure_channel(self._address, CHANNEL)

    async def close(self) -> None:
        self._channel.close()

    async def __call__(self, call: Call) -> bytes:
        send = self._channel.unary_unary(f"/{call.method}")
        sent = partial(send, call.body, metadata=tuple(call.metadata.items()), timeout=call.remaining_s)
        try:
            return await asyncio.to_thread(sent)
        except grpc.RpcError as error:
            name = error.code().name
            code = Code[name] if name in Code.__members__ else Code.INTERNAL
            raise RpcError(code, "the service has refused the call, or is not there") from error
