"""The conversation with each client: what it may ask for, and what it is told."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError as Refuse
from flask_socketio import Namespace
from redis.exceptions import RedisError

from lesson07_jwt_auth.tokens import AccessTokens, Claims, InvalidToken
from lesson12_websockets.connections import Connection, Connections
from lesson12_websockets.events import Event, topic_room, user_room
from lesson12_websockets.history import History
from lesson12_websockets.payloads import Draft, Join, Leave, Refused, parse
from lesson12_websockets.presence import Presence
from lesson12_websockets.problems import refusal

LOOK_S = 0.2
Answer = dict[str, Any]

log = structlog.get_logger("chat")


class Chat(Namespace):  # type: ignore[misc]
    """All handlers; ``on_join`` is called for the event ``join``, and what it returns is the acknowledgement."""

    def __init__(self, tokens: AccessTokens, connections: Connections, history: History, presence: Presence) -> None:
        super().__init__("/")
        self._tokens = tokens
        self._connections = connections
        self._history = history
        self._presence = presence

    def on_connect(self, auth: Any = None) -> None:
        """Let somebody in who has a token; each connection is in the room of its user from then on."""
        # TODO connect: Let in who has a token
        raise Refuse("unauthorized")

    def on_disconnect(self, reason: str) -> None:
        """Forget a connection that is gone."""
        connection = self._connections.remove(self._sid())
        if connection is None:
            return
        log.info("disconnected", user=connection.user, connection=connection.id, reason=reason)
        for topic in connection.topics:
            self._presence.depart(topic, connection.id)

    def on_join(self, *arguments: Any) -> Answer:
        """Have a connection hear a topic; it is told who else does, and what was said before."""
        return self._answer(self._sid(), lambda connection: self._join(connection, parse(Join, arguments)))

    def on_leave(self, *arguments: Any) -> Answer:
        """Have a connection hear a topic no longer."""
        return self._answer(self._sid(), lambda connection: self._leave(connection, parse(Leave, arguments)))

    def on_chatMessage(self, *arguments: Any) -> Answer:  # noqa: N802
        """Pass a message on to everybody who hears its topic."""
        return self._answer(self._sid(), lambda connection: self._post(connection, parse(Draft, arguments)))

    def trigger_event(self, event: str, *args: Any) -> Any:
        """Call the handler of an event; unlike the inherited method, answer also when there is none."""
        # TODO refuse: Refuse what is not fit
        return super().trigger_event(event, *args)

    def deliver(self, event: Event) -> None:
        """Tell the connections that this process has in the event's room."""
        # TODO rooms: To those who are in the room
        raise NotImplementedError("rooms")

    def end_expired_for_ever(self) -> None:
        """End connections whose token expires, until the process ends."""
        while True:
            for connection in self._connections.expired():
                self._in_background(self._end, connection)
            time.sleep(LOOK_S)

    def close(self) -> None:
        """Break all connections off; unlike after a ``disconnect``, clients then come back by themselves."""
        self._presence.close()
        for connection in self._connections:
            self._in_background(self._hang_up, self._engine_id(connection))

    def _end(self, connection: Connection) -> None:
        """End a connection for good: official clients do not come back by themselves from a ``disconnect``."""
        engine_id = self._engine_id(connection)
        self.disconnect(connection.id)
        self._hang_up(engine_id)

    def _hang_up(self, engine_id: str) -> None:
        """Close what carries a connection, once all has been sent."""
        self.socketio.server.eio.disconnect(engine_id)

    def _engine_id(self, connection: Connection) -> str:
        """What Engine.IO calls a connection."""
        return str(self.socketio.server.manager.eio_sid_from_sid(connection.id, self.namespace))

    def _in_background(self, task: Callable[..., None], *arguments: Any) -> None:
        """Begin something that may wait for a client; nobody else has to."""
        self.socketio.start_background_task(task, *arguments)

    def _sid(self) -> str:
        """The id of the connection whose event is handled."""
        return str(request.sid)  # type: ignore[attr-defined]

    def _claims(self, auth: Any) -> Claims:
        """What the token in the auth payload says; refuses the connection when there is no good one."""
        # TODO connect: Let in who has a token
        raise NotImplementedError("connect")

    def _answer(self, connection_id: str, do: Callable[[Connection], Answer]) -> Answer:
        """Do what an event asks for, or tell why not."""
        connection = self._connections.get(connection_id)
        try:
            if not connection.may_send():
                raise Refused(429, "too many events; wait a moment")
            return do(connection)
        except Refused as refused:
            if connection.was_warned_enough:
                self._in_background(self._end, connection)
            return refusal(refused)
        # TODO outage: When Redis is away, and when you are asked to go
        except Exception:
            log.exception("an event was not handled")
            return refusal(Refused(500, "something went wrong here; the log has it"))

    def _join(self, connection: Connection, join: Join) -> Answer:
        # TODO rooms: To those who are in the room
        raise NotImplementedError("rooms")

    def _leave(self, connection: Connection, leave: Leave) -> Answer:
        # TODO rooms: To those who are in the room
        raise NotImplementedError("rooms")

    def _post(self, connection: Connection, draft: Draft) -> Answer:
        # TODO rooms: To those who are in the room
        raise NotImplementedError("rooms")


def no_such_event(connection: Connection) -> Answer:
    """What becomes of an event that nobody handles."""
    raise Refused(404, "there is no event of that name")
