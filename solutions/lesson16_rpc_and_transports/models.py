"""What ``POST /event`` takes and answers."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lesson16_rpc_and_transports.events import CreatedEvent


class EventDraft(BaseModel):
    """An event that is to be made; ``delay_ms`` is how long its notification takes."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    title: str = Field(min_length=1, max_length=100)
    delay_ms: int = Field(default=0, ge=0, le=5000)


class SentNotification(BaseModel):
    """The notification that tells of an event."""

    id: str
    status: str


class Event(BaseModel):
    """An event that was made."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: str
    title: str
    created_at: datetime
    message: str = "Event created successfully"
    notification: SentNotification

    @classmethod
    def of(cls, created: CreatedEvent) -> Self:
        """The answer that tells of it."""
        sent = SentNotification(id=created.notification.id, status=created.notification.status)
        return cls(id=created.id, title=created.title, created_at=created.created_at, notification=sent)
