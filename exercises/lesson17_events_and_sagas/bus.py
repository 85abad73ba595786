"""What events travel on, whatever it is made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from pydantic import ValidationError

from lesson17_events_and_sagas.events import Event

Handler = Callable[[Event], Awaitable[None]]


class BusGone(Exception):
    """The broker has not confirmed what was published; it may have taken some of it."""


class Unusable(Exception):
    """Raise it in a handler for an event that will never make sense, however often it comes: it is put aside."""


@dataclass(frozen=True)
class Subscription:
    """Who wants which types of events. The broker keeps them for that name, also while nobody of it is there."""

    name: str
    types: tuple[str, ...]

    def event_in(self, body: bytes, headers: Mapping[str, Any]) -> Event:
        """The event in a message that was delivered for it; raises ``Unusable`` for none, or one that nobody wanted."""
        try:
            event = Event.from_body(body, headers)
        except ValidationError as error:
            raise Unusable(str(error)) from error
        if event.type not in self.types:
            raise Unusable(f"{event.type!r} came, and not one of {', '.join(self.types)}")
        return event


class EventBus(Protocol):
    """Delivers every event at least once to every subscription; in which order is not said.

    Open as long as it is used as a context. Several processes may consume for one name: they share its events.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def publish(self, events: Sequence[Event]) -> None:
        """Return once the broker keeps all of them; raises ``BusGone`` when it does not say so in time."""

    async def consume(self, subscription: Subscription, handle: Handler) -> None:
        """Give every event to ``handle``, one at a time, until this is cancelled; raises nothing when the broker goes.

        An event is acknowledged when ``handle`` returns. If it raises, the event comes again a little later. What is
        ``Unusable`` is put aside.
        """
