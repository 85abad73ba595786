"""Lesson 12's promises, kept on one event loop: python-socketio's AsyncServer below FastAPI, served by uvicorn.

Who is there stands in one sorted set for each topic, by the time at which it was last said.
"""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import socketio
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader
from redis.asyncio import Redis
from redis.exceptions import RedisError

from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson03_middleware_logging.logs import configure_logging
from lesson07_jwt_auth.tokens import AccessTokens, InvalidToken
from lesson12_websockets.connections import Connection, Connections
from lesson12_websockets.events import EVENTS, KEPT_EVENTS, ORDERS_SENT, event_of, topic_room, user_room
from lesson12_websockets.payloads import Draft, Join, Leave, Refused, parse
from lesson12_websockets.problems import refusal
from lesson12_websockets.settings import ChatSettings
from lesson12_websockets.transport import LARGEST_FRAME, StrictPacket

HERE = Path(__file__).parent
SAID_EVERY_S = 0.5
GONE_AFTER_S = 2.0
TOPICS = "chat:topics"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
ARRIVE = """
local user = string.match(ARGV[1], ' (.*)$')
local new = true
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.match(member, ' (.*)$') == user then new = false end
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if new then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'event', 'userJoined', 'data', ARGV[3], 'except', user)
end
"""
DEPART = """
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return end
local user = string.match(ARGV[1], ' (.*)$')
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.match(member, ' (.*)$') == user then return end
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'event', 'userLeft', 'data', ARGV[2], 'except', user)
"""

settings = ChatSettings.from_environment()
configure_logging(settings)
tokens = AccessTokens(settings.jwt_secret, settings.jwt_issuer, settings.jwt_audience)
redis = Redis.from_url(settings.redis_url, decode_responses=True, socket_timeout=1, socket_connect_timeout=1)
connections = Connections()
sio = socketio.AsyncServer(
    async_mode="asgi",
    async_handlers=False,
    max_http_buffer_size=LARGEST_FRAME,
    ping_interval=5,
    ping_timeout=5,
    serializer=StrictPacket,
)
arrive, depart = redis.register_script(ARRIVE), redis.register_script(DEPART)
post = redis.register_script((HERE / "scripts" / "post.lua").read_text(encoding="utf-8"))
farewells: set[tuple[str, str]] = set()


def place(topic: str) -> str:
    """The key of who hears a topic."""
    return f"chat:present:{topic}"


def notice(topic: str, user: str, what: str) -> str:
    """What the others are told."""
    return json.dumps({"message": f"{user} {what} {topic}", "topic": topic, "user": user})


async def come(topic: str, connection: Connection) -> None:
    """Write down that a connection hears a topic."""
    member = f"{connection.id} {connection.user}"
    await redis.sadd(TOPICS, topic)
    await arrive([place(topic), EVENTS], [member, time.time(), notice(topic, connection.user, "has joined")])


async def go(topic: str, member: str) -> None:
    """Cross a connection out."""
    try:
        await depart([place(topic), EVENTS], [member, notice(topic, member.split(" ", 1)[1], "has left")])
        farewells.discard((topic, member))
    except RedisError:
        farewells.add((topic, member))


async def users_of(topic: str) -> list[str]:
    """Who hears a topic."""
    return sorted({member.split(" ", 1)[1] for member in await redis.zrange(place(topic), 0, -1)})


async def stay_present() -> None:
    """Say again and again who is here, and cross out who has not been named for long."""
    while True:
        began = time.monotonic()
        with suppress(RedisError):
            for connection in connections:
                for topic in connection.topics:
                    await come(topic, connection)
            for topic, member in list(farewells):
                await go(topic, member)
            if time.monotonic() - began < SAID_EVERY_S:
                await cross_out_the_lost()
        await asyncio.sleep(SAID_EVERY_S)


async def cross_out_the_lost() -> None:
    """Twice, with time in between for others to name theirs: Redis may just have come back."""
    lost = await the_lost()
    if lost:
        await asyncio.sleep(SAID_EVERY_S * 2)
        for topic, member in lost & await the_lost():
            await go(topic, member)


async def the_lost() -> set[tuple[str, str]]:
    """Those whom nobody has named lately."""
    before = time.time() - GONE_AFTER_S
    topics = await redis.smembers(TOPICS)
    return {(topic, member) for topic in topics for member in await redis.zrangebyscore(place(topic), 0, before)}


async def tail() -> None:
    """Deliver every event, from now on and in order."""
    seen: dict[str, str] = {}
    while True:
        try:
            for stream in (EVENTS, ORDERS_SENT):
                if stream not in seen:
                    newest = await redis.xrevrange(stream, count=1)
                    seen[stream] = newest[0][0] if newest else "0-0"
            for stream, entries in await redis.xread(dict(seen), count=100, block=300):
                for entry, fields in entries:
                    seen[stream] = entry
                    await deliver(stream, fields)
        except RedisError:
            await asyncio.sleep(0.2)


async def deliver(stream: str, fields: dict[str, str]) -> None:
    """Tell the connections that we have in the event's room."""
    with suppress(KeyError, ValueError):
        event = event_of(stream, fields)
        skipped = connections.of(event.except_user)
        await sio.emit(event.name, event.data, room=event.room, skip_sid=skipped)


async def end(connection: Connection) -> None:
    """End a connection for good."""
    socket = sio.eio.sockets.get(sio.manager.eio_sid_from_sid(connection.id, "/"))
    await sio.disconnect(connection.id)
    if socket:
        await socket.close(wait=False)
        # The end of what is to be written; its own close() leaves the WebSocket open until a ping is missed.
        await socket.queue.put(None)


async def end_expired() -> None:
    """End connections whose token expires."""
    while True:
        for connection in connections.expired():
            await end(connection)
        await asyncio.sleep(0.2)


async def welcome(connection: Connection) -> None:
    """Greet, once the client knows that it is connected."""
    await sio.emit("welcome", {"message": f"Hello {connection.user}", "user": connection.user}, to=connection.id)


@sio.event
async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
    """Let in who has a token."""
    token = auth.get("token") if isinstance(auth, dict) else None
    try:
        claims = tokens.verify(token if isinstance(token, str) else "")
    except InvalidToken:
        raise socketio.exceptions.ConnectionRefusedError("unauthorized") from None
    connection = Connection(sid, claims.sub, claims.exp)
    connections.add(connection)
    await sio.enter_room(sid, user_room(claims.sub))
    sio.start_background_task(welcome, connection)


@sio.event
async def disconnect(sid: str, reason: str) -> None:
    """Forget a connection."""
    connection = connections.remove(sid)
    if connection:
        # Noted first: when the process ends, this may be broken off.
        leaving = {(topic, f"{sid} {connection.user}") for topic in connection.topics}
        farewells.update(leaving)
        for topic, member in leaving:
            await go(topic, member)


async def join(connection: Connection, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Hear a topic."""
    asked = parse(Join, arguments)
    await sio.enter_room(connection.id, topic_room(asked.topic))
    try:
        await come(asked.topic, connection)
        users = await users_of(asked.topic)
        entries = await redis.xrange(f"chat:history:{asked.topic}", f"(0-{asked.since}")
    except RedisError:
        await forget(connection, asked.topic)
        raise
    connection.topics.add(asked.topic)
    messages = [{"id": int(entry[2:]), **json.loads(fields["message"])} for entry, fields in entries]
    complete = not messages or messages[0]["id"] == asked.since + 1
    return {"topic": asked.topic, "users": users, "messages": messages, "complete": complete}


async def leave(connection: Connection, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Hear it no longer."""
    asked = parse(Leave, arguments)
    await forget(connection, asked.topic)
    return {"topic": asked.topic}


async def forget(connection: Connection, topic: str) -> None:
    """Take a connection out of a topic."""
    await sio.leave_room(connection.id, topic_room(topic))
    connection.topics.discard(topic)
    await go(topic, f"{connection.id} {connection.user}")


async def say(connection: Connection, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Keep a message and have it delivered."""
    draft = parse(Draft, arguments)
    if draft.topic not in connection.topics:
        raise Refused(403, "join first")
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    message = {"topic": draft.topic, "user": connection.user, "text": draft.text, "timestamp": stamp}
    once = f"chat:once:{quote(connection.user)}:{draft.client_id}"
    keys = [once, f"chat:history:{draft.topic}", EVENTS]
    return {"id": int(await post(keys, [json.dumps(message), 100, KEPT_EVENTS, 600]))}


Handler = Callable[[Connection, tuple[Any, ...]], Awaitable[dict[str, Any]]]
HANDLERS: dict[str, Handler] = {"join": join, "leave": leave, "chatMessage": say}


@sio.on("*")
async def any_event(event: str, sid: str, *arguments: Any) -> dict[str, Any]:
    """Do what an event asks for, or tell why not."""
    connection = connections.get(sid)
    try:
        if not connection.may_send():
            raise Refused(429, "slower")
        if event not in HANDLERS:
            raise Refused(404, "no such event")
        return await HANDLERS[event](connection, arguments)
    except Refused as refused:
        if connection.was_warned_enough:
            sio.start_background_task(end, connection)
        return refusal(refused)
    except RedisError:
        return refusal(Refused(503, "try again"))


@asynccontextmanager
async def running(_: FastAPI) -> AsyncIterator[None]:
    """All that runs beside the requests."""
    tasks = [asyncio.create_task(task()) for task in (tail, stay_present, end_expired)]
    yield
    for task in tasks:
        task.cancel()
    here = {(topic, f"{connection.id} {connection.user}") for connection in connections for topic in connection.topics}
    for topic, member in here | farewells:
        await go(topic, member)


app = FastAPI(lifespan=running, openapi_url=None)
app.mount("/static", StaticFiles(directory=HERE / "static"))
templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


@app.get("/")
async def page(request: Request) -> Response:
    """The chat's page."""
    html = templates.get_template("index.html").render(url_for=lambda _, filename: f"/static/{filename}")
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": POLICY})


@app.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    return {"status": "ok"}


add_middleware_and_logging(app)
server = uvicorn.Server(
    uvicorn.Config(
        socketio.ASGIApp(sio, app),
        port=settings.port,
        ws_max_size=LARGEST_FRAME,
        log_config=None,
        log_level="critical",
        timeout_graceful_shutdown=2,
    )
)
for number in (signal.SIGTERM, signal.SIGINT):
    # uvicorn raises the signal again once it has shut down.
    signal.signal(number, lambda *_: None)
server.run()
