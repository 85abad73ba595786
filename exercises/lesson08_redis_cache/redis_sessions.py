"""Sessions in Redis, which forgets each of them by itself."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from lesson06_mongodb.database import DatabaseGone
from lesson07_jwt_auth.sessions import Session
from lesson08_redis_cache.link import Away, Command, Link

CONTENT = TypeAdapter(Session)


def session_key(session_id: str) -> str:
    """Where a session is kept."""
    return f"session:{session_id}"


class RedisSessions:
    """A lesson07 ``SessionStore`` with a key for each session. All its methods raise ``DatabaseGone``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def add(self, session_id: str, session: Session, seconds: int) -> None:
        """Keep a session for so long and no longer."""
        # TODO sessions: Sessions move in
        raise NotImplementedError("sessions")

    async def get(self, session_id: str) -> Session | None:
        """The session of that id; None if there is none, or not any more."""
        # TODO sessions: Sessions move in
        raise NotImplementedError("sessions")

    async def remove(self, session_id: str) -> None:
        """Forget a session, if there is one of that id."""
        # TODO sessions: Sessions move in
        raise NotImplementedError("sessions")

    async def _ask(self, command: Command) -> Any:
        # TODO sessions: Sessions move in
        raise NotImplementedError("sessions")
