"""What an event is, and how it looks on the wire: a CloudEvent in JSON (https://cloudevents.io, version 1.0)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

CONTENT_TYPE = "application/cloudevents+json"

EventType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]
Key = Annotated[str, Field(min_length=1, max_length=200)]


class Event(BaseModel):
    """Something that has happened; it never changes any more.

    ``subject`` says to what, such as the id of an order. ``correlation_id`` is the same in all that follows from one
    request. ``headers`` travel beside the body.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    type: EventType
    source: Key
    subject: Key
    occurred_at: AwareDatetime = Field(validation_alias="time", serialization_alias="time")
    correlation_id: Key = Field(validation_alias="correlationid", serialization_alias="correlationid")
    data: dict[str, JsonValue]
    headers: dict[str, str] = Field(default_factory=dict, exclude=True)

    def to_body(self) -> bytes:
        """The event without its headers, in JSON."""
        return self.model_dump_json().encode()

    @classmethod
    def from_body(cls, body: bytes, headers: Mapping[str, Any]) -> Self:
        """The event in a message; raises pydantic's ``ValidationError`` for what is none."""
        texts = {name: value for name, value in headers.items() if isinstance(value, str)}
        return cls.model_validate_json(body).model_copy(update={"headers": texts})


def new_event(
    type_: str,
    source: str,
    subject: str,
    data: dict[str, Any],
    *,
    correlation_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Event:
    """An event that has just happened, with an id of its own; the first of its correlation if none is given."""
    return Event(
        id=(event_id := uuid4()),
        type=type_,
        source=source,
        subject=subject,
        occurred_at=datetime.now(UTC),
        correlation_id=correlation_id or str(event_id),
        data=data,
        headers=dict(headers or {}),
    )


def following(cause: Event, type_: str, source: str, data: dict[str, Any] | None = None) -> Event:
    """What has happened because of another event: to the same subject, with the same data unless others are given."""
    return new_event(
        type_,
        source,
        cause.subject,
        cause.data if data is None else data,
        correlation_id=cause.correlation_id,
        headers=cause.headers,
    )
