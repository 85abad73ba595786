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
        # TODO http: Call it over HTTP
        raise NotImplementedError("http")
