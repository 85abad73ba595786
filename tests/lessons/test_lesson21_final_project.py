"""Lesson 21: the final project. Each test is one promise of its contract, seen from outside, inside and the bus."""

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
import pika
import psutil
import pytest
import socketio
from pika.exceptions import AMQPError

from taller.grading import Answer, Client, Draw, Unmet, at_once, eventually, expect, refuses_to_start, statuses
from taller.grading.bench import Bench, Service
from taller.runner import Process, System

ISSUER, AUDIENCE = "taller", "shop"
EXCHANGE = "shop.events"
SENT = "Tu pedido está en camino!"
# "Within 15 s", with time for a machine that is busy with other things too.
RECOVERED_WITHIN_S = 45
FAILS_WITHIN_S = 8
TOGETHER_S = 3
CLIENTS, ORDERS_EACH = 50, 4
PLAIN = {"BULK": "false", "INTROSPECTION": "true"}

Data = dict[str, Any]

REGISTER = (
    "mutation ($email: String!, $password: String!) { registrar(email: $email, password: $password) { id email rol } }"
)
LOG_IN = """mutation ($email: String!, $password: String!) {
  iniciarSesion(email: $email, password: $password) { token usuario { id email rol } }
}"""
PLACE = """mutation ($lineas: [LineaNueva!]!, $clave: ID) {
  crearPedido(lineas: $lineas, clave: $clave) { id estado total creado usuarioId }
}"""
SHIP = "mutation ($id: ID!) { enviarPedido(id: $id) }"
LEAVE = "mutation ($id: ID!) { eliminarUsuario(id: $id) }"
ORDER = "query ($id: ID!) { pedido(id: $id) { id estado usuarioId } }"
MINE = "{ yo { id email rol pedidos { id estado total } } }"
HUNDRED = "{ usuarios(first: 100) { id email rol pedidos { id estado total } } }"


def token(secret: str, subject: str, role: str = "customer", *, lifetime: float = 600, **claims: Any) -> str:
    """A token as lesson 7 makes them, ``claims`` over the usual ones."""
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "role": role, "jti": str(uuid4())}
    said = {**usual, "iat": now - 1800, "exp": int(now + lifetime), **claims}
    return jwt.encode(said, secret, "HS256", {"typ": "at+jwt"})


@dataclass(frozen=True)
class Person:
    """Somebody with a token."""

    id: str
    token: str
    email: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The header that shows the token."""
        return {"Authorization": f"Bearer {self.token}"}


class Secrets:
    """What the processes of the system know, and the suite."""

    def __init__(self, system: System) -> None:
        environment = system.submission.lesson.environment
        self.users = environment["JWT_SECRET"]
        self.services = environment["SERVICE_SECRET"]
        self.admin = (environment["ADMIN_EMAIL"], environment["ADMIN_PASSWORD"])

    def person(self, role: str = "customer", user_id: str = "") -> Person:
        """Somebody whom the services have never heard of, with a good token."""
        user_id = user_id or uuid4().hex[:24]
        return Person(user_id, token(self.users, user_id, role))

    def service(self, **claims: Any) -> str:
        """The gateway's own token."""
        return token(self.services, "gateway", "admin", **{"iss": "gateway", "aud": "services", **claims})


class Inside:
    """A client of one process behind the gateway, with the gateway's token."""

    def __init__(self, process: Process, secrets: Secrets) -> None:
        self.bare = Client(process.url)
        self._service_token = secrets.service()

    def ask(self, method: str, path: str, who: Person | None = None, **options: Any) -> Answer:
        """Send a request for somebody."""
        own = {"X-Service-Token": self._service_token, **(who.headers if who else {})}
        return self.bare.request(method, path, headers={**own, **options.pop("headers", {})}, **options)


class Door:
    """A client of a gateway."""

    def __init__(self, url: str) -> None:
        self.client = Client(url)

    def send(self, query: str, who: Person | None = None, **variables: Any) -> Answer:
        """An operation; its answer, whatever that is."""
        headers = {"Accept": "application/json", **(who.headers if who else {})}
        body = {"query": query, "variables": variables}
        return self.client.post("/graphql", json=body, headers=headers, timeout=20)

    def do(self, query: str, who: Person | None = None, **variables: Any) -> Any:
        """The data of an operation that has no errors."""
        answer = self.send(query, who, **variables).has_status(200)
        expect("errors" not in answer.json, "data without errors", answer.got, answer.sent)
        return answer.field("data", dict)

    def fails(self, code: str, query: str, who: Person | None = None, **variables: Any) -> Data:
        """An operation has an error of this code; that error."""
        return error_of(self.send(query, who, **variables), code)

    def register(self, draw: Draw) -> Person:
        """A new customer, logged in."""
        email, password = f"{draw.token()}@example.org", draw.token()
        self.do(REGISTER, email=email, password=password)
        return self.log_in(email, password)

    def log_in(self, email: str, password: str) -> Person:
        """Somebody who has an account."""
        session = self.do(LOG_IN, email=email, password=password)["iniciarSesion"]
        return Person(session["usuario"]["id"], session["token"], session["usuario"]["email"])

    def place(self, who: Person, key: str | None = None) -> Data:
        """An order of one thing."""
        lines = [{"productoId": "1", "cantidad": 1}]
        return dict(self.do(PLACE, who, lineas=lines, clave=key)["crearPedido"])


def error_of(answer: Answer, code: str) -> Data:
    """The error of this code in a response of GraphQL; raises ``Unmet`` when there is none."""
    errors = answer.json.get("errors") if isinstance(answer.json, dict) else None
    found = [error for error in errors or [] if error.get("extensions", {}).get("code") == code]
    expect(found, f"an error with extensions.code {code}", answer.got, answer.sent)
    return dict(found[0])


class Ears:
    """A client of Socket.IO that comes back by itself, from where it was; remembers all that it hears."""

    def __init__(self, url: str, who: Person, *, since: int = 0, headers: dict[str, str] | None = None) -> None:
        self.who = who
        self.heard: list[Data] = []
        self.since = since
        self._client = socketio.Client(reconnection_delay=0.2, reconnection_delay_max=1.0, randomization_factor=0.3)
        self._client.on("pedidoActualizado", self._hear)
        sent = f"Socket.IO at {urlsplit(url).netloc} with a good token and since {since}"
        try:
            options = {"auth": self._auth, "transports": ["websocket"], "headers": headers or {}}
            self._client.connect(url, wait_timeout=10, **options)
        except socketio.exceptions.ConnectionError as error:
            raise Unmet("a connection", f"{error}", sent) from None

    def _auth(self) -> Data:
        return {"token": self.who.token, "since": self.since}

    def _hear(self, data: Data) -> None:
        self.heard.append(data)
        self.since = max(self.since, int(data.get("numero", 0)))

    @property
    def connected(self) -> bool:
        """Whether it is connected, as far as it knows."""
        return bool(self._client.connected)

    def emit(self, event: str, payload: Any) -> None:
        """Send something."""
        self._client.emit(event, payload)

    def orders(self) -> list[str]:
        """The ids of the orders that it has heard of."""
        return [str(data.get("id")) for data in self.heard]

    def hears(self, order_id: str, within: float = 15) -> Data:
        """Wait until it hears of an order."""
        sent, expected = f"order {order_id} shipped", f"pedidoActualizado for order {order_id}"

        def there() -> Data:
            found = [data for data in self.heard if data.get("id") == order_id]
            expect(found, expected, f"heard of {self.orders()}", sent)
            return found[0]

        return eventually(there, within=within)

    def close(self) -> None:
        """Go."""
        self._client.disconnect()


class Bus:
    """A queue of the suite's own on the exchange; remembers all events."""

    def __init__(self, url: str) -> None:
        self.events: list[Data] = []
        self._url = url
        self._queue = f"suite.{uuid4().hex}"
        self._stopping = False
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        expect(self._ready.wait(20), "RabbitMQ to take a queue of the suite's", "nothing")

    def _run(self) -> None:
        while not self._stopping:
            try:
                with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
                    self._listen(connection)
            except (AMQPError, OSError):
                time.sleep(0.3)

    def _listen(self, connection: Any) -> None:
        channel = connection.channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True)
        channel.queue_declare(self._queue, durable=True)
        channel.queue_bind(self._queue, EXCHANGE, "#")
        self._ready.set()
        for method, _, body in channel.consume(self._queue, inactivity_timeout=0.2):
            if method:
                # What a test has published may be nonsense.
                with suppress(ValueError):
                    self.events.append(json.loads(body))
                channel.basic_ack(method.delivery_tag)
            if self._stopping:
                channel.queue_delete(self._queue)
                return

    def of(self, kind: str, **data: str) -> list[Data]:
        """The events of a type with these data so far."""
        return [event for event in self.events if event.get("type") == kind and data.items() <= event["data"].items()]

    def has(self, kind: str, **data: str) -> Data:
        """Wait for an event of a type with these data."""

        def there() -> Data:
            seen = Counter(event.get("type") for event in self.events)
            expect(found := self.of(kind, **data), f"{kind} with {data} on {EXCHANGE}", f"events so far: {dict(seen)}")
            return found[0]

        return eventually(there, within=15)

    def publish(self, kind: str, body: bytes) -> None:
        """Publish something as somebody else would."""
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            properties = pika.BasicProperties(
                "application/cloudevents+json", delivery_mode=pika.DeliveryMode.Persistent
            )
            channel.basic_publish(EXCHANGE, kind, body, properties)

    def tell(self, kind: str, subject: str, data: Data, event_id: str = "") -> None:
        """Publish an event as a service would."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        about = {"specversion": "1.0", "id": event_id or str(uuid4()), "type": kind, "source": "suite"}
        event = {**about, "subject": subject, "time": moment, "correlationid": str(uuid4()), "data": data}
        self.publish(kind, json.dumps(event).encode())

    def close(self) -> None:
        """Delete the queue and go."""
        self._stopping = True
        self._thread.join(5)


class Played(ThreadingHTTPServer):
    """The services behind a gateway, played by the suite: they answer as ``answer`` says, and remember who asked."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str, dict[str, list[str]]], tuple[int, Any]]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        played = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # The headers and the body leave as two packets: without this the second waits for the first to arrive.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                played.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                parts = urlsplit(self.path)
                status, told = answer(parts.path, parse_qs(parts.query))
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


@dataclass(frozen=True)
class Crowd:
    """A hundred users with ten orders each, as the services would tell them; ``gone`` are services that answer 503."""

    users: list[Data]
    orders: dict[str, list[Data]]
    gone: set[str]

    @classmethod
    def drawn(cls, draw: Draw) -> "Crowd":
        """Some that nobody knows."""
        ids = [f"{number:024x}" for number in range(draw.integer(1, 10**6), 10**7)[:100]]
        users = [{"id": each, "email": f"{draw.token(6)}@example.org", "rol": "customer"} for each in ids]
        return cls(users, {each: [cls.order(draw, each) for _ in range(10)] for each in ids}, set())

    @staticmethod
    def order(draw: Draw, user_id: str) -> Data:
        """An order of a user."""
        estado, total = draw.choice(["CREADO", "ENVIADO", "HUERFANO"]), f"{draw.price(100)}"
        number, moment = draw.integer(1, 10**9), "2026-01-31T12:00:00Z"
        return {"id": number, "userId": user_id, "estado": estado, "total": total, "createdAt": moment}

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        """What the service that a path belongs to would say."""
        _, collection, *rest = path.split("/")
        if collection in self.gone:
            return 503, {"title": "Service Unavailable", "status": 503, "detail": "not now"}
        if collection == "users" and rest:
            found = [user for user in self.users if user["id"] == rest[0]]
            return (200, found[0]) if found else (404, {"title": "Not Found", "status": 404, "detail": "nobody"})
        if collection == "users":
            after = query.get("after", [""])[0]
            return 200, [user for user in self.users if user["id"] > after][: int(query.get("first", ["20"])[0])]
        if collection == "orders":
            wanted = ",".join(query.get("userIds", query.get("userId", [""]))).split(",")
            return 200, [order for each in wanted for order in self.orders.get(each, [])]
        return 200, [{"id": 1, "name": "Café", "price": "12.50", "stock": 7}]


@dataclass(frozen=True)
class Stage:
    """Two gateways over services that the suite plays: one as it is, one that leaves everything to graphql-core."""

    crowd: Crowd
    played: Played
    fast: Process
    plain: Process

    def ready(self) -> "Stage":
        """The stage when both can serve."""
        self.crowd.gone.clear()
        for process in (self.fast, self.plain):
            if not process.alive:
                process.restart()
            process.await_ready()
        return self


@pytest.fixture(scope="module")
def launched(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Stage]:
    """The two gateways, on their way; only for runs that want them, because each costs a second."""
    draw = Draw(request.config.option.seed, "stage")
    crowd = Crowd.drawn(draw)
    with closing_server(Played(crowd.answer)) as played:
        there = {
            "USERS_URL": played.url,
            "ORDERS_URLS": played.url,
            "SHIPPING_URL": played.url,
            "BREAKER_OPEN_MS": "50",
        }
        launch = bench.system.launch
        yield Stage(crowd, played, launch("gateway", there), launch("gateway", there | PLAIN))


@contextmanager
def closing_server(played: Played) -> Iterator[Played]:
    """The server, as long as the context lasts."""
    try:
        yield played
    finally:
        played.shutdown()
        played.server_close()


@pytest.fixture(scope="module")
def secrets(bench: Bench) -> Secrets:
    """What the system knows."""
    return Secrets(bench.system)


@pytest.fixture
def stage(system: System, launched: Stage) -> Stage:
    """The two gateways, ready."""
    return launched.ready()


@pytest.fixture
def users(system: System, secrets: Secrets) -> Iterator[Inside]:
    """The service of users, from inside."""
    inside = Inside(system.processes("users")[0], secrets)
    with closing(inside.bare):
        yield inside


@pytest.fixture
def orders(system: System, secrets: Secrets) -> Iterator[Inside]:
    """A replica of the service of orders, from inside."""
    inside = Inside(system.processes("orders")[0], secrets)
    with closing(inside.bare):
        yield inside


@pytest.fixture
def door(system: System) -> Iterator[Door]:
    """The gateway."""
    door = Door(system.url("gateway"))
    with closing(door.client):
        yield door


@pytest.fixture
def admin(secrets: Secrets) -> Person:
    """An admin, as far as a token tells."""
    return secrets.person("admin")


@pytest.fixture
def somebody(secrets: Secrets) -> Person:
    """A customer, as far as a token tells."""
    return secrets.person()


@pytest.fixture
def bus(services: dict[str, Service]) -> Iterator[Bus]:
    """The bus, with an ear on it."""
    with closing(Bus(services["rabbitmq"].url)) as bus:
        yield bus


@pytest.fixture
def listen(system: System) -> Iterator[Callable[..., Ears]]:
    """Makes clients of Socket.IO at the gateway, which go with the test."""
    with ExitStack() as opened:

        def made(who: Person, *, url: str = "", **options: Any) -> Ears:
            return opened.enter_context(closing(Ears(url or system.url("gateway"), who, **options)))

        yield made


def signed_up(users: Inside, draw: Draw) -> tuple[Person, str]:
    """A new customer and their password."""
    email, password = f"{draw.token()}@example.org", draw.token()
    user = users.ask("POST", "/users", json={"email": email, "password": password}).has_status(201)
    session = users.ask("POST", "/sessions", json={"email": email, "password": password}).has_status(200)
    return Person(user.field("id", str), session.field("token", str), email), password


def order_of(orders: Inside, who: Person, key: str = "", product: int = 1, quantity: int = 1) -> Answer:
    """Order something."""
    headers = {"Idempotency-Key": key} if key else {}
    lines = [{"productId": product, "quantity": quantity}]
    return orders.ask("POST", "/orders", who, json={"items": lines}, headers=headers)


# users


@pytest.mark.step("users")
def test_a_service_answers_the_gateway_alone(users: Inside, system: System, secrets: Secrets, admin: Person) -> None:
    bad = {
        "no service token": None,
        "nonsense": "let-me-in",
        "an admin's own token": admin.token,
        "a token of the users' secret": token(secrets.users, "gateway", "admin", iss="gateway", aud="services"),
        "a token for somebody else": secrets.service(aud=AUDIENCE),
        "an expired token": secrets.service(exp=int(time.time()) - 60),
    }
    paths = {"users": "/users", "orders": "/orders?userIds=a", "shipping": "/shipments"}
    for name, path in paths.items():
        with closing(Client(system.url(name))) as client:
            client.get("/health").has_status(200)
            for what, shown in bad.items() if name == "users" else list(bad.items())[:3]:
                headers = {**admin.headers, **({"X-Service-Token": shown} if shown else {})}
                answer = client.get(path, headers=headers)
                expect(answer.status == 401, f"401 from {name} with {what}", answer.got, answer.sent)


@pytest.mark.step("users")
def test_a_user_is_made_and_logs_in(users: Inside, draw: Draw) -> None:
    person, password = signed_up(users, draw)

    shown = {"id": person.id, "email": person.email, "rol": "customer"}
    users.ask("GET", f"/users/{person.id}", person).has_status(200).is_json(shown)
    session = users.ask("POST", "/sessions", json={"email": person.email, "password": password}).has_status(200)
    expect(session.field("user") == shown, f"the user {shown}", session.got, session.sent)
    users.ask("POST", "/sessions", json={"email": person.email, "password": draw.token()}).has_status(401)
    same = {"email": person.email.upper(), "password": password}
    users.ask("POST", "/users", json=same).has_status(409).mentions("email")


@pytest.mark.step("users")
def test_nobody_chooses_their_own_role(users: Inside, admin: Person, draw: Draw) -> None:
    body = {"email": f"{draw.token()}@example.org", "password": draw.token()}
    for field in ("rol", "role", "id"):
        users.ask("POST", "/users", json={**body, field: "admin"}).has_status(422).mentions(field)
    person, _ = signed_up(users, draw)
    users.ask("PATCH", f"/users/{person.id}", person, json={"rol": "admin"}).has_status(403)
    email = f"{draw.token()}@example.org"
    changed = users.ask("PATCH", f"/users/{person.id}", person, json={"email": email}).has_status(200)
    changed.is_json({"id": person.id, "email": email, "rol": "customer"})
    promoted = users.ask("PATCH", f"/users/{person.id}", admin, json={"rol": "admin"}).has_status(200)
    promoted.is_json({"id": person.id, "email": email, "rol": "admin"})


@pytest.mark.step("users")
def test_the_users_token_is_checked_again_inside(users: Inside, secrets: Secrets, draw: Draw) -> None:
    person, _ = signed_up(users, draw)
    path = f"/users/{person.id}"
    users.ask("GET", path).has_status(401)
    bad = {
        "an expired token": token(secrets.users, person.id, lifetime=-60),
        "a token with another secret": token(draw.token(40), person.id),
        "a token for another audience": token(secrets.users, person.id, aud="elsewhere"),
    }
    for what, shown in bad.items():
        answer = users.ask("GET", path, Person(person.id, shown))
        expect(answer.status == 401, f"401 with {what}", answer.got, answer.sent)


@pytest.mark.step("users")
def test_a_customer_sees_and_deletes_only_themselves(users: Inside, admin: Person, draw: Draw) -> None:
    (one, _), (other, _) = signed_up(users, draw), signed_up(users, draw)
    users.ask("GET", f"/users/{other.id}", one).has_status(403)
    users.ask("GET", f"/users?ids={one.id},{other.id}", one).has_status(403)
    users.ask("GET", "/users?first=5", one).has_status(403)
    users.ask("DELETE", f"/users/{other.id}", one).has_status(403)
    users.ask("DELETE", f"/users/{one.id}", one).has_status(204)
    users.ask("GET", f"/users/{one.id}", admin).has_status(404)
    users.ask("DELETE", f"/users/{one.id}", admin).has_status(404)
    users.ask("GET", f"/users/{other.id}", admin).has_status(200)


@pytest.mark.step("users")
def test_many_users_at_once_and_page_by_page(users: Inside, admin: Person, draw: Draw) -> None:
    made = sorted([signed_up(users, draw)[0] for _ in range(3)], key=lambda person: person.id)
    shown = [{"id": person.id, "email": person.email, "rol": "customer"} for person in made]
    wanted = ",".join([*draw.shuffled([person.id for person in made]), "nobody", uuid4().hex[:24]])
    answer = users.ask("GET", f"/users?ids={wanted}", admin).has_status(200)
    found = sorted(answer.items(), key=lambda user: str(user.get("id")))
    expect(found == shown, f"the three users {shown}", answer.got, answer.sent)
    users.ask("GET", f"/users?first=2&after={made[0].id}", admin).has_status(200).is_json(shown[1:])
    users.ask("GET", "/users?first=101", admin).has_status(422).mentions("first")


@pytest.mark.step("users")
def test_a_secret_that_is_none_ends_the_start(users: Inside, system: System) -> None:
    misled = system.launch("shipping", {"SERVICE_SECRET": "too-short"})
    refuses_to_start(misled, "SERVICE_SECRET", "too-short", hides="too-short")


# orders


@pytest.mark.step("orders")
def test_an_order_is_whose_token_it_is_and_costs_what_things_cost(orders: Inside, somebody: Person, draw: Draw) -> None:
    quantity = draw.integer(2, 9)
    products = orders.ask("GET", "/products", somebody).has_status(200)
    offered = draw.choice(products.items())
    for field, kind in (("id", int), ("name", str), ("price", str), ("stock", int)):
        expect(isinstance(offered.get(field), kind), f"{field!r} of each product", products.got, products.sent)
    total = f"{Decimal(offered['price']) * quantity:.2f}"

    placed = order_of(orders, somebody, product=offered["id"], quantity=quantity).has_status(201)

    got = (placed.field("userId", str), placed.field("estado", str), placed.field("total", str))
    expected = (somebody.id, "CREADO", total)
    expect(got == expected, f"userId, estado and total {expected}", placed.got, placed.sent)
    placed.field("createdAt", str)
    for query in (f"userId={somebody.id}", f"userIds={somebody.id}"):
        orders.ask("GET", f"/orders?{query}", somebody).has_status(200).is_json([placed.json])
    orders.ask("GET", f"/orders/{placed.field('id', int)}", somebody).has_status(200).is_json(placed.json)


@pytest.mark.step("orders")
def test_the_orders_of_several_users_in_one_answer(orders: Inside, admin: Person, secrets: Secrets) -> None:
    people = [secrets.person() for _ in range(3)]
    placed = [order_of(orders, person).has_status(201).field("id", int) for person in [*people, people[0]]]
    answer = orders.ask("GET", f"/orders?userIds={','.join(person.id for person in people)},nobody", admin)
    found = [order["id"] for order in answer.has_status(200).items()]
    expect(sorted(found) == placed, f"the orders {placed}", f"{found}", answer.sent)


@pytest.mark.step("orders")
def test_the_same_key_is_the_same_order(orders: Inside, secrets: Secrets, draw: Draw) -> None:
    one, other, key = secrets.person(), secrets.person(), draw.token()
    stock = {product["id"]: product["stock"] for product in orders.ask("GET", "/products", one).items()}

    answers = at_once([lambda: order_of(orders, one, key, product=2).has_status(201) for _ in range(10)])

    ids = {answer.field("id", int) for answer in answers}
    expect(len(ids) == 1, "one order", f"{len(ids)} orders", "POST /orders 10 times at once with one Idempotency-Key")
    later = order_of(orders, one, key, product=2).has_status(201).field("id", int)
    expect({later} == ids, f"order {ids} again", f"order {later}", f"POST /orders with the key {key} once more")
    left = {product["id"]: product["stock"] for product in orders.ask("GET", "/products", one).items()}
    expect(stock[2] - left[2] == 1, "one thing less in stock", f"{stock[2] - left[2]} less", "11 times the same order")
    others = order_of(orders, other, key).has_status(201).field("id", int)
    expect(others not in ids, "an order of their own for another user", f"order {others}", "the same key, another user")


@pytest.mark.step("orders")
def test_nobody_sees_the_orders_of_others(orders: Inside, secrets: Secrets) -> None:
    one, other = secrets.person(), secrets.person()
    order_id = order_of(orders, one).has_status(201).field("id", int)
    orders.ask("GET", f"/orders/{order_id}", other).has_status(404)
    orders.ask("GET", f"/orders?userId={one.id}", other).has_status(403)
    orders.ask("GET", f"/orders?userIds={other.id},{one.id}", other).has_status(403)
    orders.ask("GET", f"/orders/{order_id}").has_status(401)


@pytest.mark.step("orders")
def test_an_order_says_what_is_wanted_and_nothing_else(orders: Inside, somebody: Person) -> None:
    item = {"productId": 1, "quantity": 1}
    for field, value in (("userId", "x"), ("estado", "ENVIADO"), ("total", "0.01")):
        body = {"items": [item], field: value}
        orders.ask("POST", "/orders", somebody, json=body).has_status(422).mentions(field)
    for wrong in ([], [{**item, "quantity": 0}], [{**item, "productId": 999_999}], [{**item, "price": 1}]):
        orders.ask("POST", "/orders", somebody, json={"items": wrong}).has_status(422).mentions("items")
    orders.ask("GET", f"/orders?userId={somebody.id}", somebody).has_status(200).is_json([])


# gateway


@pytest.mark.step("gateway")
def test_one_answer_made_of_two_services(door: Door, draw: Draw) -> None:
    email, password = f"{draw.token()}@example.org", draw.token()
    user = door.do(REGISTER, email=email, password=password)["registrar"]
    expect(user == {"id": user["id"], "email": email, "rol": "customer"}, f"a customer {email}", user, "registrar")
    person = door.log_in(email, password)
    key, products = draw.token(), door.do("{ productos { id nombre precio stock } }")["productos"]
    offered, quantity = draw.choice(products), draw.integer(1, 9)
    lines = [{"productoId": offered["id"], "cantidad": quantity}]
    total = f"{Decimal(offered['precio']) * quantity:.2f}"

    placed = door.do(PLACE, person, lineas=lines, clave=key)["crearPedido"]
    again = door.do(PLACE, person, lineas=lines, clave=key)["crearPedido"]

    expected = {"id": placed["id"], "estado": "CREADO", "total": total, "creado": placed["creado"]}
    expect(placed == {**expected, "usuarioId": user["id"]}, f"an order of {total}", placed, "crearPedido")
    expect(again == placed, f"the same order {placed}", again, "crearPedido with the same clave")
    order = {"id": placed["id"], "estado": "CREADO", "total": total}
    answer = door.send(MINE, person)
    got, expected = answer.field("data"), {"yo": {**user, "pedidos": [order]}}
    expect(got == expected, json.dumps(expected), answer.got, answer.sent)
    found = door.do("query ($id: ID!) { usuario(id: $id) { email pedidos { total } } }", person, id=person.id)
    expected = {"usuario": {"email": email, "pedidos": [{"total": total}]}}
    expect(found == expected, json.dumps(expected), json.dumps(found), "usuario(id) { email pedidos { total } }")


@pytest.mark.step("gateway")
def test_nobody_sees_what_is_anothers(door: Door, secrets: Secrets, draw: Draw) -> None:
    one, other = door.register(draw), secrets.person()
    order_id = door.place(one)["id"]
    both = "query ($id: ID!, $user: ID!) { pedido(id: $id) { id } usuario(id: $user) { id email } }"
    seen = door.do(both, other, id=order_id, user=one.id)
    expect(seen == {"pedido": None, "usuario": None}, "null for what is another's", seen, both)
    expect(door.do(both, one, id=order_id, user=one.id)["pedido"], "the order for whoever placed it", "null", both)
    door.fails("FORBIDDEN", HUNDRED, one)
    door.fails("FORBIDDEN", LEAVE, other, id=one.id)
    door.fails("FORBIDDEN", SHIP, one, id=order_id)


@pytest.mark.step("gateway")
def test_no_token_and_bad_tokens(door: Door, secrets: Secrets, draw: Draw) -> None:
    user_id = uuid4().hex[:24]
    for query in (MINE, HUNDRED, '{ pedido(id: "1") { id } }', f'{{ usuario(id: "{user_id}") {{ id }} }}'):
        door.fails("UNAUTHENTICATED", query)
    for query, variables in ((PLACE, {"lineas": [{"productoId": "1", "cantidad": 1}]}), (SHIP, {"id": "1"})):
        door.fails("UNAUTHENTICATED", query, **variables)
    bad = {
        "an expired token": token(secrets.users, user_id, lifetime=-60),
        "a token with another secret": token(draw.token(40), user_id, "admin"),
        "the services' own token": secrets.service(),
        "nonsense": draw.token(),
    }
    for what, shown in bad.items():
        answer = door.send(MINE, Person(user_id, shown))
        expect(answer.status == 401, f"401 with {what}", answer.got, answer.sent)


@pytest.mark.step("gateway")
def test_what_the_services_refuse_is_told_by_a_code(door: Door, somebody: Person, draw: Draw) -> None:
    person = door.register(draw)
    door.fails("CONFLICT", REGISTER, email=person.email, password=draw.token())
    door.fails("BAD_USER_INPUT", REGISTER, email="no-address", password=draw.token())
    door.fails("UNAUTHENTICATED", LOG_IN, email=person.email, password=draw.token())
    door.fails("BAD_USER_INPUT", PLACE, somebody, lineas=[{"productoId": "999999", "cantidad": 1}])
    door.fails("BAD_USER_INPUT", PLACE, somebody, lineas=[{"productoId": "1", "cantidad": -1}])
    chosen = 'mutation { registrar(email: "a@example.org", password: "long-enough", rol: "admin") { rol } }'
    answer = door.send(chosen)
    expect(answer.status in (400, 422), "a refusal, 400 or 422", answer.got, answer.sent)
    error_of(answer, "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.step("gateway")
def test_nothing_else_is_reachable(door: Door, admin: Person, secrets: Secrets) -> None:
    headers = {**admin.headers, "X-Service-Token": secrets.service()}
    door.client.get("/health").has_status(200).is_json({"status": "ok"})
    for path in ("/users", "/orders?userIds=a", "/products", "/sessions", "/v1/traces", "/orders/1", "/shipments"):
        for method in ("GET", "POST"):
            answer = door.client.request(method, path, headers=headers)
            expect(answer.status in (400, 404, 405), "404: no such path at the door", answer.got, answer.sent)


@pytest.mark.step("gateway")
def test_queries_that_ask_for_too_much_and_for_the_schema(door: Door, admin: Person) -> None:
    door.fails("GRAPHQL_VALIDATION_FAILED", "{ __schema { types { name } } }", admin)
    aliases = " ".join(f"a{number}: productos {{ id }}" for number in range(200))
    deep = "{ productos { id } " + "{ a " * 100 + "}" * 100 + "}"
    wide = "{ usuarios(first: 100) { " + " ".join(f"p{n}: pedidos {{ id estado total }}" for n in range(14)) + " } }"
    fragments = "query { ...f0 } " + " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(60)
    )
    for query in (f"{{ {aliases} }}", deep, wide, fragments + " fragment f60 on Query { yo { id } }", "{" * 50_000):
        began = time.monotonic()
        answer = door.send(query, admin)
        took, sent = time.monotonic() - began, f"POST /graphql with a query of {len(query)} characters"
        expect(answer.status in (400, 413, 422), "a refusal, 400, 413 or 422", answer.got, sent)
        expect(took < TOGETHER_S, "a refusal at once", f"{took:.1f} s", sent)
    body = {"query": MINE, "variables": {"padding": "x" * 200_000}}
    door.client.post("/graphql", json=body, headers=admin.headers).has_status(413)


@pytest.mark.step("gateway")
def test_the_schema_is_told_where_the_setting_says_so(stage: Stage) -> None:
    plain = Door(stage.plain.url)
    with closing(plain.client):
        told = plain.do("{ __schema { queryType { name } } }")
    expect(told == {"__schema": {"queryType": {"name": "Query"}}}, "the schema", told, "INTROSPECTION=true")


@pytest.mark.step("gateway")
def test_each_call_carries_who_asks_and_for_whom(stage: Stage, admin: Person, draw: Draw) -> None:
    request_id = f"suite-{draw.token()}"
    before = len(stage.played.asked)
    with closing(Client(stage.fast.url)) as client:
        headers = {**admin.headers, "X-Request-ID": request_id, "X-Service-Token": "mine", "X-User-Id": "root"}
        client.post("/graphql", json={"query": HUNDRED}, headers=headers).header("X-Request-ID", request_id)
    calls = stage.played.asked[before:]
    expect(calls, "calls to the services", "none", HUNDRED)
    for path, got in calls:
        expect(got.get("authorization") == admin.headers["Authorization"], "the user's own token", got, f"GET {path}")
        expect(got.get("x-request-id") == request_id, f"X-Request-ID: {request_id}", got, f"GET {path}")
        expect(got.get("x-service-token", "mine") != "mine", "the gateway's own X-Service-Token", got, f"GET {path}")


@pytest.mark.step("gateway")
def test_a_service_that_is_away_takes_only_its_own_fields_with_it(stage: Stage, admin: Person) -> None:
    door = Door(stage.fast.url)
    with closing(door.client):
        for gone, fields in (("orders", ("usuarios", 0, "pedidos")), ("users", ("usuarios",))):
            stage.crowd.gone.clear()
            stage.crowd.gone.add(gone)
            query = "{ usuarios(first: 2) { email pedidos { id } } productos { nombre } }"
            answer = door.send(query, admin).has_status(200)
            error = error_of(answer, "SERVICE_UNAVAILABLE")
            expect(error["extensions"].get("service") == gone, f"extensions.service {gone!r}", answer.got, answer.sent)
            expect(error.get("path", [])[: len(fields)] == list(fields), f"the path {fields}", answer.got, answer.sent)
            data = answer.field("data")
            expect(data.get("productos"), "productos as ever", answer.got, answer.sent)
            if gone == "orders":
                emails = [{"email": user["email"], "pedidos": None} for user in stage.crowd.users[:2]]
                expect(data["usuarios"] == emails, f"users without orders {emails}", answer.got, answer.sent)
            stage.crowd.gone.clear()
            eventually(partial(door.do, query, admin), within=RECOVERED_WITHIN_S)


# batching


@pytest.mark.step("batching")
def test_a_hundred_users_with_their_orders_cost_two_calls(stage: Stage, admin: Person) -> None:
    for process in (stage.fast, stage.plain):
        before = len(stage.played.asked)
        with closing(Client(process.url)) as client:
            headers = {**admin.headers, "Accept": "application/json"}
            answer = client.post("/graphql", json={"query": HUNDRED}, headers=headers, timeout=30).has_status(200)
        calls = stage.played.asked[before:]
        expect(len(calls) == 2, "2 calls to the services", f"{len(calls)} calls", HUNDRED)
        told = answer.field("extensions", dict).get("upstreamCalls")
        expect(told == len(calls), f"extensions.upstreamCalls {len(calls)}", f"{told}", HUNDRED)
        expected = [
            {**user, "pedidos": [{name: text(order[name]) for name in ("id", "estado", "total")} for order in owned]}
            for user in stage.crowd.users
            for owned in [stage.crowd.orders[user["id"]]]
        ]
        got = answer.field("data")["usuarios"]
        expect(got == expected, "each user with their own orders", str(got)[:300], HUNDRED)


def text(value: Any) -> str:
    """A value as a leaf of type ID or String."""
    return str(value)


@pytest.mark.step("batching")
def test_users_without_orders_have_an_empty_list(stage: Stage, admin: Person) -> None:
    user_id = stage.crowd.users[3]["id"]
    kept = stage.crowd.orders.pop(user_id)
    try:
        door = Door(stage.fast.url)
        with closing(door.client):
            users = door.do("{ usuarios(first: 5) { id pedidos { id } } }", admin)["usuarios"]
    finally:
        stage.crowd.orders[user_id] = kept
    got = {user["id"]: len(user["pedidos"]) for user in users}
    expected = {user["id"]: 0 if user["id"] == user_id else 10 for user in stage.crowd.users[:5]}
    expect(got == expected, f"so many orders: {expected}", f"{got}", "usuarios(first: 5) { id pedidos { id } }")


# events


@pytest.mark.step("events")
def test_a_new_order_is_announced_once_with_what_it_is(door: Door, somebody: Person, bus: Bus, draw: Draw) -> None:
    key = draw.token()
    placed = door.place(somebody, key)
    door.place(somebody, key)
    event = bus.has("pedido_creado", orderId=placed["id"])
    data = {"orderId": placed["id"], "userId": somebody.id, "total": placed["total"]}
    expect(event["data"] == data, f"the data {data}", event["data"], "crearPedido")
    other = door.place(somebody)
    bus.has("pedido_creado", orderId=other["id"])
    ids = {each["id"] for each in bus.of("pedido_creado", orderId=placed["id"])}
    expect(len(ids) == 1, "one event", f"{len(ids)}", "crearPedido twice with one clave")


@pytest.mark.step("events")
def test_shipping_says_so_and_the_order_is_on_its_way(door: Door, somebody: Person, admin: Person, bus: Bus) -> None:
    placed = door.place(somebody)
    expect(door.do(SHIP, admin, id=placed["id"])["enviarPedido"] is True, "true", "something else", "enviarPedido")
    bus.has("pedido_enviado", orderId=placed["id"], userId=somebody.id)
    becomes(door, somebody, placed["id"], "ENVIADO")
    door.fails("NOT_FOUND", SHIP, admin, id="987654321")
    door.fails("FORBIDDEN", SHIP, somebody, id=placed["id"])


def becomes(door: Door, who: Person, order_id: str, estado: str, within: float = 15) -> None:
    """Wait until an order is in a state."""

    def there() -> bool:
        got = door.do(ORDER, who, id=order_id)["pedido"]
        expect(got and got["estado"] == estado, f"estado {estado}", f"{got}", f"pedido(id: {order_id})")
        return True

    eventually(there, within=within)


@pytest.mark.step("events")
def test_nonsense_on_the_bus_stops_nobody(door: Door, somebody: Person, admin: Person, bus: Bus) -> None:
    placed = door.place(somebody)
    bus.publish("pedido_enviado", b"{nonsense")
    bus.tell("pedido_enviado", placed["id"], {"orderId": "one", "userId": somebody.id})
    bus.tell("pedido_enviado", placed["id"], {"orderId": placed["id"], "userId": uuid4().hex[:24]})
    door.do(SHIP, admin, id=placed["id"])
    becomes(door, somebody, placed["id"], "ENVIADO")


@pytest.mark.step("events")
@pytest.mark.breaks_services
@pytest.mark.within(seconds=120)
def test_without_the_broker_orders_are_taken_and_nothing_is_lost(
    door: Door, somebody: Person, admin: Person, services: dict[str, Service]
) -> None:
    server = services["rabbitmq"].server
    with closing(Bus(services["rabbitmq"].url)) as bus:
        shipped = door.place(somebody)
        bus.has("pedido_creado", orderId=shipped["id"])
        server.kill()
        try:
            placed = door.place(somebody)
            began = time.monotonic()
            error = door.fails("SERVICE_UNAVAILABLE", SHIP, admin, id=shipped["id"])
            took = time.monotonic() - began
            expect(took < FAILS_WITHIN_S, "an error at once", f"after {took:.1f} s", "enviarPedido without RabbitMQ")
            expect(
                error["extensions"].get("service") == "shipping", "extensions.service 'shipping'", error, "enviarPedido"
            )
        finally:
            server.start_again()
        bus.has("pedido_creado", orderId=placed["id"])
        eventually(lambda: door.do(SHIP, admin, id=shipped["id"]), within=RECOVERED_WITHIN_S)
        becomes(door, somebody, shipped["id"], "ENVIADO", RECOVERED_WITHIN_S)


# notifications


@pytest.mark.step("notifications")
def test_the_owner_hears_of_it_and_nobody_else(
    door: Door, secrets: Secrets, admin: Person, listen: Callable[..., Ears]
) -> None:
    one, other = secrets.person(), secrets.person()
    first, second, stranger, boss = listen(one), listen(one), listen(other), listen(admin)
    placed, others = door.place(one), door.place(other)

    door.do(SHIP, admin, id=placed["id"])

    expected = {"id": placed["id"], "estado": "ENVIADO", "mensaje": SENT, "numero": 1}
    for ears in (first, second):
        got = ears.hears(placed["id"])
        expect(got == expected, json.dumps(expected, ensure_ascii=False), got, "enviarPedido")
    door.do(SHIP, admin, id=others["id"])
    stranger.hears(others["id"])
    for ears, ids in ((first, [placed["id"]]), (second, [placed["id"]]), (stranger, [others["id"]]), (boss, [])):
        expect(
            ears.orders() == ids, f"news of the orders {ids} alone", ears.orders(), "two orders of two users shipped"
        )


@pytest.mark.step("notifications")
def test_whoever_comes_back_has_missed_nothing_and_hears_nothing_twice(
    door: Door, somebody: Person, admin: Person, listen: Callable[..., Ears]
) -> None:
    ids = []
    for _ in range(3):
        ids.append(door.place(somebody)["id"])
        door.do(SHIP, admin, id=ids[-1])
        becomes(door, somebody, ids[-1], "ENVIADO")
    late, later = listen(somebody), listen(somebody, since=2)
    late.hears(ids[2])
    later.hears(ids[2])
    expect(late.orders() == ids, f"the orders {ids} in their order", late.orders(), "since 0")
    numbers = [data.get("numero") for data in late.heard]
    expect(numbers == [1, 2, 3], "numero 1, 2, 3", numbers, "since 0")
    expect(later.orders() == ids[2:], f"order {ids[2:]} alone", later.orders(), "since 2")


@pytest.mark.step("notifications")
def test_the_same_news_twice_is_told_once(
    door: Door, somebody: Person, admin: Person, bus: Bus, listen: Callable[..., Ears]
) -> None:
    ears, placed, last = listen(somebody), door.place(somebody), door.place(somebody)
    data, event_id = {"orderId": placed["id"], "userId": somebody.id}, str(uuid4())
    for each in (event_id, event_id, str(uuid4())):
        bus.tell("pedido_enviado", placed["id"], data, each)
    ears.hears(placed["id"])
    door.do(SHIP, admin, id=last["id"])
    ears.hears(last["id"])
    expected = [placed["id"], last["id"]]
    expect(ears.orders() == expected, f"each order once: {expected}", ears.orders(), "pedido_enviado three times")


@pytest.mark.step("notifications")
def test_nobody_joins_the_room_of_another(
    door: Door, secrets: Secrets, admin: Person, listen: Callable[..., Ears]
) -> None:
    victim, thief = secrets.person(), secrets.person()
    ears, long_ears = listen(victim), listen(thief)
    for event in ("join", "subscribe", "unirse", "enter_room", "history"):
        long_ears.emit(event, {"room": victim.id, "user": victim.id, "userId": victim.id, "since": 0})
    placed = door.place(victim)
    door.do(SHIP, admin, id=placed["id"])
    ears.hears(placed["id"])
    expect(long_ears.orders() == [], "nothing", long_ears.orders(), f"join with the id of another user, {victim.id}")
    expect(long_ears.connected, "a connection that goes on", "a connection that was closed", "join")


@pytest.mark.step("notifications")
def test_who_may_not_listen(system: System, secrets: Secrets, draw: Draw, listen: Callable[..., Ears]) -> None:
    listen(secrets.person())
    user_id = uuid4().hex[:24]
    bad = {
        "no token": None,
        "nonsense": {"token": draw.token()},
        "no text": {"token": 7},
        "an expired token": {"token": token(secrets.users, user_id, lifetime=-60)},
        "a token with another secret": {"token": token(draw.token(40), user_id)},
    }
    for what, auth in bad.items():
        refused_to_listen(system.url("gateway"), what, auth, "unauthorized")
    good = {"token": token(secrets.users, user_id)}
    refused_to_listen(system.url("orders"), "a good token, and not through the gateway", good, "")


def refused_to_listen(url: str, what: str, auth: Any, reason: str) -> None:
    """A client of Socket.IO is not let in, and is told this reason."""
    client = socketio.Client(reconnection=False)
    reasons: list[object] = []
    client.on("connect_error", reasons.append)
    try:
        client.connect(url, auth=auth, transports=["websocket"], wait_timeout=5)
    except socketio.exceptions.ConnectionError:
        told = str(reasons)
        expect(reason in told, f"connect_error {reason!r}", told, f"Socket.IO with {what}")
        return
    client.disconnect()
    raise Unmet("no connection", "a connection", f"Socket.IO with {what}")


@pytest.mark.step("notifications")
def test_a_connection_ends_with_its_token(secrets: Secrets, listen: Callable[..., Ears]) -> None:
    user_id = uuid4().hex[:24]
    ears = listen(Person(user_id, token(secrets.users, user_id, lifetime=2)))
    eventually(lambda: not ears.connected, within=15, expected="the connection to be closed when its token expires")


# replicas


@pytest.mark.step("replicas")
def test_every_replica_tells_at_once_whichever_has_heard(
    door: Door, system: System, secrets: Secrets, somebody: Person, admin: Person, listen: Callable[..., Ears]
) -> None:
    own = {"X-Service-Token": secrets.service()}
    all_ears = [listen(somebody, url=process.url, headers=own) for process in system.processes("orders")]
    waits = []
    for _ in range(5):
        placed = door.place(somebody)
        door.do(SHIP, admin, id=placed["id"])
        began = time.monotonic()
        for ears in all_ears:
            ears.hears(placed["id"])
        waits.append(time.monotonic() - began)
    waits.sort()
    got = ", ".join(f"{wait:.1f} s" for wait in waits)
    expect(waits[2] < 1.5, "clients of both replicas told at once", got, "five orders shipped, one after the other")


@pytest.mark.step("replicas")
def test_a_replica_that_dies_is_not_missed(
    door: Door, system: System, secrets: Secrets, admin: Person, draw: Draw, listen: Callable[..., Ears]
) -> None:
    people = [secrets.person() for _ in range(4)]
    ears = [listen(person) for person in people]
    victim = draw.choice(system.processes("orders"))
    victim.kill()
    for person in people:
        answer = door.send('{ pedido(id: "1") { id } productos { id } }', person).has_status(200)
        expect("errors" not in answer.json, "data without errors: the other replica answers", answer.got, answer.sent)
    placed = [door.place(person, draw.token()) for person in people]
    for order in placed:
        door.do(SHIP, admin, id=order["id"])
    for each, order in zip(ears, placed, strict=True):
        each.hears(order["id"], RECOVERED_WITHIN_S)
        expect(each.orders() == [order["id"]], f"order {order['id']} once", each.orders(), f"{victim.name} killed")


@pytest.mark.step("replicas")
@pytest.mark.breaks_services
@pytest.mark.within(seconds=240)
def test_two_hundred_orders_and_fifty_clients_while_things_fall_over(
    request: pytest.FixtureRequest,
    door: Door,
    system: System,
    services: dict[str, Service],
    secrets: Secrets,
    admin: Person,
    listen: Callable[..., Ears],
) -> None:
    chance = random.Random(request.config.option.seed)
    people = [secrets.person() for _ in range(CLIENTS)]
    with ThreadPoolExecutor(10) as pool:
        ears = list(pool.map(listen, people))
    storm = Storm(system, services, chance)
    buyer = Buyer(system.url("gateway"), admin)
    wishes = [(person.id, partial(buyer.buy_and_ship, person, uuid4().hex)) for person in people * ORDERS_EACH]
    chance.shuffle(wishes)
    with ThreadPoolExecutor(8) as pool:
        under_way = [(user_id, pool.submit(buy)) for user_id, buy in wishes]
        storm.rage(lambda: sum(bought.done() for _, bought in under_way) / len(under_way))
        ids: dict[str, set[str]] = {}
        for user_id, bought in under_way:
            ids.setdefault(user_id, set()).add(bought.result())
    sent = f"{len(wishes)} orders, {len(ears)} clients; killed and back: {', '.join(storm.fallen)}"
    expect(buyer.slowest < FAILS_WITHIN_S, "every answer within some seconds", f"{buyer.slowest:.1f} s", sent)
    for each in ears:
        for order_id in ids[each.who.id]:
            each.hears(order_id, RECOVERED_WITHIN_S)
    for each in ears:
        told, due = Counter(each.orders()), Counter(ids[each.who.id])
        expect(told == due, f"each order of this user once, and no other: {sorted(due)}", dict(told), sent)
    inside = Inside(system.processes("orders")[0], secrets)
    with closing(inside.bare):
        for some in (people[:25], people[25:]):
            kept = inside.ask("GET", f"/orders?userIds={','.join(person.id for person in some)}", admin)
            got = Counter((order["userId"], order["estado"]) for order in kept.has_status(200).items())
            all_sent = {(person.id, "ENVIADO"): ORDERS_EACH for person in some}
            expect(got == all_sent, f"{ORDERS_EACH} orders of each user, all ENVIADO", dict(got), sent)


class Storm:
    """Kills services and servers, one after the other, and has them back."""

    def __init__(self, system: System, services: dict[str, Service], chance: random.Random) -> None:
        self.fallen: list[str] = []
        self._victims: list[tuple[str, Callable[[], None], Callable[[], object]]] = []
        servers = chance.sample(["postgresql", "mongodb", "redis", "rabbitmq"], 2)
        gateway, *_ = system.processes("gateway")
        shipping, *_ = system.processes("shipping")
        processes = chance.sample([gateway, *system.processes("users"), *system.processes("orders"), shipping], 2)
        for name in servers:
            server = services[name].server
            self._victims.append((name, server.kill, server.start_again))
        for process in processes:
            self._victims.append((process.name, process.kill, process.restart))
        chance.shuffle(self._victims)

    def rage(self, progress: Callable[[], float]) -> None:
        """Let them fall while the work is under way; every one is back when this returns."""
        for number, (name, kill, restart) in enumerate(self._victims):
            due = (number + 0.5) / (len(self._victims) + 1)
            # A worker that cannot go on tells why itself, when its result is asked for.
            while progress() < due:
                time.sleep(0.02)
            kill()
            try:
                time.sleep(0.3)
            finally:
                restart()
            self.fallen.append(name)


class Buyer:
    """Buys and ships through the gateway, and does not give up."""

    def __init__(self, url: str, admin: Person) -> None:
        self.slowest = 0.0
        self._url = url
        self._admin = admin
        self._doors = threading.local()

    def buy_and_ship(self, who: Person, key: str) -> str:
        """The id of an order that is placed and shipped."""
        lines = [{"productoId": "1", "cantidad": 1}]
        order = self._insist(PLACE, who, "crearPedido", {"lineas": lines, "clave": key})
        self._insist(SHIP, self._admin, "enviarPedido", {"id": order["id"]})
        return str(order["id"])

    def _insist(self, query: str, who: Person, field: str, variables: Data) -> Any:
        def done() -> Any:
            if not hasattr(self._doors, "door"):
                self._doors.door = Door(self._url)
            began = time.monotonic()
            try:
                answer = self._doors.door.send(query, who, **variables)
            finally:
                self.slowest = max(self.slowest, time.monotonic() - began)
            data = answer.json.get("data") if isinstance(answer.json, dict) else None
            value = (data or {}).get(field)
            if not value:
                error_of(answer, "SERVICE_UNAVAILABLE")
            expect(value, f"{field} when all is back", answer.got, answer.sent)
            return value

        return eventually(done, within=RECOVERED_WITHIN_S)


# saga


@pytest.mark.step("saga")
def test_a_user_who_leaves_leaves_orphans(door: Door, admin: Person, bus: Bus, draw: Draw) -> None:
    person = door.register(draw)
    ids = [door.place(person)["id"] for _ in range(2)]
    door.do(SHIP, admin, id=ids[0])
    becomes(door, admin, ids[0], "ENVIADO")

    expect(door.do(LEAVE, person, id=person.id)["eliminarUsuario"] is True, "true", "false", "eliminarUsuario")

    bus.has("usuario_eliminado", userId=person.id)
    for order_id in ids:
        becomes(door, admin, order_id, "HUERFANO")
    gone = door.do("query ($id: ID!) { usuario(id: $id) { id } }", admin, id=person.id)
    expect(gone == {"usuario": None}, "null", gone, "usuario(id) of a user who has left")
    expect(door.do(LEAVE, admin, id=person.id)["eliminarUsuario"] is False, "false", "true", "eliminarUsuario again")
    door.fails("FORBIDDEN", PLACE, person, lineas=[{"productoId": "1", "cantidad": 1}])
    door.fails("CONFLICT", SHIP, admin, id=ids[1])


@pytest.mark.step("saga")
def test_orphans_stay_orphans_in_whatever_order_the_news_come(
    orders: Inside, admin: Person, secrets: Secrets, bus: Bus
) -> None:
    one, other = secrets.person(), secrets.person()
    first = order_of(orders, one).has_status(201).field("id", int)
    second = order_of(orders, other).has_status(201).field("id", int)
    bus.tell("usuario_eliminado", one.id, {"userId": one.id})
    bus.tell("pedido_enviado", str(first), {"orderId": str(first), "userId": one.id})
    bus.tell("pedido_enviado", str(second), {"orderId": str(second), "userId": other.id})
    for order_id, due in ((second, "ENVIADO"), (first, "HUERFANO")):

        def there(order_id: int = order_id, due: str = due) -> bool:
            answer = orders.ask("GET", f"/orders/{order_id}", admin).has_status(200)
            expect(answer.field("estado") == due, f"estado {due}", answer.got, answer.sent)
            return True

        eventually(there, within=15)


@pytest.mark.step("saga")
def test_no_order_slips_through_while_its_user_leaves(
    orders: Inside, admin: Person, secrets: Secrets, bus: Bus
) -> None:
    person = secrets.person()
    order_of(orders, person).has_status(201)
    with ThreadPoolExecutor(6) as pool:
        placing = [pool.submit(order_of, orders, person) for _ in range(12)]
        bus.tell("usuario_eliminado", person.id, {"userId": person.id})
        seen = statuses([each.result() for each in placing])
    expect(
        seen.keys() <= {201, 403}, "each order taken (201) or refused (403)", seen, "12 orders while the user leaves"
    )
    eventually(lambda: order_of(orders, person).status == 403, within=15, expected="403 for a user who has left")
    answer = orders.ask("GET", f"/orders?userIds={person.id}", admin).has_status(200)
    states = Counter(order["estado"] for order in answer.items())
    expect(set(states) == {"HUERFANO"}, "all of them HUERFANO", dict(states), "12 orders while the user leaves")


@pytest.mark.step("saga")
@pytest.mark.breaks_services
@pytest.mark.within(seconds=120)
def test_who_leaves_while_the_broker_is_away_has_left(
    door: Door, system: System, admin: Person, draw: Draw, services: dict[str, Service]
) -> None:
    person = door.register(draw)
    placed, server = door.place(person), services["rabbitmq"].server
    server.kill()
    try:
        door.do(LEAVE, person, id=person.id)
        for process in system.processes("users"):
            process.kill()
    finally:
        server.start_again()
    for process in system.processes("users"):
        process.restart()
    becomes(door, admin, placed["id"], "HUERFANO", RECOVERED_WITHIN_S)


# observability


@pytest.mark.step("observability")
@pytest.mark.within(seconds=90)
def test_one_trace_and_one_request_id_through_everything(
    door: Door, somebody: Person, admin: Person, bus: Bus, draw: Draw
) -> None:
    attempts = 3
    for attempt in range(1, attempts + 1):
        request_id = f"suite-{draw.token()}"
        order_id = door.place(somebody)["id"]
        answer = eventually(partial(shipped, door, admin, order_id, request_id), within=RECOVERED_WITHIN_S)
        answer.header("X-Request-ID", re.escape(request_id))
        got = bus.has("pedido_enviado", orderId=order_id).get("correlationid")
        expect(got == request_id, f"correlationid {request_id}", got, "enviarPedido")
        trace_id = answer.header("X-Trace-Id", "[0-9a-f]{32}")
        try:
            eventually(partial(whole_trace, door, trace_id), within=5)
            break
        except Unmet:
            # On a busy machine spans may get lost, as lesson 18 promises: a request never does.
            if attempt == attempts:
                raise
    door.client.get(f"/traces/{trace_id}").has_status(200).mentions("<svg")


def shipped(door: Door, admin: Person, order_id: str, request_id: str) -> Answer:
    """The answer that says that an order is shipped; a test before may have had the broker away."""
    headers = {**admin.headers, "Accept": "application/json", "X-Request-ID": request_id}
    body = {"query": SHIP, "variables": {"id": order_id}}
    answer = door.client.post("/graphql", json=body, headers=headers)
    expect(answer.json.get("data") == {"enviarPedido": True}, "an order shipped", answer.got, answer.sent)
    return answer


def whole_trace(door: Door, trace_id: str) -> bool:
    """A trace has spans of all who took part, also behind the broker."""
    spans = door.client.get(f"/api/traces/{trace_id}").has_status(200)
    told = {span["service"] for span in spans.items()}
    expect(told >= {"gateway", "orders", "shipping"}, "spans of gateway, orders and shipping", told, spans.sent)
    consumed = [span for span in spans.items() if (span["service"], span["kind"]) == ("orders", "consumer")]
    expect(consumed, "a span of orders, kind consumer, for the event", spans.got, spans.sent)
    return True


@pytest.mark.step("observability")
def test_logs_of_all_services_carry_the_request_id(door: Door, system: System, somebody: Person, draw: Draw) -> None:
    request_id = f"suite-{draw.token()}"
    body = {"query": "{ yo { id } pedido(id: 1) { id } }"}
    door.client.post("/graphql", json=body, headers={**somebody.headers, "X-Request-ID": request_id})
    for name in ("gateway", "users", "orders"):

        def told(name: str = name) -> bool:
            return any(request_id in process.log() for process in system.processes(name))

        eventually(told, within=10, expected=f"a line in the log of {name} with the request id {request_id}")


@pytest.mark.step("observability")
@pytest.mark.breaks_services
@pytest.mark.within(seconds=120)
def test_the_state_of_every_service(door: Door, system: System, services: dict[str, Service]) -> None:
    def state() -> dict[str, list[Data]]:
        told = door.client.get("/estado").has_status(200).field("services", list)
        return {service["name"]: service["instances"] for service in told}

    due = {
        "gateway": (1, set()),
        "users": (1, {"mongodb", "rabbitmq"}),
        "orders": (2, {"postgresql", "rabbitmq", "redis"}),
        "shipping": (1, {"rabbitmq"}),
    }

    def all_well() -> bool:
        got = state()
        fine = {name: [(each["status"], set(each["checks"].values())) for each in there] for name, there in got.items()}
        counted = {
            name: (len(there), {check for each in there for check in each["checks"]}) for name, there in got.items()
        }
        expect(counted == due, f"instances and checks {due}", counted, "GET /estado")
        expect(
            all(status == "ok" and checks <= {"ok"} for each in fine.values() for status, checks in each), "all ok", got
        )
        return True

    eventually(all_well, within=RECOVERED_WITHIN_S)
    services["redis"].server.kill()
    system.processes("shipping")[0].kill()
    try:

        def one_down() -> bool:
            got = state()
            redis = {each["checks"].get("redis") for each in got["orders"]}
            others = {each["checks"].get("postgresql") for each in got["orders"]}
            shipping = {each["status"] for each in got["shipping"]}
            seen = (redis, others, shipping)
            expect(
                seen == ({"down"}, {"ok"}, {"down"}), "redis and shipping down, and nothing else", got, "GET /estado"
            )
            return True

        eventually(one_down, within=10)
    finally:
        services["redis"].server.start_again()
        system.processes("shipping")[0].restart()
    eventually(all_well, within=RECOVERED_WITHIN_S)


@pytest.mark.step("observability")
def test_each_service_tells_its_figures_and_whether_it_is_ready(system: System) -> None:
    for name in ("gateway", "users", "orders", "shipping"):
        with closing(Client(system.url(name))) as client:
            client.get("/metrics").has_status(200).mentions("http_requests_total")
            client.get("/health/live").has_status(200)
            eventually(partial(ready, client), within=RECOVERED_WITHIN_S)


def ready(client: Client) -> Answer:
    """The answer of a process that can serve."""
    return client.get("/health/ready").has_status(200)


# bulk


def queries(draw: Draw, crowd: Crowd) -> Iterator[tuple[str, Data]]:
    """Queries that are as odd as they may be: aliases, fragments, directives, variables, lists of nothing."""
    user = draw.choice(crowd.users)["id"]
    order, product = ["id", "estado", "total", "creado", "usuarioId", "__typename"], ["id", "nombre", "precio", "stock"]
    for _ in range(25):
        fields = " ".join(draw.shuffled(order)[: draw.integer(1, 5)])
        alias = draw.choice(["", "a: ", "pedidos2: "])
        orders = f"{alias}pedidos {draw.choice(['', '@include(if: $yes)', '@skip(if: $yes)'])} {{ {fields} }}"
        inside = draw.choice([orders, f"... on Usuario {{ {orders} }}", "...u ... @include(if: $yes) { rol }", "...u"])
        first = draw.choice(["3", "$n", "0", "100"])
        root = draw.shuffled(
            [
                f"usuarios(first: {first}) {{ id {inside} }}",
                f"productos {{ {' '.join(draw.shuffled(product)[: draw.integer(1, 4)])} }}",
                f'x: usuario(id: "{draw.choice([user, "nobody"])}") {{ email {inside} }}',
                "__typename",
            ]
        )
        head = "query ($yes: Boolean!, $n: Int!) {"
        more = "ping: __typename @include(if: $yes) more: usuarios(first: $n) { id ...u } }"
        fragment = "fragment u on Usuario { email id pedidos { total id } }"
        variables = {"yes": draw.choice([True, False]), "n": draw.integer(0, 5)}
        yield f"{head} {' '.join(root[: draw.integer(2, 4)])} {more} {fragment}", variables


@pytest.mark.step("bulk")
def test_graphql_core_is_the_judge(stage: Stage, admin: Person, somebody: Person, draw: Draw) -> None:
    fast, plain = Door(stage.fast.url), Door(stage.plain.url)
    with closing(fast.client), closing(plain.client):
        asked = [
            *queries(draw, stage.crowd),
            ("{ usuarios(first: 101) { id } productos { id } }", {}),
            ("{ nope }", {}),
        ]
        for number, (query, variables) in enumerate(asked):
            stage.crowd.gone.clear()
            if number % 6 == 5:
                stage.crowd.gone.add(draw.choice(["orders", "users", "products"]))
            who = somebody if number % 7 == 6 else admin
            answer, due = fast.send(query, who, **variables), plain.send(query, who, **variables)
            expected, sent = (
                f"{due.status} {due.text[:600]}",
                f"{query} {variables} without {stage.crowd.gone or 'faults'}",
            )
            same = answer.status == due.status and in_order(answer) == in_order(due)
            expect(same, expected, f"{answer.status} {answer.text[:600]}", sent)
            time.sleep(0.06 if stage.crowd.gone else 0)


def in_order(answer: Answer) -> str:
    """A response with its fields in the order that they have, errors in any."""
    told = json.loads(answer.text)
    told["errors"] = sorted(json.dumps(error) for error in told.get("errors", []))
    told.pop("extensions", None)
    return json.dumps(told)


@pytest.mark.step("bulk")
def test_bulk_takes_less_than_graphql_core(stage: Stage, admin: Person) -> None:
    spent = {"in bulk": work_of(stage.fast, admin), "by graphql-core": work_of(stage.plain, admin)}
    ratio = spent["by graphql-core"] / max(spent["in bulk"], 0.001)
    got = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in spent.items())
    expect(ratio > 1.5, "at most two thirds of the gateway's CPU time", got, f"20 times {HUNDRED}")


def work_of(process: Process, who: Person) -> float:
    """The CPU time, in seconds, that a gateway takes for some large queries."""
    door = Door(process.url)
    with closing(door.client):
        door.do(HUNDRED, who)
        before = psutil.Process(process.pid).cpu_times()
        for _ in range(20):
            door.do(HUNDRED, who)
        after = psutil.Process(process.pid).cpu_times()
    return (after.user + after.system) - (before.user + before.system)
