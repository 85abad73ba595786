"""Lesson 2: one thread, many requests. Each test is one promise of the lesson's contract.

The suite runs suppliers of its own, and judges what happens at once by counting the requests that they have in hand.
"""

import gzip
import hashlib
import json
import re
import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from signal import SIGTERM
from statistics import median
from threading import Condition, Thread
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start, set_up_ahead
from taller.grading.bench import Bench
from taller.processes import free_port
from taller.runner import Process, System

PRODUCTS = "/api/products"
RECEIPTS = "/api/receipts"
NAMES = ("ada", "ben", "eve", "kim")
CLIENTS = 12
HASTE_MS = 1000
PATIENCE_MS = 10_000
# How long a supplier waits for others to be asked too, before it answers alone.
ALONE_S = 2
LEFT_WITHIN_S = 2
ANSWER_WITHIN_S = 4
LARGEST_OFFER = 100_000
MOST_ROUNDS = 2_000_000


# suppliers


class Visit(BaseHTTPRequestHandler):
    """A request to one of the suite's suppliers."""

    server: "Street"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Begin a connection."""
        super().setup()
        self.suppliers = self.server.suppliers
        self.suppliers.connections += 1

    def do_GET(self) -> None:
        """Behave as the test wants the supplier to."""
        self.suppliers = self.server.suppliers
        found = re.fullmatch(r"/(\w+)/prices/(\d+)", self.path)
        if not found or found[1] not in self.suppliers.manners:
            self.suppliers.astray.append(self.path)
            self.answer(b"{}", 404)
            return
        with self.suppliers.in_hand(found[1], int(found[2])):
            self.suppliers.manners[found[1]].act(self)

    def answer(self, body: bytes, status: int = 200, *, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Send an answer; a Content-Length among the headers may lie."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Close the connection."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def is_left(self, within: float) -> bool:
        """Whether who asked closes the connection in the next seconds."""
        if not select.select([self.connection], [], [], within)[0]:
            return False
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is BaseHTTPRequestHandler's)
        """Keep silent."""


@dataclass(frozen=True)
class Manner:
    """How a supplier behaves, and how feedback says it."""

    says: str
    act: Callable[[Visit], None]


def sends(body: str | bytes, says: str = "", status: int = 200, encoding: str = "identity") -> Manner:
    """A supplier that answers this."""
    content = body if isinstance(body, bytes) else body.encode()
    headers = {"Content-Encoding": encoding}
    return Manner(says or f"sends {content.decode()}", lambda visit: visit.answer(content, status, headers=headers))


def sells_at(price: Decimal) -> Manner:
    """An honest supplier."""
    return sends(f'{{"price": {price}}}')


@dataclass
class Suppliers:
    """What the suppliers do in one test, and what has happened to them."""

    manners: dict[str, Manner] = field(default_factory=dict)
    changed: Condition = field(default_factory=Condition)
    asked: list[tuple[str, int]] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    connections: int = 0
    now: int = 0
    most_at_once: int = 0
    left: int = 0
    is_released: bool = False

    @contextmanager
    def in_hand(self, name: str, product: int) -> Iterator[None]:
        """Count a request as in hand, as long as the context lasts."""
        with self.changed:
            self.asked.append((name, product))
            self.now += 1
            self.most_at_once = max(self.now, self.most_at_once)
            self.changed.notify_all()
        try:
            yield
        finally:
            with self.changed:
                self.now -= 1
                self.answered.append(name)
                self.changed.notify_all()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> None:
        """Return when the condition holds, at the latest after some seconds."""
        with self.changed:
            self.changed.wait_for(condition, seconds)

    def release(self) -> None:
        """Let those go on who wait for it."""
        with self.changed:
            self.is_released = True
            self.changed.notify_all()

    def together(self, manner: Manner, count: int) -> Manner:
        """One that behaves like that as soon as ``count`` requests are in hand."""

        def act(visit: Visit) -> None:
            self.wait_for(lambda: self.most_at_once >= count or self.is_released, ALONE_S)
            # Whoever asks one after the other shall not wait as long for each.
            self.release()
            manner.act(visit)

        return Manner(manner.says, act)

    def last(self, manner: Manner) -> Manner:
        """One that behaves like that when all the others have answered."""

        def act(visit: Visit) -> None:
            self.wait_for(lambda: len(self.answered) >= len(NAMES) - 1, ALONE_S)
            manner.act(visit)

        return Manner(manner.says, act)

    def held(self, manner: Manner) -> Manner:
        """One that behaves like that when the test releases it; meanwhile it notices when nobody waits any more."""

        def act(visit: Visit) -> None:
            while not self.is_released:
                if visit.is_left(within=0.02):
                    self.left += 1
                    return visit.hang_up()
            return manner.act(visit)

        return Manner("keeps silent", act)


class Street(ThreadingHTTPServer):
    """Where the suite's suppliers are: one address for all, a path for each."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), Visit)
        self.suppliers = Suppliers()
        self.urls = {name: f"http://127.0.0.1:{self.server_port}/{name}" for name in NAMES}

    def handle_error(self, request: object, client_address: object) -> None:
        """Think nothing of connections that break: the tests break them."""


@dataclass(frozen=True)
class Shop:
    """A process ``web`` that asks the suite's suppliers, and then addresses where nobody is."""

    process: Process
    web: Client
    nobody: tuple[str, ...]

    def product(self, draw: Draw) -> int:
        """The id of a new product."""
        answer = self.web.post(PRODUCTS, json={"name": draw.name(), "price": draw.price()}).has_status(201)
        return int(answer.field("id", int))

    def quotes(self, product: int) -> Answer:
        """What the suppliers ask for a product."""
        return self.web.get(quotes_of(product), timeout=ANSWER_WITHIN_S)


def quotes_of(product: int) -> str:
    """The path of a product's quotes."""
    return f"{PRODUCTS}/{product}/quotes"


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """The suppliers, open."""
    with Street() as street:
        Thread(target=street.serve_forever, daemon=True).start()
        yield street
        street.suppliers.release()
        street.shutdown()


@pytest.fixture(scope="module")
def side_by_side(request: pytest.FixtureRequest) -> None:
    """Start the shops together."""
    set_up_ahead(request, "patient", "hurried")


@pytest.fixture(scope="module")
def patient(bench: Bench, street: Street) -> Process:
    """Launched, and not waited for: it waits ten seconds for its suppliers."""
    return bench.system.launch("web", told(PATIENCE_MS, *street.urls.values()))


@pytest.fixture(scope="module")
def hurried(bench: Bench, street: Street) -> tuple[Process, str]:
    """Launched, and not waited for: it waits a second for its suppliers, and at the last address there is nobody."""
    nobody = f"http://127.0.0.1:{free_port()}"
    return bench.system.launch("web", told(HASTE_MS, *street.urls.values(), nobody)), nobody


def told(timeout_ms: int, *urls: str) -> dict[str, str]:
    """The variables of a shop."""
    return {"SUPPLIER_URLS": ",".join(urls), "SUPPLIER_TIMEOUT_MS": str(timeout_ms)}


@pytest.fixture
def shop(side_by_side: None, patient: Process) -> Iterator[Shop]:
    """A shop that waits ten seconds for its suppliers: no test takes so long."""
    patient.await_ready()
    with closing(Client(patient.url)) as web:
        yield Shop(patient, web, ())


@pytest.fixture
def hasty(side_by_side: None, hurried: tuple[Process, str]) -> Iterator[Shop]:
    """A shop that waits a second for its suppliers; at the last of its addresses there is nobody."""
    process, nobody = hurried
    process.await_ready()
    with closing(Client(process.url)) as web:
        yield Shop(process, web, (nobody,))


def in_time(judge: Callable[[], None]) -> None:
    """Judge a hasty shop; again, when this machine was too busy for its honest suppliers to be heard in time."""

    def judged() -> bool:
        judge()
        return True

    eventually(judged, within=3 * HASTE_MS / 1000)


@pytest.fixture
def prices(draw: Draw) -> dict[str, Decimal]:
    """What each of the suppliers asks for anything."""
    return {name: draw.price() for name in NAMES}


@pytest.fixture
def suppliers(street: Street, prices: dict[str, Decimal]) -> Iterator[Suppliers]:
    """The suppliers, all honest until a test says otherwise."""
    street.suppliers = Suppliers({name: sells_at(price) for name, price in prices.items()})
    yield street.suppliers
    street.suppliers.release()


def quoted(street: Street, prices: dict[str, Decimal], *, without: str = "") -> list[dict[str, Any]]:
    """The quotes of all suppliers but one."""
    return [{"supplier": street.urls[name], "price": prices[name]} for name in NAMES if name != without]


def prices_in(answer: Answer) -> list[object]:
    """The prices of the quotes in an answer."""
    return [quote.get("price") if isinstance(quote, dict) else quote for quote in answer.field("quotes", list)]


def all_in_hand(suppliers: Suppliers, count: int) -> None:
    """Wait until the suppliers have that many requests in hand."""
    wanted = f"{count} requests at the suppliers at the same time"
    eventually(lambda: suppliers.now == count, expected=wanted)


@contextmanager
def asking(shop: Shop, path: str, body: dict[str, Any] | None = None) -> Iterator[socket.socket]:
    """A connection on which a request was sent and nothing was read yet."""
    address = urlsplit(shop.process.url)
    content = json.dumps(body).encode() if body else b""
    head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
    length = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if body else ""
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(f"{head}{length}\r\n".encode() + content)
        yield connection


def received(connection: socket.socket) -> str:
    """All that comes on a connection until its end."""
    parts = []
    while part := connection.recv(10_000):
        parts.append(part)
    return b"".join(parts).decode(errors="replace")


# order


MESSAGES = ["Start", "End", "Asynchronous task"]


@pytest.mark.step("order")
def test_what_was_put_off_comes_after_what_runs_now(web: Client) -> None:
    web.get("/api/order-of-events").has_status(200).is_json(MESSAGES)


@pytest.mark.step("order")
def test_every_request_has_messages_of_its_own(web: Client) -> None:
    with ThreadPoolExecutor(5) as clients:
        for answer in clients.map(lambda _: web.get("/api/order-of-events"), range(10)):
            answer.has_status(200).is_json(MESSAGES)


# quotes


@pytest.mark.step("quotes")
@pytest.mark.usefixtures("suppliers")
def test_every_supplier_is_quoted_with_its_price(
    shop: Shop, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    product = shop.product(draw)
    answer = shop.quotes(product).has_status(200)
    answer.is_json({"productId": product, "quotes": quoted(street, prices), "missing": []})


@pytest.mark.step("quotes")
@pytest.mark.parametrize("price", ["0", "0.01", "0.1", "19.99", "1e2", "1234567.89"])
def test_a_suppliers_price_arrives_exact_to_the_cent(shop: Shop, suppliers: Suppliers, draw: Draw, price: str) -> None:
    suppliers.manners["ben"] = sends(f'{{"currency": "EUR", "price": {price}}}')
    answer = shop.quotes(shop.product(draw)).has_status(200)
    got = prices_in(answer)
    expect(len(got) == 4 and got[1] == Decimal(price), f"a second quote of exactly {price}", answer.got, answer.sent)


@pytest.mark.step("quotes")
def test_each_supplier_is_asked_once_for_the_product_in_question(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    shop.product(draw)
    product = shop.product(draw)
    answer = shop.quotes(product).has_status(200)
    wanted = sorted(f"/{name}/prices/{product}" for name in NAMES)
    got = sorted([f"/{name}/prices/{number}" for name, number in suppliers.asked] + suppliers.astray)
    expect(got == wanted, f"one GET each of {wanted}", f"GET of {got}", answer.sent)


@pytest.mark.step("quotes")
def test_all_suppliers_are_asked_at_the_same_time(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    suppliers.manners = {name: suppliers.together(manner, 4) for name, manner in suppliers.manners.items()}
    answer = shop.quotes(shop.product(draw)).has_status(200)
    at_once(suppliers, 4, answer.sent)


@pytest.mark.step("quotes")
def test_many_clients_are_served_at_the_same_time(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    product, count = shop.product(draw), CLIENTS * len(NAMES)
    suppliers.manners = {name: suppliers.together(manner, count) for name, manner in suppliers.manners.items()}
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda _: shop.quotes(product).has_status(200), range(CLIENTS)))
    at_once(suppliers, count, f"{CLIENTS} times {answers[0].sent} at once")


def at_once(suppliers: Suppliers, count: int, sent: str) -> None:
    """So many requests were in the suppliers' hands at the same time."""
    wanted = f"{count} requests at the suppliers at the same time (each waits for the others)"
    expect(suppliers.most_at_once == count, wanted, f"at most {suppliers.most_at_once} at the same time", sent)


@pytest.mark.step("quotes")
def test_quotes_stand_in_the_order_of_the_setting(
    shop: Shop, street: Street, suppliers: Suppliers, draw: Draw, prices: dict[str, Decimal]
) -> None:
    slowest = draw.choice(NAMES[:-1])
    suppliers.manners[slowest] = suppliers.last(suppliers.manners[slowest])
    product = shop.product(draw)
    answer = shop.quotes(product).has_status(200)
    answer.is_json({"productId": product, "quotes": quoted(street, prices), "missing": []})


@pytest.mark.step("quotes")
def test_connections_to_suppliers_are_used_again(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    product, times = shop.product(draw), 6
    for _ in range(times):
        answer = shop.quotes(product).has_status(200)
    most = 2 * len(NAMES)
    got = f"{suppliers.connections} new connections for {len(suppliers.asked)} requests"
    expect(suppliers.connections <= most, f"at most {most} new connections", got, f"{times} times {answer.sent}")


@pytest.mark.step("quotes")
def test_nobody_is_asked_for_an_unknown_product(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    answer = shop.quotes(shop.product(draw) + 1_000_000).has_status(404)
    expect(not suppliers.asked, "no request to any supplier", f"{len(suppliers.asked)} requests", answer.sent)


@pytest.mark.step("quotes")
@pytest.mark.parametrize("no_id", ["abc", "0", "-1", "1.5", "9" * 30])
def test_what_is_no_id_is_refused(shop: Shop, suppliers: Suppliers, no_id: str) -> None:
    shop.web.get(f"{PRODUCTS}/{no_id}/quotes").is_refused()


# missing


def drips_its_head(visit: Visit) -> None:
    """Send one header after the other, and never the last."""
    visit.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not visit.is_left(within=0.05):
        visit.wfile.write(b"X-Patience: please\r\n")


def drips_its_body(visit: Visit) -> None:
    """Send one byte after the other, and never the last."""
    visit.answer(b'{"price": 1', headers={"Content-Length": "10000"})
    while not visit.is_left(within=0.05):
        visit.wfile.write(b"0")


def waits_for_ever(visit: Visit) -> None:
    """Say nothing until who asked goes away."""
    visit.is_left(within=PATIENCE_MS / 1000)
    visit.hang_up()


def breaks_off(visit: Visit) -> None:
    """Announce more than is sent."""
    visit.answer(b'{"price": 1', headers={"Content-Length": "13"})
    visit.hang_up()


def speaks_no_http(visit: Visit) -> None:
    """Greet as a mail server does."""
    visit.wfile.write(b"220 mail.example ESMTP\r\n")
    visit.hang_up()


SILENCE = Manner("answers nothing", waits_for_ever)
SLOW_HEAD = Manner("sends its header lines one by one, for ever", drips_its_head)
SLOW_BODY = Manner("sends its body byte by byte, for ever", drips_its_body)
FAILURES = [
    Manner("closes the connection without an answer", Visit.hang_up),
    Manner("breaks off in the middle of its answer", breaks_off),
    Manner("speaks no HTTP", speaks_no_http),
    sends('{"price": 1.5}', "answers 500 with a price", status=500),
    sends('{"price": 1.5}', "answers 404 with a price", status=404),
]


def says(manner: Manner) -> str:
    """The name of a test that is about this manner."""
    return manner.says


def is_missing(answer: Answer, wanted: list[str], sent: str) -> None:
    """Those are missing, in that order, and the answer says why."""
    missing = answer.field("missing", list)
    got = [entry.get("supplier") if isinstance(entry, dict) else entry for entry in missing]
    expect(got == wanted, f"missing: {', '.join(wanted)}", answer.got, sent)
    reasons = [entry.get("reason") for entry in missing]
    is_told = all(isinstance(reason, str) and reason.strip() for reason in reasons)
    expect(is_told, "a reason, in words, for each that is missing", answer.got, sent)


def ben_is_missing(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal], manner: Manner
) -> None:
    """While ben behaves like that, he is missing, and all the others are quoted."""
    suppliers.manners["ben"] = manner
    product = shop.product(draw)
    sent = f"GET {quotes_of(product)} while {street.urls['ben']} {manner.says}"
    with telling(sent):
        answer = shop.quotes(product)
    expect(answer.status == 200, "200 OK without this supplier", answer.got, sent)
    others = quoted(street, prices, without="ben")
    expect(answer.field("quotes", list) == others, f"the quotes {plain(others)}", answer.got, sent)
    is_missing(answer, [street.urls["ben"], *shop.nobody], sent)


@contextmanager
def telling(sent: str) -> Iterator[None]:
    """Have feedback say what was special about a request that gets no answer at all."""
    try:
        yield
    except Unmet as unmet:
        unmet.sent = sent
        raise


def plain(value: Any) -> str:
    """JSON as feedback shows it."""
    return json.dumps(value, default=float)


@pytest.mark.step("missing")
@pytest.mark.parametrize("failure", FAILURES, ids=says)
def test_a_supplier_that_fails_is_missing_and_the_others_are_not(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal], failure: Manner
) -> None:
    ben_is_missing(shop, suppliers, street, draw, prices, failure)


@pytest.mark.step("missing")
@pytest.mark.usefixtures("suppliers")
def test_an_address_where_nobody_is_is_missing(
    hasty: Shop, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    product = hasty.product(draw)

    def judge() -> None:
        answer = hasty.quotes(product).has_status(200)
        sent = f"{answer.sent} while nobody listens at {hasty.nobody[0]}"
        expect(answer.field("quotes", list) == quoted(street, prices), "the other four quotes", answer.got, sent)
        is_missing(answer, list(hasty.nobody), sent)

    in_time(judge)


@pytest.mark.step("missing")
def test_suppliers_that_come_to_no_end_are_missing_when_their_time_is_over(
    hasty: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    slow = {"ben": SILENCE, "eve": SLOW_HEAD, "kim": SLOW_BODY}
    suppliers.manners |= slow
    product = hasty.product(draw)
    sent = f"GET {quotes_of(product)} while of four suppliers {', '.join(f'{who} {slow[who].says}' for who in slow)}"

    def judge() -> None:
        with telling(sent):
            answer = hasty.quotes(product)
        expect(answer.status == 200, "200 OK without these suppliers", answer.got, sent)
        quick = [{"supplier": street.urls["ada"], "price": prices["ada"]}]
        expect(answer.field("quotes", list) == quick, f"the quotes {plain(quick)}", answer.got, sent)
        is_missing(answer, [*(street.urls[name] for name in slow), *hasty.nobody], sent)

    in_time(judge)


@pytest.mark.step("missing")
def test_suppliers_that_fail_together_are_waited_for_together(
    hasty: Shop, suppliers: Suppliers, street: Street, draw: Draw
) -> None:
    suppliers.manners = dict.fromkeys(NAMES, SILENCE)
    product = hasty.product(draw)
    sent = f"GET {quotes_of(product)} while no supplier answers anything"
    answer = hasty.quotes(product).has_status(200)
    expect(answer.field("quotes", list) == [], "no quotes", answer.got, sent)
    is_missing(answer, [*street.urls.values(), *hasty.nobody], sent)
    got = f"at most {suppliers.most_at_once} at the same time"
    expect(suppliers.most_at_once == len(NAMES), "all four waited for at the same time", got, sent)


@pytest.mark.step("missing")
def test_a_supplier_that_recovers_is_quoted_again(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    honest = suppliers.manners["ben"]
    ben_is_missing(shop, suppliers, street, draw, prices, FAILURES[0])
    suppliers.manners["ben"] = honest
    answer = shop.quotes(shop.product(draw)).has_status(200)
    expect(answer.field("quotes", list) == quoted(street, prices), "four quotes again", answer.got, answer.sent)


@pytest.mark.step("missing")
def test_a_request_that_waits_holds_up_no_other(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    honest = suppliers.manners["ben"]
    product = shop.product(draw)
    suppliers.manners["ben"] = suppliers.held(honest)
    with ThreadPoolExecutor(1) as clients:
        waiting = clients.submit(shop.quotes, product)
        eventually(lambda: suppliers.now == 1, expected="the silent supplier asked")
        suppliers.manners["ben"] = honest
        shop.quotes(product).has_status(200)
        shop.web.get("/health").has_status(200)
        sent = f"GET {quotes_of(product)} twice, the first with a supplier that keeps silent"
        expect(not waiting.done(), "the second answered before the first", "the first answered already", sent)
        suppliers.release()
        waiting.result().has_status(200)


# nonsense


def floods(visit: Visit) -> None:
    """Send blanks for ever, as fast as they are taken."""
    visit.send_response(200)
    visit.send_header("Transfer-Encoding", "chunked")
    visit.end_headers()
    blanks = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while True:
        visit.wfile.write(blanks)


def redirects_to(name: str) -> Manner:
    """A supplier that sends whoever asks it to another."""

    def act(visit: Visit) -> None:
        path = visit.path.replace("ben", name)
        visit.answer(b"{}", 302, headers={"Location": path})

    return Manner(f"redirects to {name}", act)


PADDED = b'{"price": 1.5' + b" " * LARGEST_OFFER + b"}"
BOMB = gzip.compress(b'{"price": 1.5' + b" " * 30_000_000 + b"}")
LIES = [
    *map(
        sends,
        [
            "soon",
            "null",
            "[]",
            "1.5",
            "{}",
            '{"cost": 1.5}',
            '{"price": null}',
            '{"price": "1.50"}',
            '{"price": true}',
            '{"price": [1.5]}',
            '{"price": -0.01}',
            '{"price": 1.505}',
            '{"price": NaN}',
            '{"price": Infinity}',
            '{"price": 1e999}',
            '{"price": 1.5',
        ],
    ),
    sends("", "sends an empty body"),
    sends(b'{"price": 1.5, "note": "\xff\xfe"}', "sends JSON that is no UTF-8"),
    sends("[" * 50_000, "sends 50,000 opening brackets"),
    sends('{"price": ' + "9" * 20_000 + "}", "sends a price of 20,000 digits"),
    sends(PADDED, "sends a price and 100,000 blanks"),
    sends(BOMB, "sends 30 MB, compressed to 30 kB", encoding="gzip"),
    sends('{"price": 1.5}', "answers 202 with a price", status=202),
    redirects_to("eve"),
    redirects_to("ben"),
]


@pytest.mark.step("nonsense")
@pytest.mark.parametrize("lie", LIES, ids=says)
def test_a_supplier_that_sends_nonsense_is_missing_and_the_others_are_not(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal], lie: Manner
) -> None:
    ben_is_missing(shop, suppliers, street, draw, prices, lie)


@pytest.mark.step("nonsense")
def test_an_answer_that_never_ends_is_given_up_when_it_is_too_large(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    # The deadline is far away: only counting the bytes ends this in time.
    ben_is_missing(shop, suppliers, street, draw, prices, Manner("sends blanks for ever, at full speed", floods))


@pytest.mark.step("nonsense")
def test_an_answer_that_is_large_but_allowed_is_read(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    price, blanks = draw.price(), " " * (LARGEST_OFFER - 100)
    suppliers.manners["ben"] = sends(f'{{"price": {price}{blanks}}}', "sends a price and many blanks")
    answer = shop.quotes(shop.product(draw)).has_status(200)
    sent = f"{answer.sent} while a supplier sends {price} in almost 100,000 bytes"
    expect(price in prices_in(answer), f"a quote of {price}", answer.got, sent)


def compresses_if_it_may(price: Decimal) -> Manner:
    """A supplier that looks at what the question accepts (RFC 9110, section 12.5.3)."""
    content = f'{{"price": {price}}}'.encode()

    def act(visit: Visit) -> None:
        if "gzip" in visit.headers.get("Accept-Encoding", ""):
            visit.answer(gzip.compress(content), headers={"Content-Encoding": "gzip"})
        else:
            visit.answer(content)

    return Manner("compresses its answer if the question accepts gzip", act)


@pytest.mark.step("nonsense")
def test_an_answer_is_read_as_the_question_has_asked_for_it(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    price = draw.price()
    suppliers.manners["ben"] = compresses_if_it_may(price)
    answer = shop.quotes(shop.product(draw)).has_status(200)
    sent = f"{answer.sent} while a supplier {suppliers.manners['ben'].says}"
    expect(price in prices_in(answer), f"a quote of {price}", answer.got, sent)


# hang-up


@pytest.mark.step("hang-up")
def test_when_the_client_hangs_up_the_suppliers_are_left_alone(shop: Shop, suppliers: Suppliers, draw: Draw) -> None:
    suppliers.manners = {name: suppliers.held(manner) for name, manner in suppliers.manners.items()}
    product = shop.product(draw)
    with asking(shop, quotes_of(product)):
        all_in_hand(suppliers, len(NAMES))
    left_by_all(suppliers, f"GET {quotes_of(product)}, and closed the connection while four suppliers kept silent")


def left_by_all(suppliers: Suppliers, sent: str) -> None:
    """The shop closes its four connections to those who keep silent, long before their time is over."""

    def all_left() -> bool:
        wanted = f"four connections to suppliers closed, well within the {PATIENCE_MS} ms that they have"
        expect(suppliers.left == len(NAMES), wanted, f"{suppliers.left} closed after {LEFT_WITHIN_S} s", sent)
        return True

    eventually(all_left, within=LEFT_WITHIN_S)


@pytest.mark.step("hang-up")
def test_who_stays_on_the_line_gets_an_answer(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    suppliers.manners = {name: suppliers.held(manner) for name, manner in suppliers.manners.items()}
    product = shop.product(draw)
    with ThreadPoolExecutor(1) as clients:
        staying = clients.submit(shop.quotes, product)
        all_in_hand(suppliers, len(NAMES))
        with asking(shop, quotes_of(product)):
            all_in_hand(suppliers, 2 * len(NAMES))
        sent = f"GET {quotes_of(product)} by two clients, of whom the second hung up"
        left_by_all(suppliers, sent)
        suppliers.release()
        answer = staying.result()
    expect(answer.status == 200, "200 OK for the first", answer.got, sent)
    expect(answer.field("quotes", list) == quoted(street, prices), "four quotes for the first", answer.got, sent)


@pytest.mark.step("hang-up")
def test_the_shop_serves_on_after_many_have_hung_up(
    shop: Shop, suppliers: Suppliers, street: Street, draw: Draw, prices: dict[str, Decimal]
) -> None:
    honest = dict(suppliers.manners)
    suppliers.manners = {name: suppliers.held(manner) for name, manner in honest.items()}
    product = shop.product(draw)
    for number in range(1, 6):
        with asking(shop, quotes_of(product)):
            eventually(lambda: len(suppliers.asked) == len(NAMES) * number, expected="the suppliers asked")  # noqa: B023
    suppliers.manners = honest
    answer = shop.quotes(product).has_status(200)
    expect(answer.field("quotes", list) == quoted(street, prices), "four quotes", answer.got, answer.sent)


# receipts


def sealed(text: str, rounds: int) -> str:
    """The seal that a receipt has to have."""
    return hashlib.pbkdf2_hmac("sha256", text.encode(), b"receipt", rounds).hex()


@pytest.fixture(scope="module")
def hard() -> int:
    """How many rounds take this machine almost half a second, by what it takes for some."""
    start = time.perf_counter()
    sealed("a measurement", 100_000)
    return min(MOST_ROUNDS, int(100_000 * 0.4 / (time.perf_counter() - start)))


@pytest.mark.step("receipts")
def test_a_receipt_has_its_seal(web: Client, draw: Draw) -> None:
    text, rounds = f"3 {draw.name()}, {draw.price()} €", draw.integer(1000, 5000)
    answer = web.post(RECEIPTS, json={"text": text, "rounds": rounds}).has_status(200)
    answer.is_json({"text": text, "rounds": rounds, "seal": sealed(text, rounds)})


@pytest.mark.step("receipts")
@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize("text", ["x", " padded ", "n" * 1000, "Ñandú 🪶"])
def test_a_text_is_sealed_as_it_was_sent(web: Client, text: str, rounds: int) -> None:
    answer = web.post(RECEIPTS, json={"text": text, "rounds": rounds}).has_status(200)
    answer.is_json({"text": text, "rounds": rounds, "seal": sealed(text, rounds)})


@pytest.mark.step("receipts")
def test_receipts_made_at_the_same_time_have_their_own_seals(web: Client, draw: Draw) -> None:
    texts = [draw.name() for _ in range(10)]
    with ThreadPoolExecutor(10) as clients:
        answers = clients.map(lambda text: web.post(RECEIPTS, json={"text": text, "rounds": 20_000}), texts)
        for text, answer in zip(texts, answers, strict=True):
            answer.has_status(200).is_json({"text": text, "rounds": 20_000, "seal": sealed(text, 20_000)})


@contextmanager
def sealing(web: Client, draw: Draw, rounds: int) -> Iterator[list[Future[Answer]]]:
    """Two receipts in the making; in the end they are right."""
    texts = [draw.name() for _ in range(2)]
    with ThreadPoolExecutor(len(texts)) as clients:
        receipts = [
            clients.submit(web.post, RECEIPTS, json={"text": text, "rounds": rounds}, timeout=30) for text in texts
        ]
        yield receipts
        for text, receipt in zip(texts, receipts, strict=True):
            expected = {"text": text, "rounds": rounds, "seal": sealed(text, rounds)}
            receipt.result().has_status(200).is_json(expected)


def durations(ask: Callable[[], object], receipts: list[Future[Answer]]) -> list[float]:
    """How long each question takes that is answered before the first receipt, in seconds; of twenty questions."""
    taken: list[float] = []
    while len(taken) < 20:
        start = time.perf_counter()
        ask()
        if any(receipt.done() for receipt in receipts):
            break
        taken.append(time.perf_counter() - start)
    return taken


@pytest.mark.step("receipts")
def test_health_answers_while_receipts_are_made(web: Client, system: System, draw: Draw, hard: int) -> None:
    sent = f"twice POST {RECEIPTS} with {hard} rounds, and meanwhile GET /health again and again"
    with closing(Client(system.url("web"))) as other, sealing(web, draw, hard) as receipts:
        taken = durations(lambda: other.get("/health", timeout=30).has_status(200), receipts)
    expect(len(taken) >= 5, "/health answered many times before the first receipt", f"{len(taken)} times", sent)
    middle = median(taken) * 1000
    expect(middle < 100, "answers of /health in under 100 ms", f"{middle:.0f} ms for the median", sent)


@pytest.mark.step("receipts")
@pytest.mark.parametrize("rounds", [0, -1, MOST_ROUNDS + 1, 10**30, 1.5, "1000", True, None, [1000]])
def test_rounds_that_make_no_sense_are_refused_by_name(web: Client, draw: Draw, rounds: object) -> None:
    web.post(RECEIPTS, json={"text": draw.name(), "rounds": rounds}).is_refused("rounds")


@pytest.mark.step("receipts")
@pytest.mark.parametrize("text", ["", "n" * 1001, 7, True, None, ["x"]])
def test_a_text_that_makes_no_sense_is_refused_by_name(web: Client, text: object) -> None:
    web.post(RECEIPTS, json={"text": text, "rounds": 1000}).is_refused("text")


@pytest.mark.step("receipts")
@pytest.mark.parametrize("missing", ["text", "rounds"])
def test_a_missing_field_is_refused_by_name(web: Client, draw: Draw, missing: str) -> None:
    draft = {"text": draw.name(), "rounds": 1000}
    del draft[missing]
    web.post(RECEIPTS, json=draft).is_refused(missing)


@pytest.mark.step("receipts")
@pytest.mark.parametrize("body", ["", "{", "[]", '{"text": "\\ud800", "rounds": 1}'])
def test_a_body_that_is_no_receipt_is_refused(web: Client, body: str) -> None:
    web.post(RECEIPTS, content=body, headers={"Content-Type": "application/json"}).is_refused()


# lifecycle


BAD_URLS = ["", "soon", "ftp://127.0.0.1/x", "http://", "http://127.0.0.1:99999", "http://127.0.0.1/?a=1", "/ada"]
BAD_TIMEOUTS = ["", "0", "-5", "1.5", "soon", "60001"]


@pytest.fixture(scope="module")
def misled(request: pytest.FixtureRequest, bench: Bench) -> dict[str, tuple[str, Process]]:
    """For each variable a value that makes no sense, and a process that was told it."""
    draw = Draw(request.config.option.seed, "misled")
    good = "http://127.0.0.1:1"
    urls = {"alone": draw.choice(BAD_URLS), "among": f"{good},{draw.choice(BAD_URLS)},{good}"}
    bad = [("SUPPLIER_URLS", draw.choice(list(urls.values()))), ("SUPPLIER_TIMEOUT_MS", draw.choice(BAD_TIMEOUTS))]
    return {name: (value, bench.system.launch("web", {name: value})) for name, value in bad}


@pytest.mark.step("lifecycle")
@pytest.mark.parametrize("variable", ["SUPPLIER_URLS", "SUPPLIER_TIMEOUT_MS"])
def test_a_setting_that_makes_no_sense_ends_the_process_with_status_2(
    misled: dict[str, tuple[str, Process]], variable: str
) -> None:
    value, process = misled[variable]
    refuses_to_start(process, variable, value)


@pytest.mark.step("lifecycle")
@pytest.mark.usefixtures("misled")
def test_sigterm_waits_for_quotes_and_receipts_in_hand(
    system: System, street: Street, suppliers: Suppliers, draw: Draw, hard: int
) -> None:
    process = system.start("web", told(PATIENCE_MS, *street.urls.values()))
    with closing(Client(process.url)) as web:
        shop = Shop(process, web, ())
        product = shop.product(draw)
        suppliers.manners["ben"] = suppliers.held(suppliers.manners["ben"])
        receipt = {"text": draw.name(), "rounds": hard}
        with asking(shop, quotes_of(product)) as quotes, asking(shop, RECEIPTS, receipt) as sealing:
            eventually(lambda: suppliers.now == 1, expected="the silent supplier asked")
            # Whoever answers this has read what was sent before it.
            web.get("/health", timeout=30).has_status(200)
            process.signal(SIGTERM)
            suppliers.release()
            answers = {"quotes": received(quotes), "a receipt": received(sealing)}
    for what, answer in answers.items():
        sent = f"a request for {what}, and SIGTERM before it was answered"
        expect(" 200 " in answer.partition("\n")[0], "200 OK", answer or "the connection was closed", sent)
    wanted = "exit status 0 within ten seconds of SIGTERM"
    expect(process.wait(10) == 0, wanted, f"{process.exit_status} (None: it still runs)", "SIGTERM")
