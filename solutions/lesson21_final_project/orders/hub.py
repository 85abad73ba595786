"""The clients that are connected to this replica, and how far each of them has been told."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import socketio
import structlog

from lesson05_postgresql.database import DatabaseGone
from lesson07_jwt_auth.tokens import AccessTokens, Claims, InvalidToken
from lesson21_final_project.orders.mailboxes import Mailboxes, Notification

EVENT = "pedidoActualizado"
LARGEST_MESSAGE = 10_000
# What nobody has told us of is found by then.
LOOK_AGAIN_S = 5.0
PAUSE_S = 0.5

log = structlog.get_logger("hub")


class Hub:
    """Brings each connection every notification of its user once, in order, whoever has made it and when."""

    def __init__(self, tokens: AccessTokens, mailboxes: Mailboxes) -> None:
        self._tokens = tokens
        self._mailboxes = mailboxes
        # Of each user, each connection by its id: the number of the last notification that it was sent.
        self._told: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._wanted: set[str] = set()
        self._news = asyncio.Event()
        self.server = socketio.AsyncServer(
            async_mode="asgi",
            transports=["websocket"],
            # Whoever has the token may connect from anywhere: a foreign page does not have it, as it would a cookie.
            cors_allowed_origins="*",
            max_http_buffer_size=LARGEST_MESSAGE,
        )
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)

    def wake(self, *user_ids: str) -> None:
        """Look for news of these users soon; of all that are here when none is named."""
        # --8<-- [start:notifications]
        here = self._told.keys()
        self._wanted |= set(user_ids) & here if user_ids else set(here)
        self._news.set()
        # --8<-- [end:notifications]

    async def run(self) -> None:
        """Deliver for ever: at once what somebody wakes us for, and the rest before long."""
        loop = asyncio.get_running_loop()
        all_by = loop.time() + LOOK_AGAIN_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(all_by):
                    await self._news.wait()
            # Wakes for some must not put off the others, however many come.
            if loop.time() >= all_by:
                self.wake()
                all_by = loop.time() + LOOK_AGAIN_S
            await self._look()

    async def _look(self) -> None:
        # starter: self._news.clear()
        # --8<-- [start:notifications]
        wanted, self._wanted = self._wanted or set(self._told), set()
        self._news.clear()
        try:
            await self._deliver(wanted)
        except DatabaseGone as error:
            log.warning("no news to be had", reason=str(error))
            self._wanted |= wanted
            await asyncio.sleep(PAUSE_S)
        # --8<-- [end:notifications]

    async def _deliver(self, user_ids: Iterable[str]) -> None:
        # --8<-- [start:notifications]
        cursors = {user_id: min(self._told[user_id].values()) for user_id in user_ids if self._told.get(user_id)}
        for notification in await self._mailboxes.since(cursors) if cursors else []:
            await self._tell(notification)
        # --8<-- [end:notifications]

    async def _tell(self, notification: Notification) -> None:
        # --8<-- [start:notifications]
        connections = self._told.get(notification.user_id, {})
        for sid, told in list(connections.items()):
            # Who has come since we asked lacks more than this one, and is told all of it next time.
            if told == notification.numero - 1:
                connections[sid] = notification.numero
                await self.server.emit(EVENT, notification.payload(), to=sid)
        # --8<-- [end:notifications]

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        """Let a client in that shows a good token, and see that it gets what it has missed."""
        # starter: raise socketio.exceptions.ConnectionRefusedError("unauthorized")
        # --8<-- [start:notifications]
        claims = self._admitted(auth)
        since = auth.get("since", 0)
        self._told[claims.sub][sid] = since if isinstance(since, int) and 0 <= since < 2**31 else 0
        await self.server.save_session(sid, {"user_id": claims.sub})
        left = claims.exp - time.time()
        asyncio.get_running_loop().call_later(left, lambda: asyncio.ensure_future(self.server.disconnect(sid)))
        self.wake(claims.sub)
        # --8<-- [end:notifications]

    def _admitted(self, auth: Any) -> Claims:
        # --8<-- [start:notifications]
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            return self._tokens.verify(token if isinstance(token, str) else "")
        except InvalidToken as error:
            log.warning("token refused", reason=str(error))
            raise socketio.exceptions.ConnectionRefusedError("unauthorized") from None
        # --8<-- [end:notifications]

    async def _disconnect(self, sid: str, reason: str) -> None:
        """Forget a connection."""
        # starter: return
        # --8<-- [start:notifications]
        user_id = (await self.server.get_session(sid)).get("user_id", "")
        connections = self._told.get(user_id, {})
        connections.pop(sid, None)
        if not connections:
            self._told.pop(user_id, None)
        # --8<-- [end:notifications]
