"""The notification service with a plain dictionary, and its methods in one table."""

import asyncio
from uuid import uuid4

from lesson16_rpc_and_transports.codes import Code, RpcError
from lesson16_rpc_and_transports.contract import GET, SEND
from lesson16_rpc_and_transports.dispatch import Dispatcher
from lesson16_rpc_and_transports.notifications_pb2 import (
    GetNotificationRequest,
    Notification,
    SendNotificationRequest,
)


def refuse(problem: str) -> None:
    raise RpcError(Code.INVALID_ARGUMENT, problem)


class NotificationService:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def send(self, request: SendNotificationRequest) -> Notification:
        if not request.message or len(request.message) > 200:
            refuse("message must have 1 to 200 characters")
        if not 0 <= request.delay_ms <= 5000:
            refuse("delay_ms must lie between 0 and 5000")
        await asyncio.sleep(request.delay_ms / 1000)
        number = str(uuid4())
        self.texts[number] = request.message
        return Notification(id=number, message=request.message, status="sent")

    async def get(self, request: GetNotificationRequest) -> Notification:
        text = self.texts.get(request.id)
        if text is None:
            raise RpcError(Code.NOT_FOUND, "nobody was told that")
        return Notification(id=request.id, message=text, status="sent")

    def dispatcher(self) -> Dispatcher:
        dispatcher = Dispatcher()
        for method, answer in ((SEND, self.send), (GET, self.get)):
            dispatcher.add(method, answer)
        return dispatcher
