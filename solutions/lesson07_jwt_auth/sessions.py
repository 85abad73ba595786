"""Sessions: the other way to know a client again. The server remembers, and the client holds only a name for it."""

from dataclasses import dataclass
from typing import Protocol

from lesson06_mongodb.models import Role

LIFETIME_S = 8 * 3600


@dataclass(frozen=True)
class Session:
    """Who has logged in."""

    user_id: str
    role: Role


class SessionStore(Protocol):
    """Where sessions are kept, for all processes of the shop; ``DatabaseGone`` is raised when nobody can tell."""

    async def add(self, session_id: str, session: Session, seconds: int) -> None:
        """Keep a session for so long and no longer."""

    async def get(self, session_id: str) -> Session | None:
        """The session of that id; None if there is none, or not any more."""

    async def remove(self, session_id: str) -> None:
        """Forget a session, if there is one of that id."""
