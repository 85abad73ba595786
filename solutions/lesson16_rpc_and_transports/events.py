"""The event service: makes an event and has it told by the other service."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from lesson16_rpc_and_transports.client import Client
from lesson16_rpc_and_transports.contract import SEND
from lesson16_rpc_and_transports.notifications_pb2 import Notification, SendNotificationRequest


@dataclass(frozen=True)
class CreatedEvent:
    """An event, and the notification that tells of it."""

    id: str
    title: str
    created_at: datetime
    notification: Notification


class EventService:
    """Makes events; ``notifications`` calls the notification service."""

    def __init__(self, notifications: Client) -> None:
        self._notifications = notifications

    async def create_event(self, title: str, delay_ms: int, deadline: float) -> CreatedEvent:
        """Make an event and tell of it; raises ``RpcError`` when that cannot be done by the deadline."""
        # --8<-- [start:http]
        request = SendNotificationRequest(message=f"New event created: {title}", delay_ms=delay_ms)
        notification = await self._notifications.call(SEND, request, deadline)
        return CreatedEvent(str(uuid4()), title, datetime.now(UTC), notification)
        # --8<-- [end:http]
