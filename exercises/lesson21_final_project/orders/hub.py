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
        # TODO notifications: The server speaks first
        raise NotImplementedError("notifications")

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
        # TODO notifications: The server speaks first
        self._news.clear()

    async def _deliver(self, user_ids: Iterable[str]) -> None:
        # TODO notifications: The server speaks first
        raise NotImplementedError("notifications")

    async def _tell(self, notification: Notification) -> None:
        # TODO notifications: The server speaks first
        raise NotImplementedError("notifications")

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        """Let a client in that shows a good token, and see that it gets what it has missed."""
        # TODO notifications: The server speaks first
        raise socketio.exceptions.ConnectionRefusedError("unauthorized")

    def _admitted(self, auth: Any) -> Claims:
        # TODO notifications: The server speaks first
        raise NotImplementedError("notifications")

    async def _disconnect(self, sid: str, reason: str) -> None:
        """Forget a connection."""
        # TODO notifications: The server speaks first
        return
