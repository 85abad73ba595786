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
        # starter: raise Refuse("unauthorized")
        # --8<-- [start:connect]
        claims = self._claims(auth)
        connection = Connection(self._sid(), claims.sub, claims.exp)
        self._connections.add(connection)
        self.enter_room(connection.id, user_room(connection.user))
        log.info("connected", user=connection.user, connection=connection.id)
        welcome = {"message": f"Welcome to the chat, {connection.user}!", "user": connection.user}
        # In the background, because a client is connected only when this method has returned.
        self._in_background(self.emit, "welcome", welcome, connection.id)
        # --8<-- [end:connect]

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
        # starter: return super().trigger_event(event, *args)
        # --8<-- [start:refuse]
        if hasattr(self, f"on_{event}"):
            return super().trigger_event(event, *args)
        return self._answer(args[0], no_such_event)
        # --8<-- [end:refuse]

    def deliver(self, event: Event) -> None:
        """Tell the connections that this process has in the event's room."""
        # --8<-- [start:rooms]
        self.socketio.emit(event.name, event.data, to=event.room, skip_sid=self._connections.of(event.except_user))
        # --8<-- [end:rooms]

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
        # --8<-- [start:connect]
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            return self._tokens.verify(token if isinstance(token, str) else "")
        except InvalidToken as error:
            log.warning("refused", reason=str(error))
            raise Refuse("unauthorized") from None
        # --8<-- [end:connect]

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
        # starter:
        # --8<-- [start:outage]
        except RedisError as error:
            log.error("Redis is out of reach", error=str(error))
            return refusal(Refused(503, "this cannot be done now; try again"))
        # --8<-- [end:outage]
        except Exception:
            log.exception("an event was not handled")
            return refusal(Refused(500, "something went wrong here; the log has it"))

    def _join(self, connection: Connection, join: Join) -> Answer:
        # --8<-- [start:rooms]
        # First the room, then the history: what is said in between comes twice, but nothing is missed.
        self.enter_room(connection.id, topic_room(join.topic))
        connection.topics.add(join.topic)
        try:
            users = self._presence.arrive(join.topic, connection.id, connection.user)
            messages, complete = self._history.since(join.topic, join.since)
        except RedisError:
            self._leave(connection, Leave(topic=join.topic))
            raise
        return {"topic": join.topic, "users": users, "messages": messages, "complete": complete}
        # --8<-- [end:rooms]

    def _leave(self, connection: Connection, leave: Leave) -> Answer:
        # --8<-- [start:rooms]
        self.leave_room(connection.id, topic_room(leave.topic))
        connection.topics.discard(leave.topic)
        self._presence.depart(leave.topic, connection.id)
        return {"topic": leave.topic}
        # --8<-- [end:rooms]

    def _post(self, connection: Connection, draft: Draft) -> Answer:
        # --8<-- [start:rooms]
        if draft.topic not in connection.topics:
            raise Refused(403, f"join {draft.topic} first")
        return {"id": self._history.post(connection.user, draft)}
        # --8<-- [end:rooms]


def no_such_event(connection: Connection) -> Answer:
    """What becomes of an event that nobody handles."""
    raise Refused(404, "there is no event of that name")
