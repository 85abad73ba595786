"""Lesson 15: when others fail. Each test is one promise of the lesson's contract.

The suite is the upstream: it delays, fails, drops and recovers as a test wants it to, and counts the calls that
reach it.
"""

import re
import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Bench
from taller.processes import free_port
from taller.runner import Process

TIMEOUT = "X-Request-Timeout-Ms"
ATTEMPT = "X-Request-Attempt"
ATTEMPTS = 3
BASE_MS = 40
FAILURES_TO_OPEN = 3
CALLS, QUEUE = 3, 2
BURST, PERCENT = 5, 20
KEPT = 3
LARGEST_KEPT = 100_000
LARGEST_BODY = 1_000_000
# Longer than any test waits: nothing a test expects comes by running out of patience.
LONG_MS = 8000

# A gateway that tries hard, one that stands in front of it and has little budget, and one that gives up soon.
PATIENT = {
    "TIMEOUT_MS": "700",
    "DEADLINE_MS": "3500",
    "RETRY_ATTEMPTS": str(ATTEMPTS),
    "RETRY_BASE_MS": str(BASE_MS),
    "RETRY_BUDGET_PERCENT": "100",
    "RETRY_BUDGET_BURST": "1000",
    "BREAKER_FAILURES": "10000",
    "BULKHEAD_CALLS": "100",
    "BULKHEAD_QUEUE": "100",
    "STALE_FOR_MS": "60000",
    "STALE_ANSWERS": str(KEPT),
}
THRIFTY = {
    **PATIENT,
    "TIMEOUT_MS": str(LONG_MS),
    "DEADLINE_MS": "3000",
    "RETRY_BASE_MS": "10",
    "RETRY_BUDGET_PERCENT": str(PERCENT),
    "RETRY_BUDGET_BURST": str(BURST),
}
STRICT = {
    **PATIENT,
    "TIMEOUT_MS": str(LONG_MS),
    "DEADLINE_MS": str(LONG_MS),
    "RETRY_ATTEMPTS": "1",
    "BREAKER_FAILURES": str(FAILURES_TO_OPEN),
    "BREAKER_OPEN_MS": "300",
    "BULKHEAD_CALLS": str(CALLS),
    "BULKHEAD_QUEUE": str(QUEUE),
    "STALE_FOR_MS": "0",
}
SETTINGS = {"patient": PATIENT, "thrifty": THRIFTY, "strict": STRICT}


# the upstream


class Visit(BaseHTTPRequestHandler):
    """A call that has reached an upstream of the suite."""

    server: "Upstream"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_call(self) -> None:
        """Note the call, and behave as the test wants it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.place(self.path).receive(self, Call(self.command, self.path, headers, body, time.monotonic()))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_call  # noqa: N815

    def begin(self, status: int, headers: Mapping[str, str], length: int) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def hang_up(self) -> None:
        """Close the connection."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def is_left(self, within: float) -> bool:
        """Whether who called closes the connection in the next seconds."""
        if not select.select([self.connection], [], [], within)[0]:
            return False
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is BaseHTTPRequestHandler's)
        """Keep silent."""


@dataclass(frozen=True)
class Call:
    """What has reached an upstream, and when."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


Manner = Callable[[Visit, "Place"], None]


@dataclass
class Place:
    """A path of an upstream: it behaves in one manner after the other, and in the last one from then on."""

    path: str
    manners: list[Manner] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)
    calls: list[Call] = field(default_factory=list)
    in_hand: int = 0
    most_in_hand: int = 0
    left: int = 0
    is_released: bool = False

    def receive(self, visit: Visit, call: Call) -> None:
        """Take a call."""
        with self.changed:
            manner = self.manners[min(len(self.calls), len(self.manners) - 1)]
            self.calls.append(call)
            self.in_hand += 1
            self.most_in_hand = max(self.most_in_hand, self.in_hand)
        try:
            manner(visit, self)
        finally:
            with self.changed:
                self.in_hand -= 1

    def behaves(self, *manners: Manner) -> None:
        """From the next call on, behave like that."""
        with self.changed:
            self.manners = [*[manners[0]] * len(self.calls), *manners]

    def release(self) -> None:
        """Let those go on who wait for it."""
        self.is_released = True

    @property
    def count(self) -> int:
        """How many calls have reached it."""
        return len(self.calls)


class Upstream(ThreadingHTTPServer):
    """A service, of the suite's own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, prefix: str) -> None:
        super().__init__(("127.0.0.1", free_port()), Visit)
        self.prefix = prefix
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.places: dict[str, Place] = {}

    def place(self, path: str) -> Place:
        """The place that a call is for; one for all that is astray."""
        return self.places.get(path) or self.places.setdefault("astray", Place("astray", [answers(404)]))

    def new_place(self, draw: Draw, *manners: Manner) -> Place:
        """A place that nobody has called yet."""
        place = Place(f"{self.prefix}/{draw.token()}", list(manners))
        self.places[place.path] = place
        return place

    def handle_error(self, request: object, client_address: object) -> None:
        """Think nothing of connections that break: the tests break them."""


def answers(
    status: int = 200, body: str = "fine", headers: Mapping[str, str] = MappingProxyType({}), *, length: int = 0
) -> Manner:
    """Answer; a body of ``length`` bytes if it is given."""
    content = b"n" * length or body.encode()

    def act(visit: Visit, place: Place) -> None:
        visit.begin(status, {"Content-Type": "text/plain", **headers}, len(content))
        if visit.command != "HEAD":
            visit.wfile.write(content)

    return act


def drops(visit: Visit, place: Place) -> None:
    """Close the connection instead of an answer."""
    visit.hang_up()


def half(visit: Visit, place: Place) -> None:
    """Break off in the middle of an answer."""
    visit.begin(200, {}, 100)
    visit.wfile.write(b"h" * 50)
    visit.hang_up()


def held(manner: Manner) -> Manner:
    """Do it when the test releases the place; notice meanwhile when nobody waits any more."""

    def act(visit: Visit, place: Place) -> None:
        while not place.is_released:
            if visit.is_left(within=0.02):
                place.left += 1
                return visit.hang_up()
        return manner(visit, place)

    return act


def sends_the_rest(visit: Visit, place: Place) -> None:
    """Send the second half of an answer."""
    visit.wfile.write(b"rest")


def halts(visit: Visit, place: Place) -> None:
    """Send half of an answer, and the rest when the test releases the place."""
    visit.begin(200, {}, 8)
    visit.wfile.write(b"half")
    held(sends_the_rest)(visit, place)


def drips(first: bytes) -> Manner:
    """Send a beginning, and then a byte now and then, for ever."""

    def act(visit: Visit, place: Place) -> None:
        visit.wfile.write(first)
        while not visit.is_left(within=0.1):
            visit.wfile.write(b"n")
        place.left += 1
        visit.hang_up()

    return act


silent = held(answers())
dripping_head = drips(b"HTTP/1.1 200 OK\r\nX-Long: ")
dripping_body = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
failing = answers(503, "not now")
PATHS = {"users": "/api/users", "products": "/api/products"}


@dataclass(frozen=True)
class Town:
    """Both upstreams."""

    users: Upstream
    products: Upstream


@pytest.fixture(scope="module")
def open_town() -> Iterator[Town]:
    """The upstreams, open."""
    with Upstream(PATHS["users"]) as users, Upstream(PATHS["products"]) as products:
        for upstream in (users, products):
            Thread(target=upstream.serve_forever, args=(0.05,), daemon=True).start()
        yield Town(users, products)
        for upstream in (users, products):
            upstream.shutdown()


@pytest.fixture
def town(open_town: Town) -> Iterator[Town]:
    """The upstreams; what a test holds up there is let go after it."""
    yield open_town
    for upstream in (open_town.users, open_town.products):
        for place in upstream.places.values():
            place.release()


# the gateways


BAD = {
    "USERS_URL": ["", "soon", "ftp://127.0.0.1", "http://ana:hush@127.0.0.1", "http://127.0.0.1/users"],
    "RETRY_BUDGET_PERCENT": ["", "-1", "101", "many", "0.5"],
}


@pytest.fixture(scope="module")
def misled(request: pytest.FixtureRequest, bench: Bench) -> dict[str, tuple[str, Process]]:
    """For some variables a value that makes no sense, and a process that was told it."""
    draw = Draw(request.config.option.seed, "misled")
    chosen = {name: draw.choice(values) for name, values in BAD.items()}
    return {name: (value, bench.system.launch("web", {name: value})) for name, value in chosen.items()}


@pytest.fixture(scope="module")
def launched(bench: Bench, open_town: Town) -> Callable[[str], Process]:
    """A gateway by its name, launched when it is first asked for."""
    urls = {"USERS_URL": open_town.users.url, "PRODUCTS_URL": open_town.products.url}

    @cache
    def launch(name: str) -> Process:
        behind = {"PRODUCTS_URL": launch("patient").url} if name == "thrifty" else {}
        return bench.system.launch("web", {**SETTINGS[name], **urls, **behind})

    return launch


@pytest.fixture(scope="module")
def side_by_side(launched: Callable[[str], Process]) -> None:
    """Have all gateways start at the same time, where all of them will be needed."""
    for name in SETTINGS:
        launched(name)


@contextmanager
def client_of(process: Process) -> Iterator[Client]:
    """A client of a gateway, which is ready."""
    process.await_ready()
    with closing(Client(process.url)) as client:
        yield client


@pytest.fixture(scope="module")
def patient(launched: Callable[[str], Process]) -> Iterator[Client]:
    """A gateway that tries three times, and has all the budget that it wants."""
    with client_of(launched("patient")) as client:
        yield client


@pytest.fixture(scope="module")
def thrifty(launched: Callable[[str], Process], patient: Client) -> Iterator[Client]:
    """A gateway with a small budget; its products are behind the patient one."""
    with client_of(launched("thrifty")) as client:
        yield client


@pytest.fixture(scope="module")
def strict_gateway(launched: Callable[[str], Process]) -> Iterator[Client]:
    """A gateway that never tries again."""
    with client_of(launched("strict")) as client:
        yield client


@pytest.fixture
def strict(strict_gateway: Client, town: Town, draw: Draw) -> Client:
    """The gateway that never tries again, with its breakers closed."""
    for upstream in (town.users, town.products):
        well = upstream.new_place(draw, answers())
        eventually(lambda: strict_gateway.get(well.path).status == 200, expected="a call let through")  # noqa: B023
    return strict_gateway


def calls_were(place: Place, count: int, sent: str) -> None:
    """So many calls have reached a place."""
    got = ", ".join(f"{call.method} with {ATTEMPT}: {call.headers.get(ATTEMPT.lower())}" for call in place.calls[:9])
    expect(place.count == count, f"{count} calls at the upstream", f"{place.count} calls: {got}", sent)


@contextmanager
def at_once(
    count: int, ask: Callable[[], Answer], *, until_released: Place | None = None
) -> Iterator[list[Future[Answer]]]:
    """Ask the same so many times at once; a place that holds the calls up lets them go at the end of the context."""
    with ThreadPoolExecutor(count) as clients:
        try:
            yield [clients.submit(ask) for _ in range(count)]
        finally:
            if until_released:
                until_released.release()


def all_answers(count: int, ask: Callable[[], Answer]) -> list[Answer]:
    """The answers to so many questions at once."""
    with at_once(count, ask) as asked:
        return [future.result() for future in asked]


def told_ms(call: Call) -> int:
    """The milliseconds that an upstream was told it has."""
    told = call.headers.get(TIMEOUT.lower(), "")
    expect(re.fullmatch(r"[0-9]+", told), f"{TIMEOUT} in whole milliseconds at the upstream", repr(told), call.path)
    return int(told)


def breaks_off(ask: Callable[[], Answer], sent: str, within: float = 4) -> None:
    """The answer begins and then its connection is closed, instead of passing for a whole one."""
    began = time.monotonic()
    try:
        answer = ask()
    except Unmet as unmet:
        expect(unmet.disconnected, "an answer that is broken off", unmet.got, sent)
    else:
        expect(False, "an answer that is broken off", answer.got, sent)
    expect(time.monotonic() - began < within, f"the connection closed within {within:g} s", "later", sent)


# health


@pytest.mark.step("health")
@pytest.mark.usefixtures("misled", "side_by_side")
def test_health_answers_ok(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("health")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_reaches_its_upstream_as_it_is(patient: Client, town: Town, draw: Draw, method: str) -> None:
    place = town.products.new_place(draw, answers(201, "made", {"X-Mark": "this"}))
    town.products.places[f"{place.path}?a=%20b&a=2"] = place
    body, token = draw.name().encode(), draw.token()
    answer = patient.request(
        method, f"{place.path}?a=%20b&a=2", content=body, headers={"Authorization": f"Bearer {token}", "X-Own": token}
    )
    answer.has_status(201).mentions("made").header("X-Mark", "this")
    calls_were(place, 1, answer.sent)
    call = place.calls[0]
    got = (call.method, call.path, call.body, call.headers.get("authorization"), call.headers.get("x-own"))
    wanted = (method, f"{place.path}?a=%20b&a=2", body, f"Bearer {token}", token)
    expect(got == wanted, f"{wanted} at the upstream", got, answer.sent)


@pytest.mark.step("health")
def test_users_and_products_have_an_upstream_each(patient: Client, town: Town, draw: Draw) -> None:
    for upstream, prefix in ((town.users, "users"), (town.products, "products"), (town.products, "orders")):
        place = upstream.new_place(draw, answers(body=upstream.prefix))
        path = upstream.places.setdefault(f"/api/{prefix}/{draw.token()}/of/{draw.token()}", place).path
        patient.get(path).has_status(200).mentions(upstream.prefix)
    patient.get(f"/{draw.token()}").has_status(404)


@pytest.mark.step("health")
def test_a_body_that_is_too_large_is_refused(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers())
    patient.post(place.path, content=b"n" * LARGEST_BODY).has_status(200)
    answer = patient.post(place.path, content=b"n" * (LARGEST_BODY + 1)).has_status(413)
    answer.header("Content-Type", "application/problem.json.*")
    calls_were(place, 1, answer.sent)


@pytest.mark.step("health")
def test_a_failure_that_comes_with_too_much_text_is_a_502(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers(503, length=LARGEST_KEPT + 1))
    patient.post(place.path).has_status(502).header("Content-Type", "application/problem.json.*")


@pytest.mark.step("health")
@pytest.mark.parametrize("variable", BAD)
def test_a_setting_that_makes_no_sense_ends_the_process_with_status_2(
    misled: dict[str, tuple[str, Process]], variable: str
) -> None:
    value, process = misled[variable]
    refuses_to_start(process, variable, value, hides="hush" if "hush" in value else "")


# timeout


@pytest.mark.step("timeout")
@pytest.mark.parametrize("manner", [dripping_head, silent], ids=["drips", "silent"])
def test_an_upstream_that_does_not_begin_its_answer_in_time_is_a_504(
    patient: Client, town: Town, draw: Draw, manner: Manner
) -> None:
    place = town.products.new_place(draw, manner)
    began = time.monotonic()
    answer = patient.post(place.path).has_status(504)
    taken = time.monotonic() - began
    expect(taken < 2.5, "504 after TIMEOUT_MS=700, not at the deadline", f"504 after {taken:.1f} s", answer.sent)
    answer.header("Content-Type", "application/problem.json.*")
    calls_were(place, 1, answer.sent)
    eventually(lambda: place.left == 1, expected="the connection to the upstream closed")


@pytest.mark.step("timeout")
def test_an_upstream_that_falls_silent_in_mid_answer_is_broken_off(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, halts)
    breaks_off(lambda: patient.get(place.path), f"GET {place.path}, of which half was sent and then nothing")


@pytest.mark.step("timeout")
def test_an_answer_that_begins_in_time_may_take_longer(patient: Client, town: Town, draw: Draw) -> None:
    def slowly(visit: Visit, place: Place) -> None:
        visit.begin(200, {}, 4)
        for _ in range(4):
            visit.wfile.write(b"n")
            visit.is_left(within=0.3)

    place = town.products.new_place(draw, slowly)
    answer = patient.get(place.path).has_status(200)
    expect(answer.text == "n" * 4, "four bytes, 0.3 s after each other", answer.got, answer.sent)


@pytest.mark.step("timeout")
def test_an_upstream_that_hangs_up_is_a_502(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, drops)
    patient.post(place.path).has_status(502).header("Content-Type", "application/problem.json.*")


# deadline


@pytest.mark.step("deadline")
@pytest.mark.parametrize("given", [600, 300])
def test_an_upstream_is_told_what_is_left_of_the_callers_time(
    patient: Client, town: Town, draw: Draw, given: int
) -> None:
    place = town.products.new_place(draw, answers())
    answer = patient.get(place.path, headers={TIMEOUT: str(given)}).has_status(200)
    told = told_ms(place.calls[0])
    expect(0 < told <= given, f"{TIMEOUT} from 1 to {given} at the upstream", told, answer.sent)


@pytest.mark.step("deadline")
@pytest.mark.parametrize(("gateway", "most"), [("patient", 700), ("thrifty", 3000)], ids=["timeout", "deadline"])
@pytest.mark.parametrize("headers", [{}, {TIMEOUT: "60000"}], ids=["nothing", "a minute"])
def test_an_upstream_is_never_told_more_than_the_gateway_gives(
    request: pytest.FixtureRequest, town: Town, draw: Draw, gateway: str, most: int, headers: dict[str, str]
) -> None:
    client: Client = request.getfixturevalue(gateway)
    place = town.users.new_place(draw, answers())
    answer = client.get(place.path, headers=headers).has_status(200)
    told = told_ms(place.calls[0])
    expect(0 < told <= most, f"{TIMEOUT} from 1 to {most} at the upstream", told, answer.sent)


@pytest.mark.step("deadline")
def test_the_caller_gets_504_at_its_deadline(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, silent)
    began = time.monotonic()
    answer = strict.get(place.path, headers={TIMEOUT: "150"}).has_status(504)
    taken = time.monotonic() - began
    expect(0.14 < taken < 3, "504 after 150 ms, not after the gateway's own 8 s", f"after {taken:.2f} s", answer.sent)
    eventually(lambda: place.left == 1, expected="the connection to the upstream closed")


@pytest.mark.step("deadline")
def test_nothing_is_sent_when_no_time_is_left(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers())
    answer = strict.get(place.path, headers={TIMEOUT: "0"})
    calls_were(place, 0, answer.sent)
    answer.has_status(504)


@pytest.mark.step("deadline")
@pytest.mark.parametrize("given", ["soon", "-5", "1.5", "", "1e3", "0x10"])
def test_a_deadline_that_makes_no_sense_is_refused(patient: Client, town: Town, draw: Draw, given: str) -> None:
    place = town.products.new_place(draw, answers())
    answer = patient.get(place.path, headers={TIMEOUT: given}).has_status(400).mentions(TIMEOUT)
    calls_were(place, 0, answer.sent)


@pytest.mark.step("deadline")
def test_an_answer_that_goes_on_after_the_deadline_is_broken_off(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, dripping_body)
    sent = f"GET {place.path} with {TIMEOUT}: 300, answered by a byte now and then"
    breaks_off(lambda: strict.get(place.path, headers={TIMEOUT: "300"}), sent)


# retry


@pytest.mark.step("retry")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_an_idempotent_call_that_fails_is_made_again(patient: Client, town: Town, draw: Draw, method: str) -> None:
    place = town.products.new_place(draw, failing, drops, answers())
    body = draw.name().encode() if method == "PUT" else b""
    answer = patient.request(method, place.path, content=body).has_status(200)
    calls_were(place, 3, answer.sent)
    got = [(call.method, call.body, call.headers.get(ATTEMPT.lower())) for call in place.calls]
    wanted = [(method, body, str(number)) for number in (1, 2, 3)]
    expect(got == wanted, f"the same call thrice, with {ATTEMPT} 1, 2 and 3", got, answer.sent)


@pytest.mark.step("retry")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("manner", [failing, drops], ids=["503", "drops"])
def test_a_call_that_is_not_idempotent_is_made_once(
    patient: Client, town: Town, draw: Draw, method: str, manner: Manner
) -> None:
    place = town.products.new_place(draw, manner, answers())
    answer = patient.request(method, place.path, content=draw.name().encode())
    calls_were(place, 1, answer.sent)
    answer.has_status(502, 503)


@pytest.mark.step("retry")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_with_an_idempotency_key_it_is_made_again(patient: Client, town: Town, draw: Draw, method: str) -> None:
    place = town.products.new_place(draw, failing, answers())
    body, key = draw.name().encode(), f'"{draw.token()}"'
    answer = patient.request(method, place.path, content=body, headers={"Idempotency-Key": key}).has_status(200)
    calls_were(place, 2, answer.sent)
    got = [(call.body, call.headers.get("idempotency-key")) for call in place.calls]
    expect(got == [(body, key)] * 2, "body and key the same both times", got, answer.sent)


@pytest.mark.step("retry")
@pytest.mark.parametrize(("status", "count"), [(502, 2), (504, 2), (500, 1), (404, 1), (429, 1)])
def test_only_what_says_that_it_cannot_now_is_asked_again(
    patient: Client, town: Town, draw: Draw, status: int, count: int
) -> None:
    place = town.products.new_place(draw, answers(status), answers())
    answer = patient.get(place.path).has_status(200 if count == 2 else status)
    calls_were(place, count, answer.sent)


@pytest.mark.step("retry")
def test_a_call_that_times_out_is_made_again(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, silent, answers())
    answer = patient.get(place.path).has_status(200)
    calls_were(place, 2, answer.sent)
    first, second = map(told_ms, place.calls)
    expect(second <= first, "no more time left for the second attempt than for the first", [first, second], answer.sent)


@pytest.mark.step("retry")
def test_after_the_last_attempt_the_upstreams_own_answer_is_passed_on(patient: Client, town: Town, draw: Draw) -> None:
    text = draw.name()
    place = town.products.new_place(draw, answers(503, text, {"X-Mark": "this"}))
    answer = patient.get(place.path).has_status(503).mentions(text)
    answer.header("X-Mark", "this")
    calls_were(place, ATTEMPTS, answer.sent)


@pytest.mark.step("retry")
def test_half_an_answer_is_never_asked_for_again(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, half, answers())
    sent = f"GET {place.path}, whose first answer breaks off in the middle"
    breaks_off(lambda: patient.get(place.path), sent)
    calls_were(place, 1, sent)


@pytest.mark.step("retry")
def test_an_answer_is_passed_on_as_it_comes(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, halts)
    address = urlsplit(patient.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(f"GET {place.path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
        received = b""
        # The upstream sends the rest only after this has come, and the gateway breaks off when it does not.
        while b"half" not in received and (part := connection.recv(10_000)):
            received += part
        place.release()
        while part := connection.recv(10_000):
            received += part
    expect(received.endswith(b"halfrest"), "the first half before the second was sent", received, f"GET {place.path}")


def in_seconds(seconds: int) -> str:
    """A time of day as HTTP writes it."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.step("retry")
def test_the_next_attempt_is_made_no_sooner_than_the_upstream_asks(patient: Client, town: Town, draw: Draw) -> None:
    # A date has no fractions: in two seconds means after more than one.
    forms = ["1", in_seconds(2)]
    places = [town.products.new_place(draw, answers(503, headers={"Retry-After": asked}), answers()) for asked in forms]
    with ThreadPoolExecutor(2) as clients:
        got = list(clients.map(lambda place: patient.get(place.path).has_status(200), places))
    for asked, place, answer in zip(forms, places, got, strict=True):
        calls_were(place, 2, answer.sent)
        pause = place.calls[1].at - place.calls[0].at
        wanted = f"the second call a second or more after a 503 with Retry-After: {asked}"
        expect(pause > 0.9, wanted, f"after {pause:.2f} s", answer.sent)


@pytest.mark.step("retry")
@pytest.mark.parametrize("asked", ["60", "99999999999", "in a minute"])
def test_no_attempt_is_waited_for_that_would_come_too_late(patient: Client, town: Town, draw: Draw, asked: str) -> None:
    value = in_seconds(60) if asked == "in a minute" else asked
    place = town.products.new_place(draw, answers(503, headers={"Retry-After": value}), answers())
    answer = patient.get(place.path, headers={TIMEOUT: "3000"}).has_status(503)
    expect(answer.header("Retry-After") == value, f"Retry-After: {value} passed on", answer.got, answer.sent)
    calls_were(place, 1, answer.sent)


@pytest.mark.step("retry")
@pytest.mark.parametrize("asked", ["soon", "-1", "²", "", "Sat, 01 Jan 2000 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_ignored(patient: Client, town: Town, draw: Draw, asked: str) -> None:
    place = town.products.new_place(draw, answers(503, headers={"Retry-After": asked}), answers())
    calls_were(place, 2, patient.get(place.path).has_status(200).sent)


@pytest.mark.step("retry")
def test_who_is_asked_by_one_that_tries_again_does_not(patient: Client, town: Town, draw: Draw) -> None:
    place, number = town.products.new_place(draw, failing), str(draw.integer(1, 9))
    answer = patient.get(place.path, headers={ATTEMPT: number}).has_status(503)
    calls_were(place, 1, answer.sent)
    told = place.calls[0].headers.get(ATTEMPT.lower())
    expect(told == number, f"{ATTEMPT}: {number} at the upstream, as it came", told, answer.sent)


@pytest.mark.step("retry")
def test_two_gateways_in_a_row_try_no_more_often_than_one(thrifty: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, failing)
    answer = thrifty.get(place.path).has_status(503)
    calls_were(place, ATTEMPTS, f"{answer.sent}\nto a gateway in front of a gateway")


def second_pauses(patient: Client, town: Town, draw: Draw, at_once: int) -> list[int]:
    """How many milliseconds a dozen calls, so many at once, were waited with before their third attempt."""
    places = [town.products.new_place(draw, failing) for _ in range(12)]
    with ThreadPoolExecutor(at_once) as clients:
        list(clients.map(lambda place: patient.get(place.path).has_status(503), places))
    tried = [place.calls for place in places if place.count == ATTEMPTS]
    return [round((calls[2].at - calls[1].at) * 1000) for calls in tried]


@pytest.mark.step("retry")
def test_pauses_grow_and_are_drawn_at_random(patient: Client, town: Town, draw: Draw) -> None:
    pauses: list[int] = []
    # A busy machine makes pauses longer, so it gets more than one chance to show a short one, with less and less to do.
    for at_once in (6, 6, 3, 1, 1):
        pauses += second_pauses(patient, town, draw, at_once)
        if pauses and min(pauses) < 2 * BASE_MS and max(pauses) > BASE_MS:
            return
    wanted = f"second pauses drawn from 0 to {2 * BASE_MS} ms, some of them above {BASE_MS}"
    expect(False, wanted, f"{sorted(pauses)} ms", f"{len(pauses)} GET that fail, with RETRY_BASE_MS={BASE_MS}")


# budget


def spend(thrifty: Client, place: Place, count: int) -> int:
    """Send requests that fail, ten at a time; how many retries they have caused."""
    before = place.count
    with ThreadPoolExecutor(10) as clients:
        for answer in clients.map(lambda _: thrifty.get(place.path), range(count)):
            answer.has_status(503).mentions("not now")
    return place.count - before - count


@pytest.mark.step("budget")
def test_retries_are_bounded_by_a_share_of_the_requests(thrifty: Client, town: Town, draw: Draw) -> None:
    place = town.users.new_place(draw, failing)
    retries = spend(thrifty, place, 40)
    sent = f"40 GET that fail, with a budget of {BURST} retries and {PERCENT} % of the requests"
    expect(retries <= BURST + 8, f"at most {BURST + 8} retries", f"{retries} retries", sent)


@pytest.mark.step("budget")
def test_requests_go_on_earning_when_the_budget_is_spent(thrifty: Client, town: Town, draw: Draw) -> None:
    place = town.users.new_place(draw, failing)
    spend(thrifty, place, 15)
    retries = spend(thrifty, place, 30)
    sent = f"30 GET that fail, when the budget is spent and requests earn {PERCENT} % of a retry"
    expect(5 <= retries <= 7, "6 retries, or one more or less", f"{retries} retries", sent)


@pytest.mark.step("budget")
def test_good_requests_save_up_for_bad_times_up_to_the_burst(thrifty: Client, town: Town, draw: Draw) -> None:
    bad, good = town.users.new_place(draw, failing), town.users.new_place(draw, answers())
    spend(thrifty, bad, 10)
    for _ in range(BURST * 100 // PERCENT + 10):
        thrifty.get(good.path).has_status(200)
    retries = spend(thrifty, bad, 10)
    sent = f"10 GET that fail, after many that did not; the budget saves up to {BURST} retries"
    expect(BURST <= retries <= BURST + 2, f"{BURST} to {BURST + 2} retries", f"{retries} retries", sent)


@pytest.mark.step("budget")
def test_each_upstream_has_a_budget_of_its_own(thrifty: Client, town: Town, draw: Draw) -> None:
    for _ in range(2 * 100 // PERCENT + 1):
        thrifty.get(town.products.new_place(draw, answers()).path).has_status(200)
    spend(thrifty, town.users.new_place(draw, failing), 20)
    place = town.products.new_place(draw, failing)
    answer = thrifty.get(place.path).has_status(503)
    calls_were(place, ATTEMPTS, f"{answer.sent}\nafter users had failed often")


# breaker


def breaker(gateway: Client, service: str = "products") -> str:
    """The state of a breaker."""
    answer = gateway.get("/breakers").has_status(200)
    states = answer.field(service, dict)
    expect("state" in states, f"a state of {service}", answer.got, answer.sent)
    return str(states["state"])


def state_is(gateway: Client, wanted: str, after: str, service: str = "products") -> None:
    """A breaker is in this state, or a moment after the end of the last answer."""
    with suppress(Unmet):
        eventually(lambda: breaker(gateway, service) == wanted, within=0.2)
    got = breaker(gateway, service)
    expect(got == wanted, f"the breaker of {service} {wanted}", got, f"{after}, then GET /breakers")


def fail(gateway: Client, place: Place, times: int) -> None:
    """Make calls that fail."""
    for _ in range(times):
        try:
            gateway.get(place.path).has_status(502, 503)
        except Unmet as unmet:
            if not unmet.disconnected:
                raise


def refused_at_once(answer: Answer) -> None:
    """It is a 503 that says when to come again."""
    answer.has_status(503).header("Retry-After", "[1-9][0-9]*")


@pytest.mark.step("breaker")
@pytest.mark.parametrize("manner", [failing, drops, half], ids=["503", "drops", "half"])
def test_after_failures_in_a_row_nothing_reaches_the_upstream(
    strict: Client, town: Town, draw: Draw, manner: Manner
) -> None:
    state_is(strict, "closed", "a good call")
    place = town.products.new_place(draw, manner)
    fail(strict, place, FAILURES_TO_OPEN)
    refused_at_once(strict.get(place.path))
    state_is(strict, "open", f"{FAILURES_TO_OPEN} calls that failed")
    calls_were(place, FAILURES_TO_OPEN, f"{FAILURES_TO_OPEN} GET that failed, and one more")


@pytest.mark.step("breaker")
def test_an_open_breaker_refuses_many_at_once(strict: Client, town: Town, draw: Draw) -> None:
    bad, good = town.products.new_place(draw, failing), town.products.new_place(draw, answers())
    fail(strict, bad, FAILURES_TO_OPEN)
    strict.get("/breakers").field("products", dict)
    for answer in all_answers(10, lambda: strict.post(good.path)):
        refused_at_once(answer)
    calls_were(good, 0, "10 POST while the breaker is open")


@pytest.mark.step("breaker")
def test_a_success_in_between_begins_the_count_anew(strict: Client, town: Town, draw: Draw) -> None:
    bad, good = town.products.new_place(draw, failing), town.products.new_place(draw, answers())
    for _ in range(2):
        fail(strict, bad, FAILURES_TO_OPEN - 1)
        answer = strict.get(good.path)
        expect(
            answer.status == 200, f"200 OK: fewer than {FAILURES_TO_OPEN} failures in a row", answer.got, answer.sent
        )
    state_is(strict, "closed", "two failures, a success, two failures, a success")


@pytest.mark.step("breaker")
@pytest.mark.parametrize("status", [500, 404, 429])
def test_an_answer_that_is_the_callers_affair_is_no_failure(
    strict: Client, town: Town, draw: Draw, status: int
) -> None:
    place = town.products.new_place(draw, answers(status))
    for _ in range(FAILURES_TO_OPEN + 1):
        strict.get(place.path).has_status(status)
    state_is(strict, "closed", f"{FAILURES_TO_OPEN + 1} answers of {status}")


@pytest.mark.step("breaker")
def test_callers_in_a_hurry_do_not_open_it(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, silent)
    for _ in range(FAILURES_TO_OPEN + 1):
        strict.get(place.path, headers={TIMEOUT: "30"}).has_status(504)
    state_is(strict, "closed", f"{FAILURES_TO_OPEN + 1} callers who waited 30 ms")


@pytest.mark.step("breaker")
def test_each_upstream_has_a_breaker_of_its_own(strict: Client, town: Town, draw: Draw) -> None:
    fail(strict, town.products.new_place(draw, failing), FAILURES_TO_OPEN)
    strict.get(town.users.new_place(draw, answers()).path).has_status(200)
    state_is(strict, "open", "products failed")
    state_is(strict, "closed", "products failed", "users")


def opened(strict: Client, town: Town, draw: Draw) -> None:
    """Have the breaker of products open, and then half-open."""
    fail(strict, town.products.new_place(draw, failing), FAILURES_TO_OPEN)
    state_is(strict, "open", f"{FAILURES_TO_OPEN} failures")
    eventually(lambda: breaker(strict) == "half-open", expected="the breaker half-open after BREAKER_OPEN_MS=300")


@pytest.mark.step("breaker")
def test_of_fifty_at_once_a_half_open_breaker_lets_one_through(strict: Client, town: Town, draw: Draw) -> None:
    opened(strict, town, draw)
    place = town.products.new_place(draw, silent)
    with at_once(50, lambda: strict.get(place.path, timeout=20), until_released=place) as asked:
        others_done = lambda: sum(future.done() for future in asked) >= 49 or place.count > 1  # noqa: E731
        eventually(others_done, within=10, expected="49 of 50 answered at once")
        state = breaker(strict)
        place.release()
        answers = [future.result() for future in asked]
    sent = f"50 GET {place.path} at once, when the breaker is half-open"
    calls_were(place, 1, sent)
    expect(state == "half-open", "half-open as long as the one call lasts", state, sent)
    statuses = sorted(answer.status for answer in answers)
    expect(statuses == [200, *[503] * 49], "one 200 and 49 times 503", statuses, sent)
    state_is(strict, "closed", "a call that was let through and went well")
    calls_were(place, 1, sent)


@pytest.mark.step("breaker")
def test_a_half_open_breaker_opens_again_when_its_one_call_fails(strict: Client, town: Town, draw: Draw) -> None:
    opened(strict, town, draw)
    place = town.products.new_place(draw, failing)
    strict.get(place.path).has_status(503)
    refused_at_once(strict.get(place.path))
    state_is(strict, "open", "a call that was let through and failed")
    calls_were(place, 1, "two GET when the breaker is half-open, of which the first failed")


@pytest.mark.step("breaker")
def test_when_the_one_call_is_cut_short_the_next_one_is_let_through(strict: Client, town: Town, draw: Draw) -> None:
    opened(strict, town, draw)
    place = town.products.new_place(draw, silent, answers())
    strict.get(place.path, headers={TIMEOUT: "50"}).has_status(504)
    answer = strict.get(place.path).has_status(200)
    calls_were(place, 2, f"{answer.sent}\nafter one whose caller did not wait, when the breaker is half-open")


# bulkhead


@contextmanager
def crowded(strict: Client, place: Place) -> Iterator[list[Future[Answer]]]:
    """Have as many calls in flight as may be, with nobody in the queue."""
    with at_once(CALLS, lambda: strict.get(place.path, timeout=20), until_released=place) as asked:
        eventually(lambda: place.in_hand == CALLS, expected=f"{CALLS} calls in the upstream's hands")
        yield asked
    for future in asked:
        future.result().has_status(200)


@pytest.mark.step("bulkhead")
def test_calls_in_flight_and_waiting_are_bounded(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, silent)
    with at_once(12, lambda: strict.get(place.path, timeout=20), until_released=place) as asked:
        refused = 12 - CALLS - QUEUE
        eventually(
            lambda: (
                place.in_hand > CALLS or (place.in_hand == CALLS and sum(future.done() for future in asked) >= refused)
            ),
            expected=f"{refused} of 12 refused at once",
        )
        in_flight = place.in_hand
        place.release()
        answers = [future.result() for future in asked]
    sent = f"12 GET {place.path} at once, with BULKHEAD_CALLS={CALLS} and BULKHEAD_QUEUE={QUEUE}"
    most = max(in_flight, place.most_in_hand)
    expect(most == CALLS, f"{CALLS} calls in flight at most", f"{most} calls in flight", sent)
    statuses = sorted(answer.status for answer in answers)
    wanted = [*[200] * (CALLS + QUEUE), *[503] * refused]
    expect(statuses == wanted, f"{CALLS + QUEUE} times 200, {refused} times 503", statuses, sent)
    for answer in answers:
        if answer.status == 503:
            refused_at_once(answer)


@pytest.mark.step("bulkhead")
def test_a_slow_upstream_holds_up_no_other(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, silent)

    def ask() -> Answer:
        return strict.get(place.path, timeout=20)

    with crowded(strict, place), at_once(QUEUE, ask, until_released=place):
        strict.get(town.users.new_place(draw, answers()).path).has_status(200)
        expect(place.count == CALLS, f"{CALLS} calls at products", place.count, f"{CALLS + QUEUE} GET {place.path}")


@pytest.mark.step("bulkhead")
def test_who_waits_too_long_in_the_queue_is_never_sent(strict: Client, town: Town, draw: Draw) -> None:
    slow, other = town.products.new_place(draw, silent), town.products.new_place(draw, answers())
    with crowded(strict, slow):
        answer = strict.get(other.path, headers={TIMEOUT: "80"}).has_status(504)
    strict.get(town.products.new_place(draw, answers()).path).has_status(200)
    calls_were(other, 0, f"{answer.sent}\nwhile the upstream has its hands full for longer")


@pytest.mark.step("bulkhead")
def test_a_caller_that_hangs_up_makes_room(strict: Client, town: Town, draw: Draw) -> None:
    place, other = town.products.new_place(draw, silent), town.products.new_place(draw, answers())
    address = urlsplit(strict.url)
    with ExitStack() as callers:
        for _ in range(CALLS):
            caller = callers.enter_context(socket.create_connection((address.hostname, address.port), timeout=5))
            caller.sendall(f"GET {place.path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
        eventually(lambda: place.in_hand == CALLS, expected=f"{CALLS} calls in the upstream's hands")
    eventually(lambda: place.left == CALLS, expected="the connections to the upstream closed with the callers'")
    strict.get(other.path, headers={TIMEOUT: "3000"}).has_status(200)


# stale


def is_stale(answer: Answer, text: str) -> None:
    """It is the last good answer, marked as old."""
    answer.has_status(200).mentions(text)
    answer.header("X-Stale", "true")
    answer.header("Age", "[0-9]+")


def is_fresh(answer: Answer, text: str) -> None:
    """It has just come from the upstream."""
    answer.has_status(200).mentions(text)
    expect("X-Stale" not in answer.headers, "an answer without X-Stale", f"X-Stale in {answer.got}", answer.sent)


@pytest.mark.step("stale")
@pytest.mark.parametrize("manner", [failing, drops], ids=["503", "drops"])
def test_the_last_good_answer_is_given_when_there_is_no_new_one(
    patient: Client, town: Town, draw: Draw, manner: Manner
) -> None:
    first, last, new = draw.name(), draw.name(), draw.name()
    place = town.products.new_place(draw, answers(body=first), answers(body=last, headers={"X-Mark": "this"}))
    is_fresh(patient.get(place.path), first)
    is_fresh(patient.get(place.path), last)
    place.behaves(manner)
    answer = patient.get(place.path)
    is_stale(answer, last)
    answer.header("X-Mark", "this")
    answer.header("Content-Type", "text/plain.*")
    calls_were(place, 2 + ATTEMPTS, f"GET {place.path} twice, and once more when it fails")
    place.behaves(answers(body=new))
    is_fresh(patient.get(place.path), new)


@pytest.mark.step("stale")
def test_it_is_given_at_the_deadline_too(patient: Client, town: Town, draw: Draw) -> None:
    text = draw.name()
    place = town.products.new_place(draw, answers(body=text))
    is_fresh(patient.get(place.path), text)
    is_stale(patient.get(place.path, headers={TIMEOUT: "0"}), text)


@pytest.mark.step("stale")
@pytest.mark.parametrize("status", [500, 404])
def test_what_is_no_failure_is_passed_on(patient: Client, town: Town, draw: Draw, status: int) -> None:
    place = town.products.new_place(draw, answers(), answers(status, "my own"))
    is_fresh(patient.get(place.path), "fine")
    patient.get(place.path).has_status(status).mentions("my own")


@pytest.mark.step("stale")
def test_only_the_answer_to_the_very_same_question_is_given(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers(), failing)
    town.products.places[f"{place.path}?page=2"] = place
    is_fresh(patient.get(place.path), "fine")
    patient.get(f"{place.path}?page=2").has_status(503)
    patient.head(place.path).has_status(503)
    patient.post(place.path).has_status(503)
    is_stale(patient.get(place.path), "fine")


@pytest.mark.step("stale")
@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_what_was_said_to_one_user_is_never_said_to_another(patient: Client, town: Town, draw: Draw, name: str) -> None:
    mine = {name: f"session={draw.token()}"}
    place = town.products.new_place(draw, answers(body="mine"))
    is_fresh(patient.get(place.path, headers=mine), "mine")
    place.behaves(failing)
    for headers in ({}, {name: f"session={draw.token()}"}, mine):
        patient.get(place.path, headers=headers).has_status(503)


@pytest.mark.step("stale")
@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_who_says_who_they_are_is_not_given_what_everybody_gets(
    patient: Client, town: Town, draw: Draw, name: str
) -> None:
    place = town.products.new_place(draw, answers(), failing)
    is_fresh(patient.get(place.path), "fine")
    patient.get(place.path, headers={name: f"session={draw.token()}"}).has_status(503)


FORBIDDEN = [
    {"Cache-Control": "no-store"},
    {"Cache-Control": "max-age=60, Private"},
    {"Cache-Control": "no-cache"},
    {"Cache-Control": "max-age=0, must-revalidate"},
    {"Set-Cookie": "session=mine"},
    {"X-Stale": "true"},
    {"Vary": "*"},
]


@pytest.mark.step("stale")
@pytest.mark.parametrize("headers", FORBIDDEN, ids=lambda headers: str(next(iter(headers.values()))))
def test_an_answer_that_does_not_want_to_be_kept_is_not(
    patient: Client, town: Town, draw: Draw, headers: dict[str, str]
) -> None:
    place = town.products.new_place(draw, answers(headers=headers), failing)
    # A client of its own: it would send the cookie with all later requests.
    with closing(Client(patient.url)) as receiver:
        receiver.get(place.path).has_status(200).mentions("fine")
    patient.get(place.path).has_status(503)


@pytest.mark.step("stale")
def test_an_answer_is_only_for_those_who_asked_in_the_same_words(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers(headers={"Vary": "Accept-Language"}), failing)
    is_fresh(patient.get(place.path, headers={"Accept-Language": "es"}), "fine")
    patient.get(place.path, headers={"Accept-Language": "en"}).has_status(503)
    is_stale(patient.get(place.path, headers={"Accept-Language": "es"}), "fine")


@pytest.mark.step("stale")
def test_no_more_answers_are_kept_than_there_is_room_for(patient: Client, town: Town, draw: Draw) -> None:
    places = [town.products.new_place(draw, answers()) for _ in range(KEPT + 1)]
    # The first is asked for again, and so it is the second that was kept longest ago.
    for place in (*places[:KEPT], places[0], places[KEPT]):
        is_fresh(patient.get(place.path), "fine")
    for place in places:
        place.behaves(failing)
    patient.get(places[1].path).has_status(503)
    for place in (places[0], *places[2:]):
        is_stale(patient.get(place.path), "fine")


@pytest.mark.step("stale")
def test_a_large_answer_is_passed_on_and_not_kept(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers(length=LARGEST_KEPT + 1), failing)
    answer = patient.get(place.path).has_status(200)
    expect(len(answer.content) == LARGEST_KEPT + 1, f"{LARGEST_KEPT + 1} bytes", len(answer.content), answer.sent)
    patient.get(place.path).has_status(503)


@pytest.mark.step("stale")
def test_half_an_answer_is_not_kept(patient: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, half, failing)
    breaks_off(lambda: patient.get(place.path), f"GET {place.path}")
    patient.get(place.path).has_status(503)


@pytest.mark.step("stale")
def test_an_answer_that_is_too_old_is_not_given(strict: Client, town: Town, draw: Draw) -> None:
    place = town.products.new_place(draw, answers(), failing)
    is_fresh(strict.get(place.path), "fine")
    strict.get(place.path).has_status(503)
