"""What the server says to clients, and in which room."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# All that happens in the chat, in one order; every process reads it and tells its own clients.
EVENTS = "chat:events"
KEPT_EVENTS = 10_000
# What another service adds when it has sent an order.
ORDERS_SENT = "pedido_enviado"


@dataclass(frozen=True)
class Event:
    """Something for everybody in a room, but for the connections of the user ``except_user``."""

    name: str
    room: str
    data: dict[str, Any]
    except_user: str | None = None


def topic_room(topic: str) -> str:
    """The room of those who hear a topic."""
    # TODO rooms: To those who are in the room
    return topic


def user_room(user: str) -> str:
    """The room of all connections of one user; no topic's room is called so, whatever the topic is called."""
    # TODO rooms: To those who are in the room
    return user


def event_of(stream: str, fields: Mapping[str, str]) -> Event:
    """The event that an entry of a stream is about; raises KeyError or ValueError for one that makes no sense."""
    if stream == ORDERS_SENT:
        return order_sent(fields)
    data = json.loads(fields["data"])
    if "id" in fields:
        data["id"] = int(fields["id"])
    return Event(fields["event"], topic_room(data["topic"]), data, fields.get("except"))


def order_sent(fields: Mapping[str, str]) -> Event:
    """What the customer is told when an order is on its way."""
    # TODO rooms: To those who are in the room
    raise NotImplementedError("rooms")
