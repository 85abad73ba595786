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
        # --8<-- [start:sessions]
        content = CONTENT.dump_json(session)
        await self._ask(lambda redis: redis.set(session_key(session_id), content, ex=seconds))
        # --8<-- [end:sessions]

    async def get(self, session_id: str) -> Session | None:
        """The session of that id; None if there is none, or not any more."""
        # --8<-- [start:sessions]
        content = await self._ask(lambda redis: redis.get(session_key(session_id)))
        try:
            return CONTENT.validate_json(content) if content else None
        except ValidationError:
            return None
        # --8<-- [end:sessions]

    async def remove(self, session_id: str) -> None:
        """Forget a session, if there is one of that id."""
        # --8<-- [start:sessions]
        await self._ask(lambda redis: redis.delete(session_key(session_id)))
        # --8<-- [end:sessions]

    async def _ask(self, command: Command) -> Any:
        # --8<-- [start:sessions]
        try:
            return await self._link.ask(command)
        except Away as error:
            # A cache may be done without. Who has logged in cannot be guessed.
            raise DatabaseGone("Redis, which keeps the sessions, is away") from error
        # --8<-- [end:sessions]
