"""Lesson 17: events and sagas. Each test is one promise of the contract, over HTTP, at the broker and in the outbox."""

import asyncio
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import nats
import pika
import psycopg
import pytest
from nats.js import JetStreamContext
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker
from psycopg.rows import dict_row

from taller.grading import Answer, Client, Draw, Unmet, at_once, eventually, expect, refuses_to_start
from taller.grading.bench import Service
from taller.runner import Process, System
from taller.services import Server

EXCHANGE = "shop.events"
DEAD = "shop.events.dead"
WAITING_FOR_THE_INBOX = "SELECT pid FROM pg_locks WHERE relation = 'inbox'::regclass AND NOT granted"
CONTENT_TYPE = "application/cloudevents+json"
CONSUMERS = ("orders", "sales", "payment", "stock", "shipping")
LIMIT = Decimal(1000)
CENT = Decimal("0.01")
ORDERS = 200
STREAM = "shop_events"
ENDS_WITHIN_S = 60
LONGEST_RUN_S = 180
BATCH = 20
PACE_S = 0.05
MANY = 15
HELD_BACK_S = 0.2
BACK_WITHIN_S = 12
FINAL = ("shipped", "cancelled")

T = TypeVar("T")
Event = dict[str, Any]
Json = dict[str, Any]


# what the suite sees and does beside HTTP


@contextmanager
def channel_to(url: str) -> Iterator[BlockingChannel]:
    """A channel to the broker for as long as the context lasts."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection.channel()
    finally:
        with suppress(AMQPError):
            connection.close()


def declare_exchange(channel: BlockingChannel) -> None:
    """Make sure that the exchange is there, as the contract describes it: we may be the first to need it."""
    try:
        channel.exchange_declare(EXCHANGE, "topic", durable=True)
    except ChannelClosedByBroker as error:
        raise Unmet(f"a durable topic exchange {EXCHANGE}", error.reply_text, "exchange.declare") from None


def cloud_event(type_: str, subject: str, data: Json, event_id: str | None = None) -> Event:
    """An event as any service might publish it."""
    return {
        "specversion": "1.0",
        "id": event_id or str(uuid4()),
        "type": type_,
        "source": "/suite",
        "subject": subject,
        "time": datetime.now(UTC).isoformat(),
        "correlationid": str(uuid4()),
        "data": data,
    }


class Broker:
    """What a person with an AMQP client can see and do."""

    def __init__(self, url: str) -> None:
        self.url = url

    def publish(self, *bodies: Event | bytes, key: str = "pedido_creado") -> str:
        """Publish events to the exchange, or any other bodies, once web consumes them; what was done, for feedback."""
        for consumer in ("orders", "sales"):
            expected = f"a consumer of shop.{consumer}"
            eventually(partial(self.consumers, consumer), within=BACK_WITHIN_S, expected=expected)
        with channel_to(self.url) as channel:
            channel.confirm_delivery()
            for body in bodies:
                routing_key = body["type"] if isinstance(body, dict) else key
                channel.basic_publish(EXCHANGE, routing_key, _bytes(body), _properties(body))
        return "\n".join(f"published to {EXCHANGE}: {_bytes(body).decode(errors='replace')[:500]}" for body in bodies)

    def waiting(self, queue: str) -> tuple[int, int]:
        """How many messages are ready in a queue, and how many consumers it has."""
        with channel_to(self.url) as channel:
            try:
                found = channel.queue_declare(queue, passive=True).method
            except ChannelClosedByBroker as error:
                raise Unmet(f"a queue {queue}", error.reply_text, f"queue.declare {queue} (passive)") from None
            return found.message_count or 0, found.consumer_count or 0

    def hold_back(self, consumer: str, draw: Draw) -> None:
        """Take some deliveries of a consumer, keep them without an acknowledgement, give them back in another order."""
        with channel_to(self.url) as channel:
            taken: list[int] = []
            while len(taken) < MANY and (method := channel.basic_get(f"shop.{consumer}")[0]) is not None:
                taken.append(method.delivery_tag or 0)
            channel.connection.process_data_events(time_limit=HELD_BACK_S)
            for tag in draw.shuffled(taken):
                channel.basic_nack(tag, requeue=True)

    def consumers(self, consumer: str) -> int:
        """How many consume what is for a consumer."""
        return self.waiting(f"shop.{consumer}")[1]

    def empty(self, queue: str) -> list[bytes]:
        """Take all that is ready in a queue."""
        bodies: list[bytes] = []
        with channel_to(self.url) as channel:
            while True:
                method, _, body = channel.basic_get(queue, auto_ack=True)
                if method is None:
                    return bodies
                bodies.append(body or b"")


def _json(value: Any) -> str:
    """A value as feedback shows it."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _bytes(body: Event | bytes) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _properties(body: Event | bytes) -> pika.BasicProperties:
    if isinstance(body, bytes):
        return pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
    return pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=body["id"], type=body["type"])


@dataclass(frozen=True)
class Message:
    """A message that was heard at the exchange."""

    key: str
    properties: pika.BasicProperties
    body: bytes

    @property
    def event(self) -> Event:
        """The event in it."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        expect(
            isinstance(found, dict),
            "a message whose body is a CloudEvent in JSON",
            self.body.decode("utf-8", "replace"),
        )
        return dict(found)


class Listener:
    """A queue of the suite's own, bound to every event."""

    def __init__(self, channel: BlockingChannel) -> None:
        self._channel = channel
        self._queue = str(channel.queue_declare("", exclusive=True).method.queue)
        self._heard: list[Message] = []
        declare_exchange(channel)
        channel.queue_bind(self._queue, EXCHANGE, "#")

    def about(self, subject: str) -> list[Message]:
        """The messages about a subject so far, in the order in which they came."""
        while True:
            method, properties, body = self._channel.basic_get(self._queue, auto_ack=True)
            if method is None or properties is None or body is None:
                return [message for message in self._heard if subject.encode() in message.body]
            self._heard.append(Message(str(method.routing_key), properties, body))

    def first(self, subject: str, type_: str, within: float = 15) -> Message:
        """The first event of that type about a subject; waits for it."""

        def found() -> Message | None:
            return next((message for message in self.about(subject) if message.key == type_), None)

        return eventually(found, within=within, expected=f"an event {type_} about {subject} at {EXCHANGE}")  # type: ignore[return-value]


@pytest.fixture
def broker(services: dict[str, Service], system: System) -> Broker:
    """The broker, with the login of the lesson."""
    return Broker(services["rabbitmq"].url)


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    """Hears every event from now on."""
    with channel_to(broker.url) as channel:
        yield Listener(channel)


@pytest.fixture
def database(services: dict[str, Service], web: Client) -> Iterator[psycopg.Connection[Json]]:
    """The lesson's database, in autocommit mode."""
    with psycopg.connect(services["postgresql"].url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def outbox(database: psycopg.Connection[Json], subject: str) -> list[Json]:
    """The events about a subject in the outbox, in the order in which they happened."""
    try:
        return database.execute("SELECT * FROM outbox WHERE subject = %s ORDER BY position", [subject]).fetchall()
    except psycopg.Error as error:
        raise Unmet("a table outbox with the columns that the contract names", str(error)) from None


# the shop


def in_the_end(probe: Callable[[], T], within: float = ENDS_WITHIN_S, expected: str = "") -> T:
    """Wait for what web has to work for, without keeping it busy with answers."""

    def after_a_pause() -> T:
        time.sleep(PACE_S)
        return probe()

    return eventually(after_a_pause, within=within, expected=expected)


def product(web: Client, draw: Draw, *, price: Decimal | None = None, stock: int = 1000) -> str:
    """A product that is in stock; its id."""
    product_id = draw.token()
    price = price if price is not None else draw.price(100)
    web.put(f"/api/products/{product_id}", json={"price": price, "stock": stock}).has_status(200)
    return product_id


def draft(draw: Draw, product_id: str, **fields: Any) -> Json:
    """An order that nothing speaks against."""
    order = {"userId": draw.token(), "productId": product_id, "quantity": draw.integer(1, 5), "country": "ES"}
    return {**order, **fields}


def place(web: Client, order: Json, order_id: str | None = None, **options: Any) -> Answer:
    """Place an order; its answer."""
    return web.put(f"/api/orders/{order_id or uuid4()}", json=order, **options).has_status(201)


def look(web: Client, order_id: str) -> Answer:
    """An order as it is now."""
    return web.get(f"/api/orders/{order_id}").has_status(200)


def becomes(web: Client, order_id: str, state: str, within: float = 15) -> Answer:
    """Wait until an order is in that state."""

    def there() -> Answer:
        answer = look(web, order_id)
        expected = f"the state {state!r} within {within:g} s"
        expect(answer.field("state", str) == state, expected, answer.got, answer.sent)
        return answer

    return in_the_end(there, within)


def sales(web: Client, product_id: str) -> Json:
    """How a product sells."""
    found = web.get(f"/api/sales/{product_id}").has_status(200)
    for name in ("placed", "shipped"):
        found.field(name, int)
    return dict(found.json)


def sold(web: Client, product_id: str, placed: int, sent: str, within: float = 15) -> None:
    """Wait until so many orders of a product were counted, and see that no more are."""

    def counted() -> bool:
        got = sales(web, product_id)["placed"]
        expect(got == placed, f"placed: {placed} in the sales of {product_id}", f"placed: {got}", sent)
        return True

    in_the_end(counted, within)


# health


@pytest.mark.step("health")
def test_health_answers_ok(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("health")
def test_a_broker_url_that_makes_no_sense_ends_every_process_with_status_2(system: System, draw: Draw) -> None:
    secret = draw.token()
    value = draw.choice([f"http://ana:{secret}@127.0.0.1:80", f"ana:{secret}", f"amqp://ana:{secret}@:5672"])
    launched = [system.launch(name, {"BROKER_URL": value}) for name in ("web", draw.choice(["relay", "worker"]))]
    for process in launched:
        refuses_to_start(process, "BROKER_URL", value, hides=secret)


@pytest.mark.step("health")
def test_sigterm_ends_a_process_with_status_0(system: System, draw: Draw) -> None:
    name = draw.choice(["web", "relay", "worker"])
    status = system.processes(name)[0].stop(grace=10)
    expect(status == 0, "exit status 0 within 10 s", f"exit status {status}", f"SIGTERM to {name}")


# outbox


@pytest.mark.step("outbox")
def test_an_order_is_kept_under_the_id_that_the_client_gave_it(web: Client, draw: Draw) -> None:
    price, quantity = draw.price(100), draw.integer(1, 5)
    order = draft(draw, product(web, draw, price=price), quantity=quantity)
    order_id = str(uuid4())
    answer = place(web, order, order_id)
    total = price * quantity
    for name, value in {**order, "id": order_id, "total": total, "orphaned": False}.items():
        expect(answer.field(name) == value, f"{name}: {_json(value)}", answer.got, answer.sent)
    expect(look(web, order_id).field("total") == total, f"total: {total}", answer.got, answer.sent)


@pytest.mark.step("outbox")
def test_asking_again_places_no_second_order(web: Client, draw: Draw, database: psycopg.Connection[Json]) -> None:
    order, order_id = draft(draw, product(web, draw)), str(uuid4())
    first = place(web, order, order_id)
    again = web.put(f"/api/orders/{order_id}", json=order).has_status(200)
    expect(again.field("total") == first.field("total"), "the order that is there", again.got, again.sent)
    other = {**order, "quantity": order["quantity"] + 1}
    web.put(f"/api/orders/{order_id}", json=other).has_status(409)
    events = [row["type"] for row in outbox(database, order_id) if row["type"] == "pedido_creado"]
    expect(
        len(events) == 1, "one event pedido_creado in the outbox", f"{len(events)} of them", f"three times {again.sent}"
    )


@pytest.mark.step("outbox")
def test_ten_who_place_the_same_order_at_once_place_one(
    web: Client, draw: Draw, database: psycopg.Connection[Json]
) -> None:
    order, order_id = draft(draw, product(web, draw)), str(uuid4())
    answers = at_once([lambda: web.put(f"/api/orders/{order_id}", json=order)] * 5)
    found = sorted(answer.status for answer in answers)
    expect(found == [200] * 4 + [201], "201 once, and 200 four times", found, answers[0].sent)
    events = [row for row in outbox(database, order_id) if row["type"] == "pedido_creado"]
    expect(len(events) == 1, "one event pedido_creado in the outbox", f"{len(events)} of them", answers[0].sent)


@pytest.mark.step("outbox")
def test_the_event_is_in_the_outbox_when_the_answer_comes(
    web: Client, draw: Draw, database: psycopg.Connection[Json]
) -> None:
    order, order_id, request_id = draft(draw, product(web, draw)), str(uuid4()), draw.token()
    answer = place(web, order, order_id, headers={"X-Request-ID": request_id})
    rows = outbox(database, order_id)
    expect(rows, "a row in the outbox whose subject is the id of the order", "none", answer.sent)
    row = rows[0]
    got = _json(row)
    data = {**order, "orderId": order_id, "total": f"{answer.field('total'):.2f}"}
    expect(row["type"] == "pedido_creado", "the type pedido_creado", got, answer.sent)
    expect(isinstance(row["id"], UUID), "an id of the type uuid", got, answer.sent)
    expect(row["data"] == data, f"the data {_json(data)}", got, answer.sent)
    expect(row["correlation_id"] == request_id, f"the correlation id {request_id}, as X-Request-ID", got, answer.sent)
    age = abs((datetime.now(UTC) - row["occurred_at"]).total_seconds())
    expect(age < 60, "occurred_at to be now", got, answer.sent)


@pytest.mark.step("outbox")
def test_without_its_event_there_is_no_order(web: Client, draw: Draw, database: psycopg.Connection[Json]) -> None:
    order, order_id = draft(draw, product(web, draw)), str(uuid4())
    with refusing(database, order_id):
        answer = web.put(f"/api/orders/{order_id}", json=order)
    expect(answer.status >= 500, "a 5xx, because the outbox takes no event now", answer.got, answer.sent)
    left = web.get(f"/api/orders/{order_id}")
    expect(left.status == 404, "404: no order without its event", left.got, f"{answer.sent}\n{left.sent}")
    place(web, order, order_id)


@contextmanager
def refusing(database: psycopg.Connection[Json], subject: str) -> Iterator[None]:
    """Have the database refuse every event about a subject."""
    name = f"refuse_{uuid4().hex}"
    database.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.subject = '{subject}' THEN RAISE 'not now'; END IF; RETURN NEW; END $$"
    )
    try:
        try:
            database.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION {name}()")
        except psycopg.Error as error:
            raise Unmet("a table outbox", str(error)) from None
        yield
    finally:
        database.execute(f"DROP FUNCTION {name} CASCADE")


@pytest.mark.step("outbox")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"userId": ""}, "userId"),
        ({"userId": "a b"}, "userId"),
        ({"productId": "nobody-has-this"}, "productId"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1001}, "quantity"),
        ({"quantity": "2"}, "quantity"),
        ({"country": "Spain"}, "country"),
        ({"total": 1}, "total"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_an_order_that_makes_no_sense_is_refused_by_the_name_of_the_field(
    web: Client, draw: Draw, database: psycopg.Connection[Json], change: Json, field: str
) -> None:
    order, order_id = draft(draw, product(web, draw)), str(uuid4())
    answer = web.put(f"/api/orders/{order_id}", json={**order, **change}).is_refused(field)
    expect(not outbox(database, order_id), "no event of an order that was refused", "one in the outbox", answer.sent)


# relay


@pytest.mark.step("relay")
def test_the_event_is_published_as_a_cloud_event(
    web: Client, draw: Draw, listener: Listener, database: psycopg.Connection[Json]
) -> None:
    order_id = str(uuid4())
    sent = place(web, draft(draw, product(web, draw)), order_id).sent
    message = listener.first(order_id, "pedido_creado")
    row = outbox(database, order_id)[0]
    event, properties, got = message.event, message.properties, message.body.decode()
    wanted = {"specversion": "1.0", "id": str(row["id"]), "type": row["type"], "subject": order_id, "data": row["data"]}
    wanted["correlationid"] = row["correlation_id"]
    for name, value in wanted.items():
        expect(event.get(name) == value, f"{name}: {json.dumps(value)} in the event", got, sent)
    expect(isinstance(event.get("source"), str) and event["source"], "a source", got, sent)
    expect(_time(event.get("time")) == row["occurred_at"], f"time: {row['occurred_at']}", got, sent)
    expect(properties.content_type == CONTENT_TYPE, f"the content type {CONTENT_TYPE}", properties.content_type, sent)
    expect(properties.delivery_mode == 2, "a persistent message", f"delivery mode {properties.delivery_mode}", sent)
    expect(properties.message_id == event["id"], "the event's id as message_id", properties.message_id, sent)
    expect(properties.type == "pedido_creado", "the event's type as type", properties.type, sent)
    expect(properties.correlation_id == row["correlation_id"], "correlation_id", properties.correlation_id, sent)


def _time(text: Any) -> datetime | None:
    """A time in RFC 3339, None for what is none."""
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))
    return None


@pytest.mark.step("relay")
def test_published_at_tells_when_the_broker_has_it(
    web: Client, draw: Draw, broker: Broker, database: psycopg.Connection[Json]
) -> None:
    """A queue that is full has the broker refuse an event that it can give to all others."""
    order_id, queue = str(uuid4()), f"suite.{draw.token()}"
    full = {"x-max-length": 1, "x-overflow": "reject-publish"}
    with channel_to(broker.url) as channel:
        declare_exchange(channel)
        channel.queue_declare(queue, arguments=full)
        channel.basic_publish("", queue, b"full")
        eventually(lambda: broker.waiting(queue)[0] == 1)
        channel.queue_bind(queue, EXCHANGE, "pedido_creado")
        try:
            sent = place(web, draft(draw, product(web, draw)), order_id).sent
            with suppress(Unmet):
                eventually(lambda: outbox(database, order_id)[0]["published_at"], within=1)
            row = outbox(database, order_id)[0]
            got = f"published_at: {row['published_at']}"
            expect(row["published_at"] is None, "published_at to stay empty: the broker refuses the event", got, sent)
            channel.queue_purge(queue)
            eventually(
                lambda: broker.waiting(queue)[0] == 1, within=15, expected="the event, published until it is taken"
            )
        finally:
            channel.queue_delete(queue)
    eventually(lambda: outbox(database, order_id)[0]["published_at"], within=15, expected="published_at to tell a time")


@pytest.mark.step("relay")
def test_what_waits_while_the_relay_is_down_is_published_when_it_is_back(
    web: Client, system: System, draw: Draw, listener: Listener
) -> None:
    relay, tea = system.processes("relay")[0], product(web, draw)
    relay.kill()
    ids = [str(uuid4()) for _ in range(3)]
    for order_id in ids:
        sent = place(web, draft(draw, tea), order_id).sent
    relay.launch()
    for order_id in ids:
        listener.first(order_id, "pedido_creado")
    created = [message for order_id in ids for message in listener.about(order_id) if message.key == "pedido_creado"]
    order = [message.event["subject"] for message in created]
    expect(sorted(order) == sorted(ids), "each of the three events once", order, f"kill -9 of the relay, then {sent}")


# inbox


@pytest.mark.step("inbox")
def test_the_sales_count_every_order_that_was_placed(web: Client, draw: Draw) -> None:
    tea, count = product(web, draw), draw.integer(2, 4)
    for _ in range(count):
        sent = place(web, draft(draw, tea)).sent
    sold(web, tea, count, f"{count} times {sent}")


@pytest.mark.step("inbox")
def test_an_event_that_comes_again_is_counted_once(web: Client, broker: Broker, draw: Draw) -> None:
    tea = draw.token()
    event, other = order_placed(draw, tea), order_placed(draw, tea)
    sent = broker.publish(event, event, event)
    sold(web, tea, 1, sent)
    sent += "\n" + broker.publish(event, other)
    sold(web, tea, 2, sent)
    broker.publish(order_placed(draw, later := draw.token()))
    sold(web, later, 1, sent)
    sold(web, tea, 2, sent, within=0)


def order_placed(draw: Draw, product_id: str, **fields: Any) -> Event:
    """The event of an order that nobody has placed with us."""
    order_id = str(uuid4())
    data = {**draft(draw, product_id, total="10.50"), "orderId": order_id, **fields}
    return cloud_event("pedido_creado", order_id, data)


@pytest.mark.step("inbox")
def test_an_event_is_acknowledged_only_when_its_effect_is_kept(
    web: Client, system: System, broker: Broker, draw: Draw, database: psycopg.Connection[Json]
) -> None:
    tea = draw.token()
    front = system.processes("web")[0]
    with database.transaction():
        try:
            database.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
        except psycopg.Error as error:
            raise Unmet("a table inbox", str(error)) from None
        sent = broker.publish(order_placed(draw, tea)) + "\nkill -9 of web while the inbox is locked, then web again"
        eventually(lambda: broker.waiting("shop.sales")[0] == 0, expected="shop.sales to hand out the event")
        # A message that lies in a buffer still is not taken yet. Who keeps no inbox is told so elsewhere.
        with suppress(Unmet):
            eventually(lambda: database.execute(WAITING_FOR_THE_INBOX).fetchone(), within=1)
        front.kill()
    front.restart()
    eventually(lambda: broker.waiting("shop.sales")[1], expected="web to consume shop.sales")
    sold(web, tea, 1, sent, within=4)


@pytest.mark.step("inbox")
def test_what_is_no_event_is_put_aside_and_the_rest_goes_on(web: Client, broker: Broker, draw: Draw) -> None:
    tea = draw.token()
    good = order_placed(draw, tea)
    bad: list[bytes] = [
        b"",
        b"{",
        b"null",
        b"\xff\xfe",
        _bytes({**good, "id": "nonsense"}),
        _bytes({key: value for key, value in good.items() if key != "subject"}),
        _bytes({**good, "id": str(uuid4()), "time": "yesterday"}),
        _bytes({**good, "id": str(uuid4()), "data": {"colour": "red"}}),
        _bytes({**good, "id": str(uuid4()), "type": "pedido_perdido"}),
        _bytes(order_placed(draw, f"{tea}\0")),
    ]
    broker.empty(DEAD)
    sent = broker.publish(*bad, good)
    sold(web, tea, 1, sent)
    dead: list[bytes] = []

    def all_are_there() -> bool:
        dead.extend(broker.empty(DEAD))
        missing = [body for body in bad if body not in dead]
        expect(not missing, f"a message in {DEAD}, as it was", "none", (missing or [b""])[0].decode(errors="replace"))
        return True

    eventually(all_are_there)


@pytest.mark.step("inbox")
def test_an_event_with_more_in_it_than_we_know_is_taken(web: Client, broker: Broker, draw: Draw) -> None:
    tea = draw.token()
    event = {**order_placed(draw, tea, colour="red"), "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"}
    sold(web, tea, 1, broker.publish(event))


# orphan


@pytest.mark.step("orphan")
def test_the_orders_of_a_deleted_user_are_orphaned_and_no_others(web: Client, draw: Draw) -> None:
    tea, user, other = product(web, draw), draw.token(), draw.token()
    mine = [str(place(web, draft(draw, tea, userId=user)).json["id"]) for _ in range(2)]
    theirs = str(place(web, draft(draw, tea, userId=other)).json["id"])
    answer = web.delete(f"/api/users/{user}").has_status(202)
    for order_id in mine:
        orphaned(web, order_id, answer.sent)
    left = look(web, theirs)
    expect(left.field("orphaned") is False, "orphaned: false for the order of another user", left.got, answer.sent)


def orphaned(web: Client, order_id: str, sent: str) -> None:
    """Wait until an order is orphaned."""

    def is_so() -> bool:
        answer = look(web, order_id)
        expect(answer.field("orphaned") is True, "orphaned: true", answer.got, f"{sent}\n{answer.sent}")
        return True

    eventually(is_so)


@pytest.mark.step("orphan")
def test_another_service_may_tell_it_and_more_than_once(web: Client, broker: Broker, draw: Draw) -> None:
    user = draw.token()
    order_id = str(place(web, draft(draw, product(web, draw), userId=user)).json["id"])
    event = cloud_event("usuario_eliminado", user, {"userId": user})
    sent = broker.publish(event, {**event, "id": str(uuid4())}, event)
    orphaned(web, order_id, sent)


@pytest.mark.step("orphan")
def test_an_order_that_comes_after_the_event_is_orphaned_too(web: Client, draw: Draw) -> None:
    tea, user = product(web, draw), draw.token()
    first = str(place(web, draft(draw, tea, userId=user)).json["id"])
    sent = web.delete(f"/api/users/{user}").has_status(202).sent
    orphaned(web, first, sent)
    late = place(web, draft(draw, tea, userId=user))
    expect(late.field("orphaned") is True, "orphaned: true at once", late.got, f"{sent}\n{late.sent}")


# saga


def has_effects(answer: Answer, payments: list[Decimal], reservations: list[int], shipments: int) -> None:
    """What the services have done for an order is exactly this."""
    wanted = {"payments": payments, "reservations": reservations, "shipments": shipments}
    expect(answer.field("effects") == wanted, f"the effects {_json(wanted)}", answer.got, answer.sent)


def in_stock(web: Client, product_id: str) -> int:
    """How many there are of a product."""
    return int(web.get(f"/api/products/{product_id}").has_status(200).field("stock", int))


@pytest.mark.step("saga")
def test_an_order_is_paid_put_aside_and_shipped(web: Client, draw: Draw, listener: Listener) -> None:
    stock = draw.integer(10, 20)
    tea = product(web, draw, stock=stock)
    order, order_id = draft(draw, tea), str(uuid4())
    answer = place(web, order, order_id, headers={"X-Request-ID": (request_id := draw.token())})
    shipped = becomes(web, order_id, "shipped")
    has_effects(shipped, [answer.json["total"]], [order["quantity"]], 1)
    left = in_stock(web, tea)
    expect(left == stock - order["quantity"], f"{stock - order['quantity']} left in stock", left, answer.sent)
    listener.first(order_id, "pedido_enviado")
    events = [message.event for message in listener.about(order_id)]
    wanted = ["pedido_creado", "pago_aceptado", "stock_reservado", "pedido_enviado"]
    types = [event.get("type") for event in events]
    expect(types == wanted, f"the events {', '.join(wanted)}", types, answer.sent)
    correlations = {event.get("correlationid") for event in events}
    expect(correlations == {request_id}, f"the correlation id {request_id} in all of them", correlations, answer.sent)
    expect(len({event["id"] for event in events}) == 4, "four events, four ids", events, answer.sent)
    same = all(event.get("data") == events[0]["data"] and event.get("subject") == order_id for event in events)
    expect(same, "all with the subject and the data of the first", json.dumps(events), answer.sent)


@pytest.mark.step("saga")
def test_an_order_that_the_bank_refuses_is_cancelled_and_nothing_else(web: Client, draw: Draw) -> None:
    tea = product(web, draw, price=LIMIT / 2 + CENT, stock=5)
    order_id = str(place(web, draft(draw, tea, quantity=2)).json["id"])
    has_effects(becomes(web, order_id, "cancelled"), [], [], 0)
    dear = product(web, draw, price=LIMIT / 2, stock=5)
    paid = str(place(web, draft(draw, dear, quantity=2)).json["id"])
    has_effects(becomes(web, paid, "shipped"), [LIMIT], [2], 1)


@pytest.mark.step("saga")
def test_what_is_out_of_stock_is_paid_back(web: Client, draw: Draw) -> None:
    tea = product(web, draw, stock=1)
    answer = place(web, draft(draw, tea, quantity=2))
    total = answer.json["total"]
    has_effects(becomes(web, answer.json["id"], "cancelled"), [total, -total], [], 0)
    expect(in_stock(web, tea) == 1, "1 left in stock", in_stock(web, tea), answer.sent)


@pytest.mark.step("saga")
def test_what_cannot_be_shipped_is_put_back_and_paid_back(web: Client, draw: Draw, listener: Listener) -> None:
    stock = draw.integer(10, 20)
    tea = product(web, draw, stock=stock)
    order = draft(draw, tea, country=draw.choice(["FR", "DE", "US"]))
    answer = place(web, order)
    order_id, total, quantity = str(answer.json["id"]), answer.json["total"], order["quantity"]
    has_effects(becomes(web, order_id, "cancelled"), [total, -total], [quantity, -quantity], 0)
    expect(in_stock(web, tea) == stock, f"{stock} in stock again", in_stock(web, tea), answer.sent)
    listener.first(order_id, "pago_devuelto")
    wanted = ["pedido_creado", "pago_aceptado", "stock_reservado", "envio_rechazado", "stock_liberado", "pago_devuelto"]
    types = [message.key for message in listener.about(order_id)]
    expect(types == wanted, f"the events {', '.join(wanted)}", types, answer.sent)


@pytest.mark.step("saga")
def test_of_the_last_ones_no_more_are_sold_than_there_are(web: Client, draw: Draw) -> None:
    last = draw.integer(3, 5)
    tea = product(web, draw, stock=last)
    orders = [draft(draw, tea, quantity=1) for _ in range(10)]
    answers = at_once([partial(place, web, order) for order in orders])
    states = Counter(ended(web, str(answer.json["id"])).json["state"] for answer in answers)
    expect(states["shipped"] == last, f"{last} of ten orders shipped", dict(states), f"ten times {answers[0].sent}")
    expect(in_stock(web, tea) == 0, "nothing left in stock", in_stock(web, tea), answers[0].sent)


def ended(web: Client, order_id: str) -> Answer:
    """Wait until an order is shipped or cancelled."""

    def there() -> Answer:
        answer = look(web, order_id)
        expect(answer.field("state", str) in FINAL, "the state shipped or cancelled", answer.got, answer.sent)
        return answer

    return in_the_end(there, within=15)


@pytest.mark.step("saga")
def test_states_go_forward_in_whatever_order_the_events_come(
    web: Client, system: System, broker: Broker, draw: Draw
) -> None:
    """The worker is down, so nobody but the suite tells what has become of the orders."""
    worker = system.processes("worker")[0]
    worker.kill()
    tea = product(web, draw)
    paths = [
        ["pago_aceptado", "stock_reservado", "pedido_enviado"],
        ["pago_aceptado", "stock_reservado", "envio_rechazado", "stock_liberado", "pago_devuelto"],
    ]
    for path in paths:
        order_id = str(place(web, draft(draw, tea, country="ES")).json["id"])
        data = {**order_placed(draw, tea)["data"], "orderId": order_id}
        *before, last = path
        told = [cloud_event(type_, order_id, data) for type_ in [last, *draw.shuffled(before)]]
        sent = broker.publish(*told)
        state = "shipped" if last == "pedido_enviado" else "cancelled"
        becomes(web, order_id, state, within=4)
        user = draw.token()
        after = str(place(web, draft(draw, tea, userId=user)).json["id"])
        broker.publish(cloud_event("pago_aceptado", after, {**data, "orderId": after}))
        becomes(web, after, "paid")
        now = look(web, order_id)
        expect(now.json["state"] == state, f"the state {state!r}, as {last} was the last of its story", now.got, sent)
    worker.launch()


@pytest.mark.step("saga")
def test_a_service_that_hears_an_event_twice_acts_once(
    web: Client, broker: Broker, draw: Draw, listener: Listener
) -> None:
    tea = product(web, draw, stock=50)
    answer = place(web, draft(draw, tea))
    order_id = str(answer.json["id"])
    becomes(web, order_id, "shipped")
    listener.first(order_id, "pedido_enviado")
    again = [message.event for message in listener.about(order_id)]
    sent = broker.publish(*draw.shuffled(again))
    becomes(web, str(place(web, draft(draw, tea)).json["id"]), "shipped")
    has_effects(look(web, order_id), [answer.json["total"]], [answer.json["quantity"]], 1)
    expect(sales(web, tea)["shipped"] <= 2, "shipped: 2", sales(web, tea), sent)


# replay


@pytest.mark.step("replay")
@pytest.mark.within(seconds=LONGEST_RUN_S)
def test_states_and_sales_are_made_anew_and_nothing_else_happens(
    web: Client, draw: Draw, database: psycopg.Connection[Json]
) -> None:
    tea = product(web, draw)
    answer = place(web, draft(draw, tea))
    order_id, total, quantity = str(answer.json["id"]), answer.json["total"], answer.json["quantity"]
    becomes(web, order_id, "shipped")
    wanted = {"productId": tea, "placed": 1, "shipped": 1, "revenue": total}
    eventually(lambda: sales(web, tea) == wanted, expected=f"the sales {_json(wanted)}")
    sent = web.post("/api/replay").has_status(202).sent
    all_is_published(database)
    later = place(web, draft(draw, other := product(web, draw)))
    becomes(web, later.json["id"], "shipped", ENDS_WITHIN_S)
    sold(web, other, 1, sent, ENDS_WITHIN_S)
    with suppress(Unmet):
        eventually(lambda: sales(web, tea) == wanted, within=2)
    got = sales(web, tea)
    expect(got == wanted, f"the sales as they were: {_json(wanted)}", _json(got), sent)
    has_effects(becomes(web, order_id, "shipped", within=3), [total], [quantity], 1)


def all_is_published(database: psycopg.Connection[Json], within: float = ENDS_WITHIN_S) -> None:
    """Wait until the outbox has nothing left to publish."""
    query = "SELECT FROM outbox WHERE published_at IS NULL LIMIT 1"
    expected = "everything in the outbox to be published"
    eventually(lambda: not database.execute(query).fetchall(), within=within, expected=expected)


@pytest.mark.step("replay")
@pytest.mark.within(seconds=LONGEST_RUN_S)
def test_every_event_of_the_outbox_is_published_again_with_its_id(
    web: Client, draw: Draw, database: psycopg.Connection[Json], listener: Listener
) -> None:
    order_id = str(place(web, draft(draw, product(web, draw))).json["id"])
    becomes(web, order_id, "shipped")
    all_is_published(database)
    before = Counter(message.event["id"] for message in listener.about(order_id))
    answer = web.post("/api/replay").has_status(202)
    count = database.execute("SELECT count(*) AS events FROM outbox").fetchone()
    expect(answer.json == count, f"the number of events in the outbox, {count}", answer.got, answer.sent)

    def all_again() -> bool:
        now = Counter(message.event["id"] for message in listener.about(order_id))
        missing = [row for row in outbox(database, order_id) if now[str(row["id"])] <= before[str(row["id"])]]
        expect(not missing, "every event about an order once more, with its id", f"not {missing[:1]}", answer.sent)
        return True

    in_the_end(all_again)


# survive: a run of orders while everything fails


def events_again(database: psycopg.Connection[Json], draw: Draw) -> list[Event]:
    """The events that happened last, in another order."""
    rows = database.execute("SELECT * FROM outbox ORDER BY position DESC LIMIT %s", [MANY]).fetchall()
    return draw.shuffled([cloud_event(row["type"], row["subject"], row["data"], str(row["id"])) for row in rows])


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong when so many orders have been placed."""

    after: int
    what: str


KILLS = ("kill web", "kill relay", "kill worker", "kill another worker")
TRICKS = (
    "freeze a worker",
    "deliver events again",
    "hold back deliveries to payment",
    "hold back deliveries to stock",
    "hold back deliveries to orders",
)


def fault_schedule(draw: Draw, kills: int, tricks: int) -> list[Fault]:
    """Faults in the order in which they happen: the broker is killed first, the rest is drawn."""
    others = draw.shuffled([*draw.shuffled(KILLS)[:kills], *draw.shuffled(TRICKS)[:tricks]])
    moments = sorted(draw.shuffled(range(BATCH, ORDERS - BATCH, BATCH))[: len(others) + 1])
    return [Fault(*fault) for fault in zip(moments, ["kill the broker", *others], strict=True)]


class Run:
    """Orders that are placed while faults happen."""

    def __init__(self, web: Client, draw: Draw) -> None:
        self.web = web
        self._draw = draw
        prices = {"dear": LIMIT / 2 + CENT, "plenty": Decimal("10.50"), "scarce": Decimal("9.99")}
        self._stock = {"dear": 1000, "plenty": 10_000, "scarce": draw.integer(10, 40)}
        self._products = {name: product(web, draw, price=prices[name], stock=self._stock[name]) for name in prices}
        self._users = [draw.token() for _ in range(4)]
        self._gone = draw.choice(self._users)
        self.orders: dict[str, Json] = {}

    def place_some(self, count: int) -> None:
        """Place orders, and ask again as long as there is no answer."""
        drafts = {str(uuid4()): self._order() for _ in range(count)}
        self.orders |= drafts

        def placed(order_id: str) -> Answer:
            def ask() -> Answer:
                return self.web.put(f"/api/orders/{order_id}", json=drafts[order_id]).has_status(200, 201)

            return eventually(ask, within=ENDS_WITHIN_S)

        for some in range(0, count, 4):
            at_once([partial(placed, order_id) for order_id in list(drafts)[some : some + 4]])

    def _order(self) -> Json:
        name = self._draw.choice(["dear", "plenty", "plenty", "plenty", "scarce", "scarce"])
        quantity = 2 if name == "dear" else self._draw.integer(1, 3)
        country = self._draw.choice(["ES", "ES", "PT", "FR"])
        return {
            "userId": self._draw.choice(self._users),
            "productId": self._products[name],
            "quantity": quantity,
            "country": country,
        }

    def look(self) -> dict[str, Json]:
        """All orders by their id, as they are now."""
        return {str(order["id"]): order for user in self._users for order in self._orders_of(user)}

    def _orders_of(self, user: str) -> list[Json]:
        return list(self.web.get("/api/orders", params={"userId": user}).has_status(200).items())

    def _have_ended(self, user: str) -> bool:
        """Whether each order of a user is shipped or cancelled."""
        found = [order for order in self._orders_of(user) if order["state"] not in FINAL]
        expect(not found, "every order shipped or cancelled", f"{len(found)} are not, such as {_json(found[:1])}")
        return True

    def delete_a_user(self) -> None:
        """Delete one of the users, and ask again as long as there is no answer."""
        eventually(lambda: self.web.delete(f"/api/users/{self._gone}").has_status(202), within=ENDS_WITHIN_S)

    def is_right(self) -> bool:
        """Every order is in the one right state, and everything has happened once."""
        found = self.look()
        lost = self.orders.keys() - found.keys()
        expect(not lost, "every order that was answered with 201", f"{len(lost)} are not there: {sorted(lost)[:3]}")
        for order in found.values():
            wanted = self._right_effects(order)
            expect(order["effects"] in wanted, f"the effects {_json(wanted)}", _json(order))
            expect(
                order["orphaned"] is (order["userId"] == self._gone),
                f"orphaned only with user {self._gone}",
                _json(order),
            )
        for name, product_id in self._products.items():
            mine = [order for order in found.values() if order["productId"] == product_id]
            self._is_counted(name, product_id, mine)
        return True

    def _right_effects(self, order: Json) -> list[Json]:
        """What may have happened to an order that ended in this state."""
        total, quantity = order["total"], order["quantity"]
        never = {"payments": [], "reservations": [], "shipments": 0}
        if total > LIMIT:
            return [never] if order["state"] == "cancelled" else []
        if order["state"] == "shipped":
            shipped = {"payments": [total], "reservations": [quantity], "shipments": 1}
            return [shipped] if order["country"] in ("ES", "PT") else []
        refused = {"payments": [total, -total], "reservations": [quantity, -quantity], "shipments": 0}
        exhausted = {"payments": [total, -total], "reservations": [], "shipments": 0}
        ended = [] if order["country"] in ("ES", "PT") else [refused]
        return [*ended, exhausted] if order["productId"] == self._products["scarce"] else ended

    def _is_counted(self, name: str, product_id: str, orders: list[Json]) -> None:
        shipped = [order for order in orders if order["state"] == "shipped"]
        left = self._stock[name] - sum(order["quantity"] for order in shipped)
        got = in_stock(self.web, product_id)
        expect(got == left, f"{left} left in stock of {name}: {self._stock[name]} less what was shipped", got)
        revenue = sum(order["total"] for order in shipped)
        wanted = {"productId": product_id, "placed": len(orders), "shipped": len(shipped), "revenue": revenue}
        found = sales(self.web, product_id)
        expect(found == wanted, f"the sales {_json(wanted)} of {name}", _json(found))

    def ends_right(self) -> None:
        """Wait until everything is as it has to be."""
        for user in self._users:
            in_the_end(partial(self._have_ended, user))
        in_the_end(self.is_right)

    def is_replayed(self) -> None:
        """Have everything published again, and wait until it is as it was."""
        before = self.look()
        again = self.web.post("/api/replay").has_status(202)
        wanted = f"every order as it was before {again.sent}"
        self.ends_right()
        in_the_end(lambda: self.look() == before, expected=wanted)
        expect(self.look() == before, wanted, "another state of some order", again.sent)


class Saboteur:
    """Does what a schedule asks for, while a run goes on."""

    def __init__(
        self, run: Run, system: System, server: Server, bus: Broker, database: psycopg.Connection[Json], draw: Draw
    ) -> None:
        self._run = run
        self._system = system
        self._server = server
        self._bus = bus
        self._database = database
        self._draw = draw

    def place_all(self, schedule: Sequence[Fault]) -> None:
        """Place all orders, and let go wrong in between what is to go wrong."""
        self._run.place_some(BATCH)
        self._run.delete_a_user()
        for fault in schedule:
            while len(self._run.orders) < fault.after:
                self._run.place_some(BATCH)
            self._do(fault.what)
        self._run.place_some(ORDERS - len(self._run.orders))

    def _do(self, what: str) -> None:
        match what.split():
            case ["kill", "the", "broker"]:
                self._without_the_broker()
            case ["kill", "another", name]:
                self._again(self._system.processes(name)[-1])
            case ["kill", name]:
                self._again(self._system.processes(name)[0])
            case ["freeze", _, name]:
                frozen = self._system.processes(name)[0]
                frozen.signal(signal.SIGSTOP)
                self._run.place_some(BATCH)
                frozen.signal(signal.SIGCONT)
            case ["deliver", "events", "again"]:
                self._bus.publish(*events_again(self._database, self._draw))
            case ["hold", *_, consumer]:
                self._bus.hold_back(consumer, self._draw)

    def _without_the_broker(self) -> None:
        """Orders are taken, and a process starts, while there is no broker; all find it again by themselves."""
        self._server.kill()
        try:
            self._again(self._system.processes(self._draw.choice(["relay", "worker"]))[0])
            self._run.place_some(BATCH)
        finally:
            self._server.start_again()
        for consumer in CONSUMERS:
            expected = f"a consumer of shop.{consumer} within {BACK_WITHIN_S} s of the broker's return"
            eventually(partial(self._bus.consumers, consumer), within=BACK_WITHIN_S, expected=expected)
        all_is_published(self._database, within=BACK_WITHIN_S)

    def _again(self, process: Process) -> None:
        process.kill()
        process.launch()


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """The runs so far: what has gone through faults is worth more to a later test than what has not."""
    return []


@pytest.mark.step("survive")
@pytest.mark.breaks_services
@pytest.mark.within(seconds=LONGEST_RUN_S)
def test_whatever_fails_every_order_ends_right_and_every_effect_happens_once(
    web: Client,
    system: System,
    services: dict[str, Service],
    broker: Broker,
    database: psycopg.Connection[Json],
    draw: Draw,
    runs: list[Run],
    request: pytest.FixtureRequest,
) -> None:
    schedule = fault_schedule(draw, kills=2, tricks=3)
    told = "\n".join(f"after {fault.after} orders: {fault.what}" for fault in schedule)
    system.launch("worker")
    run = Run(web, draw)
    try:
        Saboteur(run, system, services["rabbitmq"].server, broker, database, draw).place_all(schedule)
        run.ends_right()
    except Unmet as unmet:
        again = f"{ORDERS} orders, and\n{told}\nThe same again: --seed {request.config.option.seed}"
        raise Unmet(unmet.expected, unmet.got, f"{again}\n{unmet.sent}") from None
    runs.append(run)


@pytest.mark.step("replay")
@pytest.mark.within(seconds=LONGEST_RUN_S)
def test_everything_can_be_made_anew_of_the_events(web: Client, draw: Draw, runs: list[Run]) -> None:
    if not runs:
        runs.append(Run(web, draw))
        runs[-1].place_some(BATCH)
        runs[-1].delete_a_user()
    run = runs[-1]
    run.web = web
    run.ends_right()
    run.is_replayed()


# log


class Log:
    """NATS with JetStream, as a person with a client can use it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def publish(self, *bodies: Event) -> str:
        """Publish events to the stream; what was done, for feedback."""

        async def all_of_them(stream: JetStreamContext) -> None:
            for event in bodies:
                await stream.publish(f"{EXCHANGE}.{event['type']}", _bytes(event))

        self._with_stream(all_of_them)
        return f"{len(bodies)} events published to NATS"

    def hold_back(self, consumer: str, draw: Draw) -> None:
        """Take some deliveries of a consumer, keep them without an acknowledgement, give them back in another order."""

        async def held(stream: JetStreamContext) -> None:
            pulled = await stream.pull_subscribe_bind(consumer, STREAM)
            with suppress(TimeoutError):
                messages = await pulled.fetch(MANY, timeout=HELD_BACK_S)
                await asyncio.sleep(HELD_BACK_S)
                for message in draw.shuffled(messages):
                    await message.nak()

        self._with_stream(held)

    def unacknowledged(self) -> dict[str, int]:
        """How many deliveries each consumer has not acknowledged, those that have some."""
        found: dict[str, int] = {}

        async def count(stream: JetStreamContext) -> None:
            for consumer in CONSUMERS:
                waiting = (await stream.consumer_info(STREAM, consumer)).num_ack_pending
                if waiting:
                    found[consumer] = waiting

        self._with_stream(count)
        return found

    def _with_stream(self, use: Callable[[JetStreamContext], Awaitable[None]]) -> None:
        async def connected() -> None:
            async with await nats.connect(self._url, connect_timeout=2) as client:
                await use(client.jetstream())

        try:
            asyncio.run(connected())
        # The server says 503 while it makes the stream.
        except (nats.js.errors.NotFoundError, nats.js.errors.ServiceUnavailableError) as error:
            raise Unmet(f"a stream {STREAM} with a durable consumer for each service", repr(error)) from None


@dataclass(frozen=True)
class OnNats:
    """The shop on NATS: its own processes, its own database."""

    web: Client
    system: System
    log: Log
    database: psycopg.Connection[Json]


@pytest.fixture
def on_nats(system: System, services: dict[str, Service]) -> Iterator[OnNats]:
    """The same program, told to use NATS."""
    url, nats_url = services["postgresql"].server.allocate().url, services["nats"].url
    told = {"BROKER_URL": nats_url, "DATABASE_URL": url}
    started = [system.launch(name, told) for name in ("web", "relay", "worker")]
    for process in started:
        process.await_ready()
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as database:
        web = Client(started[0].url)
        yield OnNats(web, system, Log(nats_url), database)
        web.close()


@pytest.mark.step("log")
@pytest.mark.within(seconds=LONGEST_RUN_S)
def test_the_same_shop_runs_on_nats(on_nats: OnNats, services: dict[str, Service], draw: Draw) -> None:
    web = on_nats.web
    first = place(web, draft(draw, product(web, draw)))
    has_effects(ended(web, str(first.json["id"])), [first.json["total"]], [first.json["quantity"]], 1)
    run = Run(web, draw)
    run.place_some(BATCH)
    run.delete_a_user()
    for consumer in draw.shuffled(CONSUMERS)[:2]:
        on_nats.log.hold_back(consumer, draw)
    on_nats.log.publish(*events_again(on_nats.database, draw))
    run.place_some(BATCH)
    run.ends_right()
    run.is_replayed()

    def all_is_acknowledged() -> bool:
        found = on_nats.log.unacknowledged()
        expect(not found, "every delivery acknowledged", f"open ones of {found}", "consumer info of the stream")
        return True

    eventually(all_is_acknowledged)
