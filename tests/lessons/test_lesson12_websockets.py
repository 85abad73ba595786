"""Lesson 12: WebSockets. Each test is one promise of the lesson's contract, over Socket.IO, raw WebSockets and HTTP."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Condition, Thread
from typing import Any
from uuid import uuid4

import jwt
import pytest
import redis
import socketio
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import expect as see
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from taller.catalog import Course
from taller.grading import Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Service
from taller.runner import Process, System

SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"
ISSUER, AUDIENCE = "taller", "shop"
KEPT = 100
PER_SECOND = 20
MOST_BYTES = 2000
LARGEST_FRAME = 10_000
GONE_WITHIN_S = 8
BACK_WITHIN_S = 8
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE = shutil.which("node")
QUIET_CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
VENDORED = "solutions/lesson12_websockets/static/vendor/socket.io.min.js"

Data = dict[str, Any]


class Tokens:
    """Signs what lesson 7 would."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def of(self, user: str, *, lifetime: float = 600, secret: str = "", typ: str = "at+jwt", **claims: Any) -> str:
        """A token of this user, ``claims`` over the usual ones."""
        now = int(time.time())
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": user, "role": "customer", "jti": str(uuid4())}
        said = {**usual, "iat": now - 300, "exp": int(now + lifetime), **claims}
        return jwt.encode(said, secret or self._secret, "HS256", {"typ": typ})


class Guest:
    """Somebody with an official client of Socket.IO for Python; remembers all that it hears."""

    def __init__(self, url: str, user: str, token: str) -> None:
        self.user = user
        self.heard: list[tuple[str, Data]] = []
        self._news = Condition()
        self._client = socketio.Client(reconnection=False)
        self._client.on("*", self._hear)
        try:
            self._client.connect(url, auth={"token": token}, transports=["websocket"], wait_timeout=5)
        except socketio.exceptions.ConnectionError as error:
            raise Unmet("a connection", f"{error}", f"CONNECT as {user}, with a good token") from None

    @property
    def sid(self) -> str:
        """The connection's id, as the server gave it."""
        return str(self._client.get_sid("/"))

    @property
    def connected(self) -> bool:
        """Whether the connection is open, as far as the client knows."""
        return bool(self._client.connected)

    def ask(self, event: str, *payload: Any) -> Data:
        """Emit an event, and wait for the object in its acknowledgement."""
        sent = f"{event} {_short(payload)} by {self.user}"
        try:
            answer = self._client.call(event, payload, timeout=5)
        except socketio.exceptions.TimeoutError:
            raise Unmet("an acknowledgement", "none within 5 s", sent, hung=True) from None
        except socketio.exceptions.SocketIOError as error:
            raise Unmet("an acknowledgement", f"the connection broke ({error!r})", sent, disconnected=True) from None
        expect(isinstance(answer, dict), "an object as the acknowledgement", _short(answer), sent)
        return dict(answer)

    def done(self, event: str, payload: Data) -> Data:
        """The acknowledgement of an event that has to be done."""
        answer = self.ask(event, payload)
        expect("error" not in answer, f"{event} to be done", _short(answer), f"{event} {_short(payload)}")
        return answer

    def refused(self, status: int, event: str, *payload: Any, field: str = "") -> None:
        """The event is refused with this status, and the answer names the field."""
        answer = self.ask(event, *payload)
        sent, error = f"{event} {_short(payload)}", answer.get("error")
        expected = f'an acknowledgement {{"error": {{"status": {status}, …}}}}'
        expect(isinstance(error, dict) and error.get("status") == status, expected, _short(answer), sent)
        if field:
            fields = [str(wrong.get("field")) for wrong in (error or {}).get("errors", [])]
            expect(field in fields, f"errors that name the field {field!r}", _short(answer), sent)

    def join(self, topic: str, **more: Any) -> Data:
        """Join a topic; the acknowledgement."""
        answer = self.done("join", {"topic": topic, **more})
        for field, kind in (("users", list), ("messages", list), ("complete", bool)):
            expect(isinstance(answer.get(field), kind), f"{field!r} in it", _short(answer), f"join {topic}")
        return answer

    def say(self, topic: str, text: str, **more: Any) -> int:
        """Say something; the message's id."""
        answer = self.done("chatMessage", {"topic": topic, "text": text, **more})
        got = answer.get("id")
        expect(type(got) is int and got > 0, "a positive whole number as id", _short(answer), f"chatMessage {text}")
        return int(str(got))

    def all(self, event: str, **fields: Any) -> list[Data]:
        """What it has heard of an event so far, with these fields."""
        with self._news:
            heard = [data for name, data in self.heard if name == event]
        return [data for data in heard if fields.items() <= data.items()]

    def hears(self, event: str, within: float = 5, **fields: Any) -> Data:
        """Wait for an event with these fields."""

        def there() -> bool:
            return bool(self.all(event, **fields))

        with self._news:
            if not self._news.wait_for(there, within):
                others = "; ".join(f"{name} {_short(data)}" for name, data in self.heard[-4:])
                expected = f"{self.user} to hear {event} {_short(fields)} within {within:g} s"
                raise Unmet(expected, others or "nothing at all")
        return self.all(event, **fields)[0]

    def ends(self, within: float) -> bool:
        """Whether the server ends the connection in that time."""
        deadline = time.monotonic() + within
        while self.connected and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self.connected

    def close(self) -> None:
        """Break the connection."""
        with suppress(Exception):
            self._client.disconnect()

    def _hear(self, event: str, *payload: Any) -> None:
        data = payload[0] if payload and isinstance(payload[0], dict) else {"payload": payload}
        with self._news:
            self.heard.append((event, data))
            self._news.notify_all()


Enter = Callable[..., Guest]


@pytest.fixture
def tokens(system: System) -> Tokens:
    """Signs tokens with the secret that the processes have."""
    return Tokens(system.submission.lesson.environment["JWT_SECRET"])


@pytest.fixture
def enter(system: System, tokens: Tokens) -> Iterator[Enter]:
    """Connects somebody: ``enter("ana")`` to the first process, ``enter("ana", 1)`` to the second."""
    guests: list[Guest] = []

    def connected(user: str, process: int = 0, *, topic: str = "", lifetime: float = 600) -> Guest:
        web = system.processes("web")[process]
        guest = Guest(web.url, user, tokens.of(user, lifetime=lifetime))
        guests.append(guest)
        if topic:
            guest.join(topic)
        return guest

    yield connected
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Guest.close, guests))


@pytest.fixture
def outside(services: dict[str, Service]) -> Iterator[redis.Redis]:
    """Redis, as another service has it."""
    with redis.Redis.from_url(services["redis"].url, decode_responses=True) as client:
        yield client


def refusal_of(url: str, auth: Any) -> str:
    """What a client is told that must not get in; raises ``Unmet`` when it does."""
    client = socketio.Client(reconnection=False)
    told: list[str] = []
    client.on("connect_error", lambda data=None: told.append(str(data)))
    try:
        client.connect(url, auth=auth, transports=["websocket"], wait_timeout=5)
    except socketio.exceptions.ConnectionError:
        return "".join(told)
    client.disconnect()
    raise Unmet("a connection that is refused", "it is accepted", f"CONNECT with auth {_short(auth)}")


# health


@pytest.mark.step("health")
def test_health_answers_ok(system: System) -> None:
    for process in system.processes("web"):
        with closing(Client(process.url)) as web:
            web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("health")
def test_a_variable_that_makes_no_sense_ends_the_process_with_status_2(system: System, draw: Draw) -> None:
    secret = draw.token()
    wrong = {"REDIS_URL": f"http://shop:{secret}@localhost", "JWT_SECRET": secret}
    launched = [(system.launch("web", {name: value}), name, value) for name, value in wrong.items()]
    for process, name, value in launched:
        refuses_to_start(process, name, value, hides=secret)


# connect


@pytest.mark.step("connect")
def test_whoever_has_a_token_is_welcome(enter: Enter, draw: Draw) -> None:
    user = draw.token()
    welcome = enter(user).hears("welcome")
    expect(welcome.get("user") == user, f"welcome with the user {user!r}", welcome)
    expect(isinstance(welcome.get("message"), str) and welcome["message"], "welcome with a message", welcome)


@pytest.mark.step("connect")
def test_without_a_good_token_nobody_gets_in(system: System, tokens: Tokens, draw: Draw) -> None:
    user, url = draw.token(), system.url("web")
    good = tokens.of(user)
    head, body, _ = good.split(".")
    unsigned = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "", "none", {"typ": "at+jwt"})
    wrong = {
        "no auth": None,
        "no token": {},
        "null": {"token": None},
        "a list": {"token": [good]},
        "no text": {"token": 7},
        "nonsense": {"token": draw.token()},
        "another secret": {"token": tokens.of(user, secret=draw.token(40))},
        "alg none": {"token": unsigned},
        "no signature": {"token": f"{head}.{body}."},
        "expired": {"token": tokens.of(user, lifetime=-60)},
        "another audience": {"token": tokens.of(user, aud="bank")},
        "another issuer": {"token": tokens.of(user, iss="mallory")},
        "another type": {"token": tokens.of(user, typ="JWT")},
    }
    for what, auth in wrong.items():
        try:
            told = refusal_of(url, auth)
        except Unmet as unmet:
            raise Unmet(unmet.expected, unmet.got, f"{unmet.sent} ({what})") from None
        expect("unauthorized" in told, "CONNECT_ERROR with the message 'unauthorized'", told, f"a token: {what}")


@pytest.mark.step("connect")
def test_a_page_from_elsewhere_cannot_connect(system: System) -> None:
    url, polling = system.url("web"), SOCKET_IO.replace("websocket", "polling")
    for origin in ("http://evil.example", f"{url}.evil.example", "null"):
        sent = f"GET /socket.io/ with Origin: {origin}"
        with closing(Client(url)) as web:
            expect(web.get(polling, headers={"Origin": origin}).status in (400, 403), "400 or 403", "it opens", sent)
        with _refused_with_400_or_403(sent), _raw(url, origin=origin):
            raise Unmet("400 or 403, and no WebSocket", "it opens", sent)
    for allowed in (url, None):
        with _raw(url, origin=allowed) as opened:
            first = _frame(opened)
            expect(first.startswith("0{"), f"a WebSocket with Origin: {allowed}", first)
    with closing(Client(url)) as web:
        opened_by_polling = web.get(polling).has_status(200)
        expect(opened_by_polling.text.startswith("0{"), "long polling to open, too", opened_by_polling.got)


@contextmanager
def _refused_with_400_or_403(sent: str) -> Iterator[None]:
    """What is done inside has to be refused with 400 or 403."""
    try:
        yield
    except InvalidStatus as error:
        status = error.response.status_code
        expect(status in (400, 403), "400 or 403", status, sent)


@pytest.mark.step("connect")
def test_a_connection_ends_when_its_token_expires(enter: Enter, draw: Draw) -> None:
    other = enter(draw.token())
    expires = int(time.time()) + 2
    guest = enter(draw.token(), lifetime=2)
    expect(guest.ends(within=6), "the connection to end when its token expires", "it is open 4 s later")
    early = expires - time.time()
    expect(early < 0.5, "the connection to last as long as its token", f"it ended {early:.1f} s before")
    expect(other.connected, "the connections of others to go on", "they have ended too")


@pytest.mark.step("connect")
def test_no_token_gets_into_the_log(system: System, tokens: Tokens, draw: Draw) -> None:
    web = system.processes("web")[0]
    good, bad = tokens.of(draw.token()), tokens.of(draw.token(), secret=draw.token(40))
    Guest(web.url, "somebody", good).close()
    refusal_of(web.url, {"token": bad})
    log = web.log()
    for token in (good, bad):
        expect(token not in log, "a log without tokens", "a token is in it", "CONNECT with a token")


# rooms


@pytest.mark.step("rooms")
def test_what_is_said_in_a_topic_is_heard_by_all_in_it_on_both_processes(enter: Enter, draw: Draw) -> None:
    topic, text = draw.token(), draw.name()
    guests = [enter(draw.token(), process, topic=topic) for process in (0, 1, 0)]
    message_id = guests[0].say(topic, text)
    for guest in guests:
        message = guest.hears("chatMessage", id=message_id)
        expected = {"id": message_id, "topic": topic, "user": guests[0].user, "text": text}
        expect(expected.items() <= message.items(), json.dumps(expected), _short(message), f"chatMessage {text}")
        _is_now(message.get("timestamp"))


@pytest.mark.step("rooms")
def test_messages_are_heard_in_the_order_of_their_ids(enter: Enter, draw: Draw) -> None:
    topic = draw.token()
    first, second = enter(draw.token(), 0, topic=topic), enter(draw.token(), 1, topic=topic)

    def say(guest: Guest) -> list[int]:
        return [guest.say(topic, draw.name()) for _ in range(10)]

    with ThreadPoolExecutor() as pool:
        ids = sorted(number for said in pool.map(say, (first, second)) for number in said)
    for guest in (first, second):
        guest.hears("chatMessage", id=ids[-1])
        heard = [message["id"] for message in guest.all("chatMessage")]
        expect(heard == ids, f"each message once, in the order of the ids {ids}", heard, "10 messages by each of two")


@pytest.mark.step("rooms")
def test_who_has_not_joined_neither_hears_nor_speaks(enter: Enter, draw: Draw) -> None:
    topic, elsewhere = draw.token(), draw.token()
    member, outsider = enter(draw.token(), topic=topic), enter(draw.token(), 1, topic=elsewhere)
    member.join(elsewhere)
    outsider.refused(403, "chatMessage", {"topic": topic, "text": draw.name()})
    member.say(topic, draw.name())
    last = member.say(elsewhere, draw.name())
    outsider.hears("chatMessage", topic=elsewhere, id=last)
    leaked = outsider.all("chatMessage", topic=topic)
    expect(not leaked, "an outsider to hear nothing of the topic", leaked)
    spoken = [message for message in member.all("chatMessage", topic=topic) if message["user"] == outsider.user]
    expect(not spoken, "nothing from somebody who has not joined", spoken)


@pytest.mark.step("rooms")
def test_who_has_left_hears_no_more(enter: Enter, draw: Draw) -> None:
    topic, elsewhere = draw.token(), draw.token()
    stays, leaves = enter(draw.token(), topic=topic), enter(draw.token(), 1, topic=topic)
    for guest in (stays, leaves):
        guest.join(elsewhere)
    leaves.done("leave", {"topic": topic})
    leaves.refused(403, "chatMessage", {"topic": topic, "text": draw.name()})
    text = draw.name()
    stays.say(topic, text)
    stays.say(elsewhere, "the last word")
    leaves.hears("chatMessage", topic=elsewhere, text="the last word")
    expect(not leaves.all("chatMessage", text=text), "silence after leave", leaves.all("chatMessage", text=text))


@pytest.mark.step("rooms")
def test_an_order_on_its_way_is_told_to_its_customer_and_to_nobody_else(
    enter: Enter, outside: redis.Redis, draw: Draw
) -> None:
    customer, nosy = draw.token(), draw.token()
    windows = [enter(customer, 0), enter(customer, 1)]
    spies = [enter(nosy, 0), enter(nosy, 1)]
    for spy, window in zip(spies, windows, strict=True):
        for topic in (customer, f"user-{customer}", f"user:{customer}", window.sid, f"/{customer}", "", "*"):
            spy.ask("join", {"topic": topic})
    order, own = draw.integer(1, 10**6), draw.integer(1, 10**6)
    sent = f"XADD pedido_enviado * userId {customer} orderId {order}"
    outside.xadd("pedido_enviado", {"colour": "red"})
    outside.xadd("pedido_enviado", {"userId": customer, "orderId": order})
    outside.xadd("pedido_enviado", {"userId": nosy, "orderId": own})
    for window in windows:
        told = window.hears("pedidoActualizado", id=order)
        expected = {"id": order, "estado": "ENVIADO", "mensaje": "Tu pedido está en camino!"}
        expect(told == expected, json.dumps(expected, ensure_ascii=False), _short(told), sent)
    for spy in spies:
        spy.hears("pedidoActualizado", id=own)
        expect(not spy.all("pedidoActualizado", id=order), "nobody else to be told", "another user was", sent)


# history


@pytest.mark.step("history")
def test_who_joins_is_told_what_was_said(enter: Enter, draw: Draw) -> None:
    topic = draw.token()
    speaker = enter(draw.token(), 0, topic=topic)
    ids = [speaker.say(topic, draw.name()) for _ in range(draw.integer(3, 6))]
    live = [speaker.hears("chatMessage", id=number) for number in ids]
    joined = enter(draw.token(), 1).join(topic)
    expect(joined["messages"] == live, f"the messages as they were said, oldest first: {live}", joined["messages"])
    expect(joined["complete"], "complete: true", _short(joined))
    later = enter(draw.token(), 1).join(topic, since=ids[1])
    expect(later["messages"] == live[2:], f"only what came after {ids[1]}: {live[2:]}", later["messages"])
    expect(later["complete"], "complete: true", _short(later))
    nothing = enter(draw.token()).join(topic, since=ids[-1])
    expect(nothing["messages"] == [] and nothing["complete"], "no message after the last, complete", _short(nothing))


@pytest.mark.step("history")
def test_the_last_hundred_messages_are_kept(enter: Enter, draw: Draw) -> None:
    topic, speakers = draw.token(), 7
    guests = [enter(draw.token(), number % 2, topic=topic) for number in range(speakers)]
    with ThreadPoolExecutor(speakers) as pool:
        said = pool.map(lambda guest: [guest.say(topic, draw.name()) for _ in range(16)], guests)
        ids = sorted(number for numbers in said for number in numbers)
    sent = f"{len(ids)} messages, then join"
    joined = guests[0].join(topic)
    got = [message["id"] for message in joined["messages"]]
    expect(got == ids[-KEPT:], f"the last {KEPT} messages", f"{len(got)}, from {got[:1]} to {got[-1:]}", sent)
    expect(not joined["complete"], "complete: false, because there were others", _short(joined["complete"]), sent)
    since = guests[1].join(topic, since=ids[0])
    expect(not since["complete"], "complete: false where messages are missing in between", since["complete"], sent)
    whole = guests[2].join(topic, since=ids[-KEPT - 1])
    expect(whole["complete"], "complete: true where none is missing", whole["complete"], sent)


@pytest.mark.step("history")
def test_who_joins_while_others_speak_misses_nothing(enter: Enter, draw: Draw) -> None:
    topic = draw.token()
    speaker, late = enter(draw.token(), 0, topic=topic), enter(draw.token(), 1)
    with ThreadPoolExecutor() as pool:
        speaking = pool.submit(lambda: [speaker.say(topic, draw.name()) for _ in range(18)])
        speaker.hears("chatMessage")
        joined = late.join(topic)
        ids = speaking.result()
    late.hears("chatMessage", id=ids[-1])
    heard = {message["id"] for message in [*joined["messages"], *late.all("chatMessage")]}
    expect(heard == set(ids), f"the messages {ids}, in the history or live", sorted(heard), "join while others speak")


@pytest.mark.step("history")
def test_a_message_that_is_sent_again_is_one_message(enter: Enter, draw: Draw) -> None:
    topic, user, text = draw.token(), draw.token(), draw.name()
    windows = [enter(user, 0, topic=topic), enter(user, 1, topic=topic)]
    client_id = draw.token()
    first = windows[0].say(topic, text, clientId=client_id)
    with ThreadPoolExecutor() as pool:
        again = list(pool.map(lambda window: window.say(topic, text, clientId=client_id), windows * 2))
    sent = f"chatMessage with the same clientId {client_id} five times"
    expect(set(again) == {first}, f"the id {first} every time", again, sent)
    last = windows[0].say(topic, "the last word")
    windows[1].hears("chatMessage", id=last)
    heard = windows[1].all("chatMessage", text=text)
    expect(len(heard) == 1, "one message", f"{len(heard)} messages", sent)
    kept = [message for message in windows[0].join(topic)["messages"] if message["text"] == text]
    expect(len(kept) == 1, "one message in the history", f"{len(kept)} messages", sent)


@pytest.mark.step("history")
def test_a_client_id_is_the_users_own(enter: Enter, draw: Draw) -> None:
    topic, client_id, name = draw.token(), draw.token(), draw.token()
    ids = {
        enter(name, topic=topic).say(topic, draw.name(), clientId=f"x:{client_id}"),
        enter(f"{name}:x", topic=topic).say(topic, draw.name(), clientId=client_id),
        enter(draw.token(), topic=topic).say(topic, draw.name(), clientId=client_id),
    }
    expect(len(ids) == 3, "three messages", f"the ids {ids}", "the same clientId by three users")


@pytest.mark.step("history")
def test_who_comes_back_has_missed_nothing(enter: Enter, draw: Draw) -> None:
    topic, user = draw.token(), draw.token()
    speaker, guest = enter(draw.token(), 1, topic=topic), enter(user, 0, topic=topic)
    seen = speaker.say(topic, draw.name())
    guest.hears("chatMessage", id=seen)
    guest.close()
    missed = [speaker.say(topic, draw.name()) for _ in range(3)]
    joined = enter(user, 1).join(topic, since=seen)
    got = [message["id"] for message in joined["messages"]]
    sent = f"join since {seen}, on the other process, after three messages without a connection"
    expect(got == missed, f"the messages {missed}", got, sent)


# presence


@pytest.mark.step("presence")
def test_who_joins_is_told_who_is_there_and_the_others_are_told_of_them(enter: Enter, draw: Draw) -> None:
    topic, names = draw.token(), [draw.token() for _ in range(3)]
    first, second = enter(names[0], 0, topic=topic), enter(names[1], 1, topic=topic)
    third = enter(names[2], 0)
    users = third.join(topic)["users"]
    expect(sorted(users) == sorted(names), f"the users {sorted(names)}", users, f"join {topic}")
    for guest in (first, second):
        joined = guest.hears("userJoined", user=names[2])
        expect(joined.get("topic") == topic, f"the topic {topic}", joined)
        expect(isinstance(joined.get("message"), str), "a message", joined)
    third.say(topic, "the last word")
    third.hears("chatMessage", text="the last word")
    expect(not third.all("userJoined"), "userJoined for the others only", third.all("userJoined"))
    third.close()
    for guest in (first, second):
        left = guest.hears("userLeft", user=names[2])
        expect(left.get("topic") == topic and isinstance(left.get("message"), str), "topic and message", left)
    users = first.join(topic)["users"]
    expect(sorted(users) == sorted(names[:2]), f"the users {sorted(names[:2])}", users, "one of three has left")


@pytest.mark.step("presence")
def test_a_user_with_two_windows_is_there_once_until_the_last_is_closed(enter: Enter, draw: Draw) -> None:
    topic, user = draw.token(), draw.token()
    watcher = enter(draw.token(), topic=topic)
    first, second = enter(user, 0, topic=topic), enter(user, 1)
    users = second.join(topic)["users"]
    expect(users.count(user) == 1, "each user once", users, "join by the same user on the other process")
    first.close()
    second.say(topic, "still here")
    watcher.hears("chatMessage", text="still here")
    expect(watcher.join(topic)["users"].count(user) == 1, "the user to be there still", "it is gone")
    second.done("leave", {"topic": topic})
    watcher.hears("userLeft", user=user)
    told = [len(watcher.all(event, user=user)) for event in ("userJoined", "userLeft")]
    expect(told == [1, 1], "userJoined and userLeft once each", told, "two windows open, both close")


@pytest.mark.step("presence")
def test_who_is_where_is_told_only_there(enter: Enter, draw: Draw) -> None:
    topic, elsewhere = draw.token(), draw.token()
    watcher = enter(draw.token(), 1, topic=elsewhere)
    guest = enter(draw.token(), topic=topic)
    guest.done("leave", {"topic": topic})
    guest.join(elsewhere)
    watcher.hears("userJoined", user=guest.user)
    told = [data for event in ("userJoined", "userLeft") for data in watcher.all(event, topic=topic)]
    expect(not told, "nothing of a topic that one has not joined", told)


@pytest.mark.step("presence")
def test_the_users_of_a_killed_process_are_gone_soon(enter: Enter, system: System, draw: Draw) -> None:
    topic = draw.token()
    watcher = enter(draw.token(), 0, topic=topic)
    lost = [enter(draw.token(), 1, topic=topic) for _ in range(2)]
    stays = enter(lost[0].user, 0, topic=topic)
    system.processes("web")[1].kill()
    watcher.hears("userLeft", within=GONE_WITHIN_S, user=lost[1].user)
    users = watcher.join(topic)["users"]
    expected = sorted([watcher.user, stays.user])
    expect(sorted(users) == expected, f"the users {expected}", users, "kill -9 of the other process")
    told = len(watcher.all("userLeft", user=lost[1].user)), len(watcher.all("userLeft", user=stays.user))
    expect(told == (1, 0), "userLeft once, and only for who has no other connection", told)


# refuse


@pytest.mark.step("refuse")
def test_two_thousand_bytes_and_no_more(enter: Enter, draw: Draw) -> None:
    topic = draw.token()
    guest = enter(draw.token(), topic=topic)
    text = "ñ" * (MOST_BYTES // 2)
    message = guest.say(topic, text)
    expect(guest.hears("chatMessage", id=message).get("text") == text, f"the text of {MOST_BYTES} bytes", "another")
    guest.refused(422, "chatMessage", {"topic": topic, "text": f"{text}."}, field="text")
    guest.refused(422, "chatMessage", {"topic": topic, "text": "x" * (MOST_BYTES + 1)}, field="text")


@pytest.mark.step("refuse")
def test_what_is_no_message_is_refused_by_name_and_heard_by_nobody(enter: Enter, draw: Draw) -> None:
    topic = draw.token()
    good = {"topic": topic, "text": "fine"}
    changes: list[tuple[Data, str]] = [
        ({"text": ""}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": ["fine"]}, "text"),
        ({"text": {"toString": "fine"}}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"colour": "red"}, "colour"),
        ({"user": "the king"}, "user"),
        ({"clientId": 5}, "clientId"),
        ({"clientId": ""}, "clientId"),
        ({"clientId": "x" * 65}, "clientId"),
        ({"topic": 5}, "topic"),
        ({"topic": topic.upper()}, "topic"),
    ]
    guest, witness = enter(draw.token(), topic=topic), enter(draw.token(), 1, topic=topic)
    for change, field in changes:
        guest.refused(422, "chatMessage", {**good, **change}, field=field)
    other = enter(draw.token(), topic=topic)
    for payload in ([], [None], ["fine"], [5], [[good]], [good, good]):
        other.refused(422, "chatMessage", *payload)
    other.say(topic, "the last word")
    witness.hears("chatMessage", text="the last word")
    heard = [message["text"] for message in witness.all("chatMessage")]
    expect(heard == ["the last word"], "what is refused to be heard by nobody", heard)


@pytest.mark.step("refuse")
def test_topics_and_events_that_make_no_sense_are_refused(enter: Enter, draw: Draw) -> None:
    guest = enter(draw.token())
    for topic in ("", "x" * 41, "-x", "Ñandú", "a b", "a/b", "a\n", "user:x", None, 7, ["x"]):
        guest.refused(422, "join", {"topic": topic}, field="topic")
    for since in (-1, "1", 1.5, True, None):
        guest.refused(422, "join", {"topic": "general", "since": since}, field="since")
    guest.refused(404, draw.token(), {"topic": "general"})


@pytest.mark.step("refuse")
def test_binary_data_is_no_message(enter: Enter, system: System, tokens: Tokens, draw: Draw) -> None:
    topic = draw.token()
    witness = enter(draw.token(), 1, topic=topic)
    with _member(system.url("web"), tokens.of(draw.token()), topic) as raw, suppress(WebSocketException):
        raw.send(f'451-1["chatMessage",{{"topic":"{topic}","text":{{"_placeholder":true,"num":0}}}}]')
        raw.send(draw.name().encode())
    speaker = enter(draw.token(), topic=topic)
    speaker.say(topic, "the last word")
    witness.hears("chatMessage", text="the last word")
    expect(len(witness.all("chatMessage")) == 1, "nothing of it to be heard", witness.all("chatMessage"))


@pytest.mark.step("refuse")
def test_a_flood_is_refused_and_hurts_nobody_else(enter: Enter, system: System, tokens: Tokens, draw: Draw) -> None:
    topic, count = draw.token(), 80
    witness = enter(draw.token(), 0, topic=topic)
    with _member(system.url("web"), tokens.of(draw.token()), topic) as raw:
        began = time.monotonic()
        for number in range(count):
            raw.send(f'42{number}["chatMessage",{{"topic":"{topic}","text":"flood"}}]')
        witness.say(topic, "in between")
        answers = [_answer(raw, number) for number in range(count)]
        seconds = time.monotonic() - began
        sent = f"{count} messages within {seconds:.1f} s"
        taken = [answer for answer in answers if "id" in answer]
        most = PER_SECOND * (1 + seconds) + 1
        expect(len(taken) <= most, f"at most {most:.0f} to be taken", len(taken), sent)
        expect(len(taken) >= PER_SECOND - 5, f"the first {PER_SECOND} to be taken", len(taken), sent)
        statuses = {answer.get("error", {}).get("status") for answer in answers if "id" not in answer}
        expect(statuses == {429}, "the others to be refused with the status 429", statuses, sent)
        witness.hears("chatMessage", text="in between")

        def taken_again() -> bool:
            raw.send(f'42{count}["chatMessage",{{"topic":"{topic}","text":"slower"}}]')
            return "id" in _answer(raw, count)

        eventually(taken_again, expected="a message to be taken again after a pause")
    witness.hears("chatMessage", text="slower")
    heard = len(witness.all("chatMessage", text="flood"))
    expect(heard == len(taken), f"the {len(taken)} messages that were taken to be heard", heard, sent)


@pytest.mark.step("refuse")
def test_who_goes_on_flooding_is_thrown_out(enter: Enter, system: System, tokens: Tokens, draw: Draw) -> None:
    topic = draw.token()
    witness = enter(draw.token(), topic=topic)
    with _member(system.url("web"), tokens.of(draw.token()), topic) as raw:
        with suppress(WebSocketException):
            for number in range(600):
                raw.send(f'42{number}["{draw.word()}"]')
        _ended(raw, "600 events at once")
    witness.say(topic, draw.name())


@pytest.mark.step("refuse")
def test_a_frame_that_is_too_large_ends_its_connection(
    enter: Enter, system: System, tokens: Tokens, draw: Draw
) -> None:
    topic = draw.token()
    witness = enter(draw.token(), topic=topic)
    for text in ("x" * LARGEST_FRAME, "x" * 3_000_000):
        with _member(system.url("web"), tokens.of(draw.token()), topic) as raw:
            with suppress(WebSocketException):
                raw.send(f'42["chatMessage",{{"topic":"{topic}","text":"{text}"}}]')
            _ended(raw, f"a frame of over {len(text)} bytes")
    witness.say(topic, draw.name())
    expect(len(witness.all("userJoined")) == 2, "two to have joined", witness.all("userJoined"))
    eventually(lambda: len(witness.all("userLeft")) == 2, expected="both to have left", within=3)


@pytest.mark.step("refuse")
def test_nonsense_from_a_raw_websocket_hurts_nobody(enter: Enter, system: System, tokens: Tokens, draw: Draw) -> None:
    topic, web = draw.token(), system.processes("web")[0]
    guest, witness = enter(draw.token(), 0, topic=topic), enter(draw.token(), 1, topic=topic)
    pid = web.pid
    nonsense: list[str | bytes] = [
        *("", "x", "9", "7", "b", "b!!!", "4", "49", "4x", "42", "42{", "42[]", "42[5]", "42{}", '42"x"', "42null"),
        *('42[["chatMessage"]]', '42[{"a":1}]', "42" + "[" * 4000, "42" + "1" * 4000 + '["x"]', "40", "40{", "43"),
        *("4399[]", "44", '44{"message":"x"}', "451-", "45999999999-[]", '450-["x"]', "46", "40/admin,", "42/admin,[]"),
        *(b"", b"\x00", b"4" + b"2" * 50, "2probe", "5", "0{}", "1x", "6", "3", "\x00", '42["\\ud800"]', "4٣"),
    ]
    with ThreadPoolExecutor(8) as pool:
        for frame in pool.map(lambda frame: _send_alone(web.url, tokens.of(draw.token()), topic, frame), nonsense):
            expect(web.alive and web.pid == pid, "the process to go on", "it ended", f"the frame {_short(frame)}")
    with _raw(web.url) as raw:
        _frame(raw)
        with suppress(WebSocketException):
            raw.send(f'421["chatMessage",{{"topic":"{topic}","text":"nobody"}}]')
            raw.send(f'422["join",{{"topic":"{topic}"}}]')
    text = draw.name()
    guest.say(topic, text)
    witness.hears("chatMessage", text=text)
    heard = [message["text"] for message in witness.all("chatMessage")]
    expect(heard == [text], "nothing else to be heard", heard)


@pytest.mark.step("refuse")
def test_nobody_can_seem_to_be_gone_and_listen_on(enter: Enter, system: System, tokens: Tokens, draw: Draw) -> None:
    topic = draw.token()
    witness = enter(draw.token(), topic=topic)
    for frame in ('42["disconnect","x"]', '42["disconnect"]', '42["connect",{}]', '42["connect"]'):
        user = draw.token()
        with _member(system.url("web"), tokens.of(user), topic) as raw:
            raw.send(frame)
            texts = [draw.token() for _ in range(3)]
            for text in texts[:2]:
                witness.say(topic, text)
                _hears(raw, text)
            users = witness.join(topic)["users"]
            witness.say(topic, texts[2])
            if _hears(raw, texts[2]):
                expect(user in users, "who hears a topic to be among its users", users, frame)


@pytest.mark.step("refuse")
def test_a_page_that_is_not_there_is_a_problem(web: Client) -> None:
    web.get("/nowhere").has_status(404).header("Content-Type", r"application/problem\+json.*")
    answer = web.post("/").has_status(405)
    answer.header("Content-Type", r"application/problem\+json.*")
    answer.header("Allow", r".*GET.*")


# page


@pytest.mark.step("page")
def test_the_page_has_what_the_contract_names_and_asks_nobody_else(web: Client) -> None:
    answer = web.get("/").has_status(200)
    answer.header("Content-Type", "text/html.*")
    page = BeautifulSoup(answer.text, "html5lib")
    for name in ("login", "token", "topic", "form", "input", "messages", "users", "status"):
        expect(page.find(id=name), f'an element with id="{name}"', "none", answer.sent)
    targets = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "link", "img", "iframe"])]
    for target in filter(None, map(str, targets)):
        expect(not re.match(r"(https?:)?//", target), "no URL of another server", target, answer.sent)
        if not target.startswith("data:"):
            web.get(target).has_status(200)
    policy = answer.header("Content-Security-Policy")
    scripts = re.search(r"(script-src|default-src)\s+([^;]*)", policy)
    allowed = scripts[2] if scripts else "*"
    expect(not re.search(r"unsafe-inline|\*|https?:", allowed), "a policy that allows our own scripts only", policy)


class Relay:
    """A TCP relay that can lose the network: what is open breaks, and nothing new is let through."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self.online = True
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Lose the network."""
        self.online = False
        for end in self._open:
            _break(end)
        self._open.clear()

    def close(self) -> None:
        """End it."""
        self.cut()
        _break(self._listener)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self.online:
                    _break(client)
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                for ends in ((client, server), (server, client)):
                    Thread(target=_pump, args=ends, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _break(sink)


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def relay(system: System) -> Iterator[Relay]:
    """The network between a browser and the first process."""
    port = system.processes("web")[0].port
    assert port is not None
    relay = Relay(port)
    yield relay
    relay.close()


@pytest.mark.step("page")
class TestInABrowser:
    """What the page does in Chromium; not run where there is none."""

    __test__ = CHROMIUM is not None

    def test_two_browsers_chat(self, chromium: Browser, system: System, tokens: Tokens, draw: Draw) -> None:
        ana, ben, topic = draw.token(), draw.token(), draw.token()
        urls = [process.url for process in system.processes("web")]
        with Window(chromium, urls[0]) as first, Window(chromium, urls[1]) as second:
            first.log_in(tokens.of(ana), topic)
            first.sees("#users", ana)
            second.log_in(tokens.of(ben), topic)
            for window in (first, second):
                window.sees("#users", ana)
                window.sees("#users", ben)
            texts = [draw.name(), f"<img src=x onerror='window.pwned=1'> {draw.word()}", f"<b>{draw.name()}</b>"]
            for text in texts:
                first.say(text)
            answer = draw.name()
            second.sees("#messages", texts[-1])
            second.say(answer)
            for window in (first, second):
                window.shows([*texts, answer])
                expect(window.page.evaluate("window.pwned") is None, "text to stay text", "it runs as a script")
            expect(not first.strangers + second.strangers, "no request to anybody else", first.strangers)

    def test_a_browser_that_loses_the_network_comes_back_without_losing_a_message(
        self, chromium: Browser, relay: Relay, enter: Enter, tokens: Tokens, draw: Draw
    ) -> None:
        topic, user = draw.token(), draw.token()
        friend = enter(draw.token(), 1, topic=topic)
        before = [draw.name() for _ in range(2)]
        friend.say(topic, before[0])
        with Window(chromium, f"http://127.0.0.1:{relay.port}") as window:
            window.log_in(tokens.of(user), topic)
            window.sees("#messages", before[0])
            online = window.page.locator("#status").inner_text()
            friend.say(topic, before[1])
            window.sees("#messages", before[1])
            relay.cut()
            see(window.page.locator("#status")).not_to_have_text(online, timeout=5000)
            missed = [draw.name() for _ in range(3)]
            for text in missed:
                friend.say(topic, text)
            own = draw.name()
            window.say(own)
            relay.online = True
            see(window.page.locator("#status")).to_have_text(online, timeout=10_000)
            friend.hears("chatMessage", within=8, user=user, text=own)
            window.shows([*before, *missed, own])
            after = draw.name()
            friend.say(topic, after)
            window.shows([*before, *missed, own, after])
        heard = friend.all("chatMessage", text=own)
        expect(len(heard) == 1, "what was typed without a network to be said once", f"{len(heard)} times", own)

    def test_a_token_that_is_not_accepted_lets_one_try_again(
        self, chromium: Browser, system: System, tokens: Tokens, draw: Draw
    ) -> None:
        user, topic = draw.token(), draw.token()
        with Window(chromium, system.url("web")) as window:
            window.log_in(tokens.of(user, lifetime=-60), topic)
            see(window.page.locator("#login")).to_be_visible()
            window.log_in(tokens.of(user), topic)
            window.sees("#users", user)


class Window:
    """A page in a browser of its own, and the requests that went to anybody else."""

    def __init__(self, chromium: Browser, url: str) -> None:
        self.strangers: list[str] = []
        self._url = url
        self._context = chromium.new_context(viewport={"width": 390, "height": 844})
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(5000)
        self.page.on("request", lambda request: self._look_where_it_goes(request.url))

    def __enter__(self) -> "Window":
        self.page.goto(self._url)
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def log_in(self, token: str, topic: str) -> None:
        """Fill in the form."""
        try:
            self.page.locator("#token").fill(token)
            self.page.locator("#topic").fill(topic)
            self.page.locator("#login button").click()
        except BrowserError as error:
            raise Unmet("#login with #token, #topic and a button", str(error).splitlines()[0]) from None

    def say(self, text: str) -> None:
        """Write a message and press Enter."""
        try:
            self.page.locator("#input").fill(text)
            self.page.locator("#input").press("Enter")
        except BrowserError as error:
            raise Unmet("#input for a message", str(error).splitlines()[0], f"typed: {text}") from None

    def sees(self, where: str, text: str) -> None:
        """Wait until an item of a list has this text in it."""
        try:
            see(self.page.locator(f"{where} li", has_text=text).first).to_be_visible(timeout=8000)
        except AssertionError:
            got = self.page.locator(where).inner_text()
            raise Unmet(f"{text!r} in {where} on the page", got or "an empty list") from None

    def shows(self, texts: list[str]) -> None:
        """Wait until each of these is in the messages, once, in this order."""
        self.sees("#messages", texts[-1])
        items = self.page.locator("#messages li").all_inner_texts()
        got = [text for item in items for text in texts if text in item]
        expect(got == texts, f"{texts} in #messages, each once", items)

    def _look_where_it_goes(self, url: str) -> None:
        if not url.startswith((self._url, self._url.replace("http", "ws", 1), "data:")):
            self.strangers.append(url)


OFFICIAL_CLIENT = """
const { io } = require(process.argv[1]);
const [url, token, topic, text] = process.argv.slice(2);
const socket = io(url, { auth: { token }, transports: ["websocket"] });
socket.on("connect_error", (error) => { console.log("refused: " + error.message); process.exit(1); });
socket.on("chatMessage", (message) => {
  console.log(JSON.stringify(message));
  socket.emit("nonsense", {}, (answer) => { console.log(answer.error.status); socket.close(); process.exit(0); });
});
socket.on("welcome", () => socket.emit("join", { topic }, () => socket.emit("chatMessage", { topic, text }, () => {})));
setTimeout(() => process.exit(2), 8000);
"""


@pytest.mark.step("page")
class TestWithTheOfficialClient:
    """The client for JavaScript in Node.js; not run where there is none."""

    __test__ = NODE is not None

    def test_the_official_javascript_client_chats(
        self, enter: Enter, system: System, tokens: Tokens, draw: Draw
    ) -> None:
        topic, text, user = draw.token(), draw.name(), draw.token()
        friend = enter(draw.token(), 1, topic=topic)
        module = Course.find(Path(__file__)).root / VENDORED
        # Node has had a WebSocket since version 20, and shows it without this option since version 22.
        command = [str(NODE), "--experimental-websocket", "-e", OFFICIAL_CLIENT, str(module), system.url("web")]
        done = subprocess.run([*command, tokens.of(user), topic, text], capture_output=True, text=True, timeout=20)
        sent = "socket.io-client for JavaScript: connect, join, chatMessage, an event that there is not"
        expect(done.returncode == 0, "it to be understood", done.stdout + done.stderr[-500:], sent)
        first, second = done.stdout.splitlines()[:2]
        expect(json.loads(first).get("text") == text and second == "404", f"{text!r}, then 404", done.stdout, sent)
        friend.hears("chatMessage", user=user, text=text)


@pytest.fixture(autouse=True, scope="module")
def told_what_is_not_run(request: pytest.FixtureRequest) -> None:
    """Say which tests this machine cannot run."""
    missing = {"Chromium": CHROMIUM, "Node.js": NODE}
    for name in [name for name, found in missing.items() if found is None]:
        line = f"lesson12: the tests with {name} are not run, because there is none on this machine"
        request.config.hook.pytest_taller_progress(line=line)


# outage


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_while_redis_says_nothing_what_is_said_is_refused_and_can_be_said_again(
    enter: Enter, web: Client, services: dict[str, Service], draw: Draw
) -> None:
    topic, text = draw.token(), draw.name()
    first, second = enter(draw.token(), 0, topic=topic), enter(draw.token(), 1, topic=topic)
    message = {"topic": topic, "text": text, "clientId": draw.token()}
    server = services["redis"].server
    server.pause()
    try:
        with ThreadPoolExecutor() as pool:
            asked = [
                pool.submit(first.refused, 503, "chatMessage", message),
                pool.submit(second.refused, 503, "join", {"topic": draw.token()}),
            ]
            while not all(future.done() for future in asked):
                began = time.monotonic()
                web.get("/health").has_status(200)
                took = time.monotonic() - began
                expect(took < 2, "GET /health to be answered at once meanwhile", f"after {took:.1f} s")
                time.sleep(0.05)
            for future in asked:
                future.result()
    finally:
        server.resume()
    expect(first.connected and second.connected, "connections that outlast it", "one has ended")
    eventually(lambda: "id" in first.ask("chatMessage", message), within=BACK_WITHIN_S, expected="it to be said")
    last = first.say(topic, "the last word")
    second.hears("chatMessage", within=BACK_WITHIN_S, id=last)
    heard = len(second.all("chatMessage", text=text))
    expect(heard == 1, "one message", f"{heard}", "the same clientId, again and again until it was taken")
    users = sorted(eventually(lambda: first.join(topic), within=BACK_WITHIN_S)["users"])
    expect(users == sorted([first.user, second.user]), "both to be there", users, "Redis has come back")


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_when_redis_has_died_and_is_back_the_chat_goes_on_by_itself(
    enter: Enter, services: dict[str, Service], draw: Draw
) -> None:
    topic = draw.token()
    first, second = enter(draw.token(), 0, topic=topic), enter(draw.token(), 1, topic=topic)
    leaves = enter(draw.token(), 1, topic=topic)
    before = first.say(topic, draw.name())
    server = services["redis"].server
    server.kill()
    try:
        first.refused(503, "chatMessage", {"topic": topic, "text": draw.name()})
        leaves.close()
        enter(draw.token()).hears("welcome")
    finally:
        server.start_again()
    after = eventually(lambda: _said(first, topic, draw.name()), within=BACK_WITHIN_S)
    second.hears("chatMessage", within=BACK_WITHIN_S, id=after)
    joined = eventually(lambda: second.join(topic), within=BACK_WITHIN_S)
    known = [message["id"] for message in joined["messages"]]
    expect(before in known and after in known, f"the messages {before} and {after}", known, "kill -9 of Redis")

    def only_two() -> bool:
        users = sorted(first.join(topic)["users"])
        expect(users == sorted([first.user, second.user]), "who left meanwhile to be gone", users)
        return True

    eventually(only_two, within=BACK_WITHIN_S)
    expect(first.connected and second.connected, "connections that outlast it", "one has ended")


def _said(guest: Guest, topic: str, text: str) -> int:
    try:
        return guest.say(topic, text)
    finally:
        time.sleep(0.2)


@pytest.mark.step("outage")
def test_a_process_that_is_asked_to_stop_takes_leave(enter: Enter, system: System, draw: Draw) -> None:
    topic = draw.token()
    watcher = enter(draw.token(), 0, topic=topic)
    guests = [enter(draw.token(), 1, topic=topic) for _ in range(3)]
    process: Process = system.processes("web")[1]
    began = time.monotonic()
    status = process.stop(grace=10)
    sent = "SIGTERM while three clients are connected"
    expect(status == 0, "exit status 0 within 10 s", f"exit status {status}", sent)
    for guest in guests:
        watcher.hears("userLeft", within=2, user=guest.user)
        expect(guest.ends(within=2), "their connections to end", "one is open", sent)
    took = time.monotonic() - began
    expect(took < 10, "all of it within 10 s", f"{took:.1f} s", sent)


# the wire


@contextmanager
def _raw(url: str, origin: str | None = None) -> Iterator[ClientConnection]:
    """A WebSocket without a client of Socket.IO."""
    where = url.replace("http", "ws", 1) + SOCKET_IO
    headers = {"Origin": origin} if origin else {}
    with connect(where, additional_headers=headers, max_size=None, close_timeout=1, proxy=None) as opened:
        yield opened


@contextmanager
def _member(url: str, token: str, topic: str) -> Iterator[ClientConnection]:
    """A raw WebSocket that has connected and joined."""
    with _raw(url) as raw:
        raw.send(f'40{{"token":"{token}"}}')
        while not _frame(raw).startswith("40"):
            pass
        raw.send(f'42900["join",{{"topic":"{topic}"}}]')
        answer = _answer(raw, 900)
        expect("error" not in answer, "join to be done", answer, f"join {topic}")
        yield raw


def _frame(raw: ClientConnection, within: float = 5) -> str:
    """The next frame of text."""
    try:
        return str(raw.recv(timeout=within))
    except TimeoutError:
        raise Unmet("a frame", f"none within {within:g} s", hung=True) from None
    except ConnectionClosed as error:
        raise Unmet("a frame", f"the connection was closed ({error})", disconnected=True) from None


def _hears(raw: ClientConnection, text: str) -> bool:
    """Whether a text comes in, unless the connection ends."""
    try:
        while text not in _frame(raw, within=3):
            pass
    except Unmet:
        return False
    return True


def _answer(raw: ClientConnection, number: int) -> Data:
    """The acknowledgement of the event with that number."""
    while True:
        frame = _frame(raw)
        if frame == "2":
            raw.send("3")
        if frame.startswith(f"43{number}["):
            answer = json.loads(frame.removeprefix(f"43{number}"))[0]
            return dict(answer) if isinstance(answer, dict) else {"answer": answer}


def _ended(raw: ClientConnection, sent: str) -> None:
    """The server closes the connection."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with suppress(TimeoutError):
            try:
                raw.recv(timeout=0.5)
            except ConnectionClosed:
                return
    raise Unmet("the connection to be ended", "it is open 5 s later", sent)


def _send_alone(url: str, token: str, topic: str, frame: str | bytes) -> str | bytes:
    """Send one frame as a member; what becomes of the connection is the server's business."""
    with suppress(WebSocketException), _member(url, token, topic) as raw:
        raw.send(frame)
        raw.send(f'427["leave",{{"topic":"{topic}"}}]')
        with suppress(Unmet):
            _answer(raw, 7)
    return frame


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


def _is_now(value: Any) -> None:
    """A time in RFC 3339, in UTC, within the last minute."""
    is_utc = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", value)
    expect(is_utc, "a timestamp in UTC such as 2026-01-31T12:00:00Z", value, "chatMessage")
    plain = re.sub(r"\.\d+", "", str(value)).replace("Z", "+00:00")
    age = abs(time.time() - datetime.fromisoformat(plain).timestamp())
    expect(age < 60, "the time at which it was said", value, "chatMessage")
