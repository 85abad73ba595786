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
        # TODO http: Call it over HTTP
        raise NotImplementedError("http")

    async def get_notification(self, request: GetNotificationRequest) -> Notification:
        """What was sent under that id."""
        # TODO codes: Say how it ended
        return self._sent[request.id]

    def dispatcher(self) -> Dispatcher:
        """The handler that answers its methods."""
        dispatcher = Dispatcher()
        dispatcher.add(SEND, self.send_notification)
        dispatcher.add(GET, self.get_notification)
        return dispatcher


def check(request: SendNotificationRequest) -> None:
    """Raise INVALID_ARGUMENT, with the field's name, for what protobuf's types cannot express."""
    # TODO codes: Say how it ended
