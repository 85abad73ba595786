"""The notification service itself. It does not know what carries its calls."""

import asyncio
from collections import OrderedDict
from uuid import uuid4

from lesson16_rpc_and_transports.codes import Code, RpcError
from lesson16_rpc_and_transports.contract import GET, SEND
from lesson16_rpc_and_transports.dispatch import Dispatcher
from lesson16_rpc_and_transports.notifications_pb2 import (
    GetNotificationRequest,
    Notification,
    SendNotificationRequest,
)

LONGEST_MESSAGE = 200
LONGEST_DELAY_MS = 5000
KEPT = 10_000


class NotificationService:
    """Sends notifications, and keeps the last ones in memory."""

    def __init__(self) -> None:
        self._sent: OrderedDict[str, Notification] = OrderedDict()

    async def send_notification(self, request: SendNotificationRequest) -> Notification:
        """Send a message; it takes as long as the request says."""
        check(request)
        # --8<-- [start:http]
        await asyncio.sleep(request.delay_ms / 1000)
        notification = Notification(id=str(uuid4()), message=request.message, status="sent")
        self._sent[notification.id] = notification
        if len(self._sent) > KEPT:
            self._sent.popitem(last=False)
        return notification
        # --8<-- [end:http]

    async def get_notification(self, request: GetNotificationRequest) -> Notification:
        """What was sent under that id."""
        # starter: return self._sent[request.id]
        # --8<-- [start:codes]
        if request.id not in self._sent:
            raise RpcError(Code.NOT_FOUND, "there is no notification of that id")
        return self._sent[request.id]
        # --8<-- [end:codes]

    def dispatcher(self) -> Dispatcher:
        """The handler that answers its methods."""
        dispatcher = Dispatcher()
        dispatcher.add(SEND, self.send_notification)
        dispatcher.add(GET, self.get_notification)
        return dispatcher


def check(request: SendNotificationRequest) -> None:
    """Raise INVALID_ARGUMENT, with the field's name, for what protobuf's types cannot express."""
    # starter:
    # --8<-- [start:codes]
    if not 1 <= len(request.message) <= LONGEST_MESSAGE:
        raise RpcError(Code.INVALID_ARGUMENT, f"message: 1 to {LONGEST_MESSAGE} characters")
    if not 0 <= request.delay_ms <= LONGEST_DELAY_MS:
        raise RpcError(Code.INVALID_ARGUMENT, f"delay_ms: 0 to {LONGEST_DELAY_MS}")
    # --8<-- [end:codes]
