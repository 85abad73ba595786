"""The connections that this process holds: whose they are, until when, and how much they may send."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

EVENTS_PER_S = 20
MOST_REFUSALS = 200


@dataclass
class Connection:
    """One open connection; ``expires`` is its token's end, in seconds since 1970."""

    id: str
    user: str
    expires: int
    topics: set[str] = field(default_factory=set)
    refusals: int = 0
    _allowance: float = EVENTS_PER_S
    _counted_at: float = field(default_factory=time.monotonic)

    def may_send(self) -> bool:
        """Whether one more event is within its rate: a bucket of ``EVENTS_PER_S`` that fills up within a second."""
        # TODO refuse: Refuse what is not fit
        return True

    @property
    def was_warned_enough(self) -> bool:
        """Whether its last refusal was one too many; true once."""
        return self.refusals == MOST_REFUSALS + 1


class Connections:
    """All open connections of this process, by id."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open.values()))

    def add(self, connection: Connection) -> None:
        """Remember a connection."""
        self._open[connection.id] = connection

    def get(self, connection_id: str) -> Connection:
        """The connection of that id; ``KeyError`` when it is not open."""
        return self._open[connection_id]

    def remove(self, connection_id: str) -> Connection | None:
        """Forget a connection; None when it was not known."""
        return self._open.pop(connection_id, None)

    def of(self, user: str | None) -> list[str]:
        """The ids of a user's connections."""
        return [connection.id for connection in self if connection.user == user]

    def expired(self) -> list[Connection]:
        """Those whose token is good no longer."""
        # TODO connect: Let in who has a token
        return []
