"""Lesson 13: split it. Each test is one promise of the gateway's contract, seen from its clients and its services."""

import base64
import gzip
import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
import psutil
import pytest

from taller.grading import Answer, Client, Draw, Unmet, apart, eventually, expect, refuses_to_start
from taller.grading.bench import Bench
from taller.grading.upstream import Received, Upstream, reply_with
from taller.runner import Process, System

USERS = "/api/users"
PRODUCTS = "/api/products"
TIMEOUT_S = "2"
MEGABYTE = 1_000_000
LARGE = 20 * MEGABYTE
GROWS_AT_MOST = 12 * MEGABYTE
SILENT_AT_ONCE = 120
CHUNKED = "Transfer-Encoding: chunked"
UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")


@dataclass(frozen=True)
class Others:
    """Processes that lesson 6's suite wants beside the first one; here its database is known to ``users`` alone."""

    url: str
    password: str
    misled: Process
    talkative: Process


@pytest.fixture(scope="module")
def others(request: pytest.FixtureRequest, bench: Bench) -> Others:
    """A service of users that was told a URL that is none, and a gateway that logs all that it can."""
    password, launch = Draw(request.config.option.seed, "others").token(), bench.system.launch
    url = f"postgresql://ana:{password}@127.0.0.1/shop"
    return Others(url, password, launch("users", {"MONGODB_URL": url}), launch("web", {"LOG_LEVEL": "debug"}))


Products = apart(Path(__file__).with_name("test_lesson01_rest_crud.py"), step="same-clients")
Users = apart(Path(__file__).with_name("test_lesson06_mongodb.py"), step="same-clients", fixtures={"others": others})


@dataclass(frozen=True)
class Stage:
    """A gateway between two services that the suite plays itself."""

    gateway: Process
    users: Upstream
    products: Upstream


@dataclass(frozen=True)
class Launched:
    """Processes that are on their way while the first tests run."""

    gateway: Process
    misled: Process
    url: str


@pytest.fixture(scope="module")
def upstreams() -> Iterator[tuple[Upstream, Upstream]]:
    """The services that the suite plays: of users, and of products."""
    with Upstream() as users, Upstream() as products:
        yield users, products


@pytest.fixture(scope="module")
def launched(request: pytest.FixtureRequest, bench: Bench, upstreams: tuple[Upstream, Upstream]) -> Launched:
    """A gateway between them, and one that was misled."""
    draw = Draw(request.config.option.seed, "misled")
    url = draw.choice(["users", "127.0.0.1:8001", "ftp://127.0.0.1", "http://", f"http://127.0.0.1/{draw.token()}"])
    users, products = upstreams
    there = {"USERS_URL": users.url, "PRODUCTS_URL": products.url, "UPSTREAM_TIMEOUT_S": TIMEOUT_S}
    launch = bench.system.launch
    return Launched(launch("web", there), launch("web", {"USERS_URL": url}), url)


@pytest.fixture
def stage(system: System, launched: Launched, upstreams: tuple[Upstream, Upstream]) -> Stage:
    """The gateway, ready, and its services."""
    if not launched.gateway.alive:
        launched.gateway.restart()
    launched.gateway.await_ready()
    return Stage(launched.gateway, *upstreams)


@pytest.fixture
def gateway(stage: Stage) -> Iterator[Client]:
    """A client of the gateway whose services the suite plays."""
    with closing(Client(stage.gateway.url)) as client:
        yield client


@pytest.fixture
def target() -> str:
    """A path below /api/users that nobody has asked for before."""
    return f"{USERS}/{uuid4().hex}"


class Wire:
    """A bare connection to a gateway, for what no well-behaved client sends."""

    def __init__(self, url: str, within: float = 5) -> None:
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=within)
        self.sent = ""

    def send(self, method: str, target: str, *headers: str, body: bytes = b"", host: str = "Host: shop") -> None:
        """Send a request as it stands here."""
        head = "".join(f"{line}\r\n" for line in (f"{method} {target} HTTP/1.1", host, *headers) if line)
        self.sent = f"{head}\r\n{body[:200].decode('latin-1')}"
        self.more(f"{head}\r\n".encode("latin-1") + body)

    def more(self, data: bytes) -> None:
        """Send more of it."""
        self.socket.sendall(data)

    def answer(self, method: str = "GET") -> http.client.HTTPResponse:
        """The beginning of the answer, its body still to be read; raises ``Unmet`` when there is none."""
        response = http.client.HTTPResponse(self.socket, method=method)
        try:
            response.begin()
        except TimeoutError:
            raise Unmet("an answer", "nothing in time", self.sent, hung=True) from None
        except (OSError, http.client.HTTPException) as error:
            raise Unmet("an answer in HTTP", repr(error), self.sent) from None
        return response

    def read_until(self, mark: bytes, times: int) -> bytes:
        """What comes in until the mark was there so often, or nothing more comes."""
        got = b""
        try:
            while got.count(mark) < times and (piece := self.socket.recv(65_536)):
                got += piece
        except OSError as error:
            raise Unmet(f"{times} times {mark!r}", f"{got!r}, then {error}", self.sent) from None
        return got

    def status(self) -> int:
        """The status of the answer; 400 when the connection was closed without one, which says the same."""
        try:
            first = self.socket.recv(65_536)
        except TimeoutError:
            raise Unmet("an answer", "nothing in time", self.sent, hung=True) from None
        except OSError:
            first = b""
        return int(first.split(b" ")[1]) if first else 400


@contextmanager
def wired(stage: Stage) -> Iterator[Wire]:
    """A bare connection to the gateway."""
    wire = Wire(stage.gateway.url)
    with closing(wire.socket):
        yield wire


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; that of no bytes is the last (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def answer_of(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An answer as it goes over the wire."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"))
    return f"{head}\r\n".encode() + body


def is_problem(answer: Answer, status: int) -> Answer:
    """The answer has this status, in the format of RFC 9457."""
    answer.has_status(status).header("Content-Type", r"application/problem\+json\b.*")
    return answer


def has_seen_nothing(stage: Stage, target: str, sent: str) -> None:
    """Neither service has got a whole request that has to do with this target."""
    name = target.rsplit("/", 1)[-1]
    # What was sent before this on another connection is certainly through.
    Client(stage.gateway.url).get(f"{PRODUCTS}/after-{name}")
    stage.products.request(f"{PRODUCTS}/after-{name}")
    everything = [*stage.users.all(), *stage.products.all()]
    got = [r.target for r in everything if name in r.target and "after" not in r.target and r.whole]
    expect(not got, "nothing to reach a service", f"a service got {got}", sent)


# configure


@pytest.mark.step("configure")
@pytest.mark.usefixtures("launched")  # they start now, and later tests wait for less
def test_the_gateway_names_itself(web: Client) -> None:
    web.get("/").has_status(200).field("name", str)
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("configure")
def test_a_url_that_makes_no_sense_ends_the_process_with_status_2(launched: Launched) -> None:
    refuses_to_start(launched.misled, "USERS_URL", launched.url)


# forward


@pytest.mark.step("forward")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_method_path_query_and_body_arrive_as_they_were_sent(
    stage: Stage, target: str, draw: Draw, method: str
) -> None:
    body = b"" if method in ("GET", "OPTIONS") else draw.name().encode()
    asked = f"{target}/%7Eana/%c3%B1;a=1?q=a%20b&q=+&q&x=%2F"
    with wired(stage) as wire:
        wire.send(method, asked, f"Content-Length: {len(body)}", body=body)
        status = wire.answer().status
        expect(status == 200, "the 200 of the service", status, wire.sent)
        received = stage.users.request(asked)
        expect(received.method == method, f"the method {method} to arrive", received.method, wire.sent)
        expect(received.body == body, f"the body {body!r} to arrive", bytes(received.body), wire.sent)


@pytest.mark.step("forward")
@pytest.mark.parametrize("status", ["200 OK", "201 Created", "307 Temporary Redirect", "404 Not Found", "409 Conflict"])
def test_the_answer_comes_back_as_it_is(gateway: Client, stage: Stage, target: str, draw: Draw, status: str) -> None:
    body = draw.name().encode()
    elsewhere = f"Location: {stage.products.url}/elsewhere"
    stage.users.on(target, reply_with(answer_of(status, "Content-Type: text/plain", elsewhere, body=body)))
    answer = gateway.get(target).has_status(int(status[:3]))
    expect(answer.content == body, f"the body {body!r}", answer.got, answer.sent)
    answer.header("Content-Type", "text/plain")


@pytest.mark.step("forward")
def test_an_error_of_a_service_is_its_own_affair(gateway: Client, stage: Stage, target: str) -> None:
    stage.users.on(target, reply_with(answer_of("500 Oh", "Content-Type: text/plain", body=b"it was me")))
    answer = gateway.get(target).has_status(500)
    expect(answer.content == b"it was me", "the body of the service", answer.got, answer.sent)


@pytest.mark.step("forward")
def test_a_body_that_is_compressed_stays_so(stage: Stage, target: str, draw: Draw) -> None:
    body = gzip.compress(draw.name().encode())
    stage.users.on(target, reply_with(answer_of("200 OK", "Content-Encoding: gzip", body=body)))
    with wired(stage) as wire:
        wire.send("GET", target)
        answer = wire.answer()
        expect(answer.read() == body, "the compressed body, byte by byte", "another", wire.sent)
        expect(answer.getheader("Content-Encoding") == "gzip", "Content-Encoding: gzip", answer.headers, wire.sent)


@pytest.mark.step("forward")
def test_head_tells_the_length_and_has_no_body(gateway: Client, stage: Stage, target: str) -> None:
    stage.users.on(target, reply_with(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"))
    answer = gateway.head(target).has_status(200)
    answer.header("Content-Length", "1234")
    received = stage.users.request(target)
    expect(received.method == "HEAD", "the method HEAD to arrive", received.method, answer.sent)


@pytest.mark.step("forward")
def test_each_path_leads_to_its_own_service(gateway: Client, stage: Stage, draw: Draw) -> None:
    name = draw.token()
    places = {USERS: stage.users, PRODUCTS: stage.products, "/api/orders": stage.products}
    for prefix, upstream in places.items():
        for path in (f"{prefix}?{name}", f"{prefix}/{name}/stock"):
            gateway.get(path).has_status(200)
            upstream.request(path)


@pytest.mark.step("forward")
@pytest.mark.parametrize("path", ["/api/usersx", "/api", "/api/nobody", "/nobody", "/API/users"])
def test_a_path_of_no_service_is_a_404(gateway: Client, path: str) -> None:
    is_problem(gateway.get(path), 404)


# headers


def shown(received: Received) -> str:
    """The headers of a request, a line each."""
    return "\n".join(f"{name}: {value}" for name, value in received.headers)


@pytest.mark.step("headers")
def test_headers_arrive_as_they_were_sent_and_nothing_is_invented(stage: Stage, target: str, draw: Draw) -> None:
    token = draw.token()
    with wired(stage) as wire:
        wire.send(
            "GET", target, f"X-ToKeN: {token}", "Cookie: a=1; b=2", "x-list: one", "X-List: two", "Accept: */*;q=0"
        )
        wire.answer()
        received = stage.users.request(target)
    for name, values in {
        "x-token": [token],
        "cookie": ["a=1; b=2"],
        "x-list": ["one", "two"],
        "accept": ["*/*;q=0"],
    }.items():
        expect(received.values(name) == values, f"{name} to be {values}", shown(received), wire.sent)
    for name in ("User-Agent", "Accept-Encoding", "Accept-Language", "Content-Type", "Authorization"):
        expect(not received.values(name), f"no {name}: the client sent none", shown(received), wire.sent)
    expect(received.values("Host") == ["shop"], "Host: shop, once, as the client has it", shown(received), wire.sent)


@pytest.mark.step("headers")
def test_headers_of_the_answer_come_back_repeated_ones_too(stage: Stage, target: str) -> None:
    cookies = ["a=1; Path=/", "b=2; Expires=Wed, 09 Jun 2100 10:18:14 GMT"]
    headers = [f"Set-Cookie: {cookies[0]}", 'ETag: "x"', f"set-cookie: {cookies[1]}", "Date: then", "Server: secret/1"]
    stage.users.on(target, reply_with(answer_of("200 OK", *headers)))
    with wired(stage) as wire:
        wire.send("GET", target)
        answer = wire.answer()
    expect(answer.headers.get_all("set-cookie") == cookies, f"Set-Cookie twice: {cookies}", answer.headers, wire.sent)
    expect(answer.getheader("etag") == '"x"', 'ETag: "x"', answer.headers, wire.sent)
    for name in ("Date", "Server"):
        values = answer.headers.get_all(name, [])
        expect(
            len(values) <= 1 and values not in (["then"], ["secret/1"]), f"the gateway's own {name}", values, wire.sent
        )


HOP_BY_HOP = ("Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "X-Hop", "X-Skip")


@pytest.mark.step("headers")
def test_what_is_about_one_connection_does_not_reach_the_service(stage: Stage, target: str) -> None:
    with wired(stage) as wire:
        wire.send(
            "GET", target, "Connection: keep-alive, X-Hop", "CONNECTION: x-SKIP , TE", "Keep-Alive: 5", "X-Hop: 1",
            "x-skip: 1", "TE: trailers", "Proxy-Connection: close", "Upgrade: h2c", "X-Stays: 1",
        )  # fmt: skip
        wire.answer()
        received = stage.users.request(target)
    for name in HOP_BY_HOP[1:]:
        expect(not received.values(name), f"no {name}: it is about one connection", shown(received), wire.sent)
    named = ",".join(received.values("Connection")).lower()
    expect("x-" not in named, "no Connection of the client's", shown(received), wire.sent)
    expect(received.values("X-Stays") == ["1"], "X-Stays: 1", shown(received), wire.sent)


@pytest.mark.step("headers")
def test_what_is_about_one_connection_does_not_reach_the_client(stage: Stage, target: str) -> None:
    headers = [
        "Connection: X-Hop",
        "X-Hop: 1",
        "Keep-Alive: timeout=99",
        "Proxy-Connection: x",
        "Upgrade: h2c",
        "X-Stays: 1",
    ]
    stage.users.on(target, reply_with(answer_of("200 OK", *headers)))
    with wired(stage) as wire:
        wire.send("GET", target)
        answer = wire.answer()
    for name, value in (("X-Hop", "1"), ("Keep-Alive", "timeout=99"), ("Proxy-Connection", "x"), ("Upgrade", "h2c")):
        expect(answer.getheader(name) != value, f"no {name} of the service's", answer.headers, wire.sent)
    expect(answer.getheader("X-Stays") == "1", "X-Stays: 1", answer.headers, wire.sent)


@pytest.mark.step("headers")
def test_connection_can_take_out_nothing_that_the_gateway_relies_on(stage: Stage, target: str, draw: Draw) -> None:
    body = draw.token().encode()
    with wired(stage) as wire:
        names = "Content-Length, Host, X-Forwarded-For, X-Request-ID, X-Forwarded-Host"
        wire.send("POST", target, f"Connection: {names}", f"Content-Length: {len(body)}", body=body)
        status = wire.answer().status
        expect(status == 200, "the 200 of the service", status, wire.sent)
        received = stage.users.request(target)
    expect(received.body == body, f"the body {body!r}", shown(received), wire.sent)
    expect(received.values("Host") == ["shop"], "Host: shop", shown(received), wire.sent)
    for name in ("X-Forwarded-For", "X-Forwarded-Host", "X-Request-ID"):
        expect(len(received.values(name)) == 1, f"{name}, once", shown(received), wire.sent)


@pytest.mark.step("headers")
def test_the_service_learns_who_asked_and_cannot_be_lied_to(stage: Stage, target: str, draw: Draw) -> None:
    host = f"{draw.token()}.example.com"
    lies = [f"{name}: lie" for name in ("X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "X_Forwarded_For")]
    with wired(stage) as wire:
        wire.send("GET", target, *lies, "Via: 1.0 before", host=f"Host: {host}")
        wire.answer()
        received = stage.users.request(target)
    for name, value in (("For", "127.0.0.1"), ("Host", host), ("Proto", "http")):
        told = received.values(f"X-Forwarded-{name}")
        expect(told == [value], f"X-Forwarded-{name}: {value}", shown(received), wire.sent)
    expect("lie" not in shown(received), "nothing of what the client claims of itself", shown(received), wire.sent)
    via = [member.strip() for line in received.values("Via") for member in line.split(",")]
    expect(len(via) == 2 and via[1].startswith("1.1 "), "Via: 1.0 before, and then 1.1 and a name", via, wire.sent)


@pytest.mark.step("headers")
def test_the_request_id_goes_through(stage: Stage, gateway: Client, target: str, draw: Draw) -> None:
    for number, given in enumerate([draw.token(), "", "not valid!"]):
        path = f"{target}/{number}"
        answer = gateway.get(path, headers={"X-Request-ID": given} if given else {}).has_status(200)
        told = stage.users.request(path).values("X-Request-ID")
        own = answer.header("X-Request-ID", r"[A-Za-z0-9._-]{1,64}")
        expect(told == [own], f"X-Request-ID: {own} at the service, as in the answer", told, answer.sent)
        expect(own == given or number, f"the client's id, {given}", own, answer.sent)


@pytest.mark.step("headers")
def test_no_cookie_of_one_client_reaches_another(stage: Stage, target: str) -> None:
    stage.users.on(target, reply_with(answer_of("200 OK", "Set-Cookie: session=ana; Path=/")))
    for path in (target, f"{target}/bob"):
        with wired(stage) as wire:
            wire.send("GET", path)
            wire.answer()
    received = stage.users.request(f"{target}/bob")
    expect(not received.values("Cookie"), "no Cookie: this client has none", shown(received), wire.sent)


# streams


@pytest.mark.step("streams")
@pytest.mark.parametrize("framing", [CHUNKED, "Content-Length: 10"])
def test_the_service_gets_the_first_bytes_before_the_client_has_sent_the_last(
    stage: Stage, target: str, framing: str
) -> None:
    parts = [chunk(b"first"), chunk(b"- last") + chunk(b"")] if framing == CHUNKED else [b"first", b"-last"]
    with wired(stage) as wire:
        wire.send("POST", target, framing, body=parts[0])
        received = stage.users.request(target, whole=False)
        eventually(lambda: received.body == b"first", within=3, expected="the first bytes to reach the service at once")
        expect(not received.whole, "a body that is not whole yet", bytes(received.body), wire.sent)
        wire.more(parts[1])
        status = wire.answer().status
    expect(status == 200 and received.body.startswith(b"first-"), "200, and all of the body", status, wire.sent)


@pytest.mark.step("streams")
def test_the_client_gets_the_first_bytes_before_the_service_has_sent_the_last(stage: Stage, target: str) -> None:
    go_on = Event()

    def reply(connection: socket.socket, received: Received) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\n\r\n".encode() + chunk(b"first"))
        go_on.wait(3)
        connection.sendall(chunk(b"-last") + chunk(b""))

    stage.users.on(target, reply)
    with wired(stage) as wire:
        wire.socket.settimeout(1)
        wire.send("GET", target)
        try:
            answer = wire.answer()
            expect(answer.read(5) == b"first", "the first bytes at once", "others", wire.sent)
        except (OSError, http.client.HTTPException) as error:
            got = f"nothing while the service holds back the rest ({error!r})"
            raise Unmet("the first bytes at once", got, wire.sent) from None
        finally:
            go_on.set()
        rest = answer.read()
    expect(rest == b"-last", "then the rest", rest, wire.sent)


def peak(process: Process) -> int:
    """The most memory that a process or one of its children has had so far, in bytes."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return max(high_water(one) for one in family)


def high_water(process: psutil.Process) -> int:
    """VmHWM of proc(5); what it has now where there is no such thing."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return int(process.memory_info().rss)


@pytest.mark.step("streams")
def test_twenty_megabytes_go_up_and_come_down_in_flat_memory(stage: Stage, target: str) -> None:
    piece = bytes(range(250)) * 400

    def reply(connection: socket.socket, received: Received) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n".encode())
        for _ in range(LARGE // len(piece)):
            connection.sendall(piece)

    stage.users.on(target, reply)
    before = peak(stage.gateway)
    with wired(stage) as wire:
        wire.send("POST", target, f"Content-Length: {LARGE}")
        for _ in range(LARGE // len(piece)):
            wire.more(piece)
        answer = wire.answer()
        got = sum(len(part) for part in iter(lambda: answer.read(65_536), b""))
    received = stage.users.request(target)
    sent = f"POST {target} with {LARGE:,} bytes, and as many back"
    expect((len(received.body), got) == (LARGE, LARGE), f"{LARGE} bytes each way", (len(received.body), got), sent)
    expect(received.body[: len(piece)] == piece, "the bytes that were sent", "others", sent)
    grown = peak(stage.gateway) - before
    expect(grown < GROWS_AT_MOST, f"at most {GROWS_AT_MOST:,} bytes more memory", f"{grown:,} bytes more", sent)


@pytest.mark.step("streams")
def test_a_client_that_asks_first_is_told_to_go_on(stage: Stage, target: str) -> None:
    with wired(stage) as wire:
        wire.send("POST", target, "Expect: 100-continue", "Content-Length: 5")
        try:
            first = wire.socket.recv(25)
        except TimeoutError:
            raise Unmet("HTTP/1.1 100 Continue", "nothing", wire.sent, hung=True) from None
        expect(first.startswith(b"HTTP/1.1 100"), "HTTP/1.1 100 Continue before the body", first, wire.sent)
        wire.more(b"hello")
        status = wire.answer().status
    received = stage.users.request(target)
    expect(status == 200 and received.body == b"hello", "200, and the body at the service", status, wire.sent)


@pytest.mark.step("streams")
def test_a_client_that_hangs_up_ends_the_request_at_the_service(stage: Stage, target: str) -> None:
    left = Event()

    def reply(connection: socket.socket, received: Received) -> None:
        connection.settimeout(5)
        if connection.recv(1) == b"":
            left.set()

    stage.users.on(target, reply)
    with wired(stage) as wire:
        wire.send("GET", target)
        stage.users.request(target)
    # Well before the gateway gives the service up by itself.
    expect(
        left.wait(1.5), "the connection to the service to be closed", "it is still open", f"{wire.sent}and a hang-up"
    )


@pytest.mark.step("streams")
@pytest.mark.parametrize("framing", [CHUNKED, "Content-Length: 10"])
def test_half_a_request_never_looks_whole_to_the_service(stage: Stage, target: str, framing: str) -> None:
    with wired(stage) as wire:
        wire.send("POST", target, framing, body=chunk(b"half") if framing == CHUNKED else b"half")
        received = stage.users.request(target, whole=False)
    eventually(lambda: received.ended, within=2, expected="the connection to the service to be closed")
    expect(
        not received.whole, "half a request", f"a whole one with {bytes(received.body)!r}", f"{wire.sent} and a hang-up"
    )


@pytest.mark.step("streams")
@pytest.mark.parametrize("framing", [CHUNKED, "Content-Length: 10"])
def test_half_an_answer_never_looks_whole_to_the_client(stage: Stage, target: str, framing: str) -> None:
    def reply(connection: socket.socket, received: Received) -> None:
        half = chunk(b"half") if framing == CHUNKED else b"half"
        connection.sendall(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode() + half)
        connection.shutdown(socket.SHUT_RDWR)

    stage.users.on(target, reply)
    with wired(stage) as wire:
        wire.send("GET", target)
        try:
            answer = wire.answer()
            got = f"{answer.status} and a whole body: {answer.read()!r}"
        except (http.client.IncompleteRead, ConnectionError):
            return
        sent = f"{wire.sent}and the service hangs up after 4 bytes"
        expect(answer.status >= 500, "an answer that breaks off, or an error", got, sent)


# paths


@pytest.mark.step("paths")
@pytest.mark.parametrize(
    "path",
    [
        "/api/users/../products/{}",
        "/api/users/%2e%2e/products/{}",
        "/api/users/.%2E/products/{}",
        "/api/users/..%2fproducts/{}",
        "/api/users/..%5Cproducts/{}",
        "/api/users/..\\products/{}",
        "/api/users/./{}",
        "/api/users/{}/..",
        "/api/users/{}/%2e",
        "//api/users/{}",
        "/api//users/{}",
        "/api/users//{}",
        "/api/users/{}%2F..%2F..%2Fproducts",
        "/./api/users/{}",
        "/health/../api/users/{}",
    ],
)
def test_a_path_that_can_be_read_in_two_ways_is_refused(stage: Stage, draw: Draw, path: str) -> None:
    name = draw.token()
    with wired(stage) as wire:
        wire.send("GET", path.format(name))
        status = wire.answer().status
    expect(status == 400, "400 Bad Request", status, wire.sent)
    has_seen_nothing(stage, name, wire.sent)


@pytest.mark.step("paths")
def test_dots_and_percents_that_mean_nothing_special_pass(gateway: Client, stage: Stage, draw: Draw) -> None:
    for name in ("a..b", "...", ".hidden", "%252e%252e", "a%20b", "%00"):
        path = f"{USERS}/{draw.token()}/{name}?next=/../x//y"
        gateway.get(path).has_status(200)
        stage.users.request(path)


@pytest.mark.step("paths")
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Length: 5", "Content-Length: 6"], b"hello!"),
        (["Content-Length: 5, 6"], b"hello!"),
        (["Content-Length: +5"], b"hello"),
        (["Content-Length: -1"], b"hello"),
        (["Content-Length: 5", CHUNKED], b"0\r\n\r\n"),
        ([CHUNKED, "Content-Length: 5"], b"0\r\n\r\n"),
        (["Transfer-Encoding: xchunked"], b"0\r\n\r\n"),
        (["Transfer-Encoding: chunked, identity"], b"0\r\n\r\n"),
        (["Transfer-Encoding : chunked"], b"0\r\n\r\n"),
        ([CHUNKED], b"zz\r\nhello\r\n0\r\n\r\n"),
        ([CHUNKED], b"-5\r\nhello\r\n0\r\n\r\n"),
        ([CHUNKED], b"0x5\r\nhello\r\n0\r\n\r\n"),
        ([CHUNKED], b"5\r\nhelloXX\r\n0\r\n\r\n"),
        ([CHUNKED], b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        (["Host: other"], b""),
    ],
)
def test_a_request_whose_end_or_host_is_in_doubt_reaches_no_service(
    stage: Stage, target: str, headers: list[str], body: bytes
) -> None:
    with wired(stage) as wire:
        wire.send("POST", target, *headers, body=body)
        status = wire.status()
    expect(status == 400, "400 Bad Request, and the connection closed", status, wire.sent)
    has_seen_nothing(stage, target, wire.sent)


@pytest.mark.step("paths")
def test_a_request_without_a_host_is_refused(stage: Stage, target: str) -> None:
    with wired(stage) as wire:
        wire.send("GET", target, host="")
        status = wire.status()
    expect(status == 400, "400 Bad Request", status, wire.sent)


@pytest.mark.step("paths")
def test_a_header_over_two_lines_makes_no_second_header(stage: Stage, target: str) -> None:
    with wired(stage) as wire:
        wire.send("GET", target, "X-Note: one", " X-User-Id: 1")
        if wire.status() == 400:
            has_seen_nothing(stage, target, wire.sent)
        else:
            received = stage.users.request(target)
            expect(not received.values("X-User-Id"), "400, or both lines as one value", shown(received), wire.sent)


@pytest.mark.step("paths")
def test_a_whole_url_leads_nowhere_else(stage: Stage, target: str) -> None:
    with wired(stage) as wire:
        wire.send("GET", f"{stage.products.url}{target}")
        status = wire.status()
    if status == 200:
        stage.users.request(target)
    else:
        expect(400 <= status < 500, "the path's own service, or a 4xx", status, wire.sent)
    strangers = [received.target for received in stage.products.all() if target in received.target]
    expect(not strangers, "nothing at the address in the URL", strangers, wire.sent)


@pytest.mark.step("paths")
def test_what_follows_a_body_is_a_request_of_its_own(stage: Stage, target: str) -> None:
    hidden = f"GET {target}/second HTTP/1.1\r\nHost: shop\r\n\r\n".encode()
    with wired(stage) as wire:
        wire.send("POST", target, "Content-Length: 2", body=b"{}" + hidden)
        received = stage.users.request(f"{target}/second")
        answers = wire.read_until(b"HTTP/1.1 200", 2)
    expect(answers.count(b"HTTP/1.1 200") == 2, "two answers", answers, wire.sent)
    expect(received.values("X-Forwarded-For"), "the second to be looked at as the first", shown(received), wire.sent)


# failures


@pytest.mark.step("failures")
def test_a_service_that_is_down_fails_for_its_own_paths_only(web: Client, system: System) -> None:
    users = system.processes("users")[0]
    users.kill()
    try:
        is_problem(web.get(USERS), 502)
        web.get(PRODUCTS).has_status(200)
        web.get("/health").has_status(200).is_json({"status": "ok"})
    finally:
        users.launch()
    users.await_ready()
    web.get(USERS).has_status(200)


@pytest.mark.step("failures")
def test_a_service_that_says_nothing_is_given_up(gateway: Client, stage: Stage, target: str) -> None:
    over = Event()

    def reply(connection: socket.socket, received: Received) -> None:
        over.wait(10)

    stage.users.on(target, reply)
    try:
        began = time.monotonic()
        answer = is_problem(gateway.get(target), 504)
        took = time.monotonic() - began
    finally:
        over.set()
    expect(
        took > float(TIMEOUT_S) * 0.9, f"UPSTREAM_TIMEOUT_S={TIMEOUT_S} to be waited for", f"{took:.1f} s", answer.sent
    )


@pytest.mark.step("failures")
@pytest.mark.parametrize(
    "nonsense",
    [
        b"220 smtp ready\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nxx",
    ],
)
def test_a_service_that_speaks_no_http_is_a_502(gateway: Client, stage: Stage, target: str, nonsense: bytes) -> None:
    def reply(connection: socket.socket, received: Received) -> None:
        connection.sendall(nonsense)
        connection.shutdown(socket.SHUT_RDWR)

    stage.users.on(target, reply)
    is_problem(gateway.get(target), 502)


@pytest.mark.step("failures")
def test_no_problem_tells_where_the_services_are(gateway: Client, stage: Stage, target: str) -> None:
    stage.users.on(target, lambda connection, received: connection.shutdown(socket.SHUT_RDWR))
    answer = is_problem(gateway.get(target), 502)
    port = stage.users.url.rsplit(":", 1)[1]
    expect(port not in answer.text, "nothing of the service's address", answer.got, answer.sent)


@pytest.mark.step("failures")
def test_many_that_wait_for_one_service_do_not_hold_up_the_other(web: Client, system: System) -> None:
    users = system.processes("users")[0]
    sent = f"{SILENT_AT_ONCE} times GET {USERS} while users is stopped (SIGSTOP), then GET {PRODUCTS}"
    with ExitStack() as stack:
        users.signal(SIGSTOP)
        stack.callback(users.signal, SIGCONT)
        for _ in range(SILENT_AT_ONCE):
            wire = Wire(web.url)
            stack.callback(wire.socket.close)
            wire.send("GET", USERS)
        try:
            answer = web.get(PRODUCTS, timeout=3)
        except Unmet as unmet:
            raise Unmet(unmet.expected, unmet.got, sent) from None
        expect(answer.status == 200, "200 OK", answer.got, sent)


@pytest.mark.step("failures")
def test_an_answer_that_comes_before_the_body_is_read_arrives(stage: Stage, target: str) -> None:
    refusal = answer_of("413 Content Too Large", "Content-Type: text/plain", body=b"too much")
    stage.users.on(target, reply_with(refusal), early=True)
    with wired(stage) as wire:
        wire.send("POST", target, f"Content-Length: {MEGABYTE}", body=b"x" * MEGABYTE)
        answer = wire.answer()
        body = answer.read()
    expect((answer.status, body) == (413, b"too much"), "413 and too much", (answer.status, body), wire.sent)


# identity


@dataclass(frozen=True)
class Signer:
    """Makes tokens as lesson 7 does, with the secret that the lesson's processes have."""

    secret: str

    def token(self, *, secret: str = "", typ: str = "at+jwt", **claims: Any) -> str:
        """A token that is good but for what is given."""
        now = int(time.time())
        said = {"iss": "taller", "aud": "shop", "iat": now, "exp": now + 600, "jti": str(uuid4()), "sub": "7"}
        said |= {"role": "customer", **claims}
        return jwt.encode(said, secret or self.secret, "HS256", {"typ": typ})


@pytest.fixture
def signer(system: System) -> Signer:
    """Whoever issues the shop's tokens."""
    return Signer(system.submission.lesson.environment["JWT_SECRET"])


@pytest.mark.step("identity")
@pytest.mark.parametrize("role", ["customer", "admin"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_service_is_told_who_is_asking(
    gateway: Client, stage: Stage, signer: Signer, target: str, draw: Draw, role: str, scheme: str
) -> None:
    user = draw.token()
    token = signer.token(sub=user, role=role)
    lies = {"X-User-Id": "1", "x-user-role": "admin", "Connection": "X-User-Id, X-User-Role"}
    answer = gateway.get(target, headers={"Authorization": f"{scheme} {token}", **lies}).has_status(200)
    received = stage.users.request(target)
    expect(received.values("X-User-Id") == [user], f"X-User-Id: {user}", shown(received), answer.sent)
    expect(received.values("X-User-Role") == [role], f"X-User-Role: {role}", shown(received), answer.sent)
    expect(token not in shown(received), "no token: it has been read", shown(received), answer.sent)


@pytest.mark.step("identity")
def test_nobody_can_say_who_they_are_without_a_token(stage: Stage, target: str) -> None:
    lies = [f"{name}: admin" for name in ("X-User-Id", "x-user-role", "X_User_Id", "X-USER_ROLE", "X-User-ID")]
    with wired(stage) as wire:
        wire.send("GET", target, *lies)
        expect(wire.answer().status == 200, "200: who says nothing is let through as nobody", "another", wire.sent)
        received = stage.users.request(target)
    expect("admin" not in shown(received), "no X-User-Id and no X-User-Role", shown(received), wire.sent)


def bad_headers(signer: Signer, draw: Draw) -> dict[str, list[str]]:
    """What is no good token, each by its name."""
    good = signer.token()
    head, payload, signature = good.split(".")
    bearer = {
        "nonsense": draw.token(),
        "empty": "",
        "expired": signer.token(exp=int(time.time()) - 60),
        "of another secret": signer.token(secret=draw.token(40)),
        "for another audience": signer.token(aud="elsewhere"),
        "of another issuer": signer.token(iss="elsewhere"),
        "of another kind": signer.token(typ="JWT"),
        "unsigned": f"{head}.{payload}.",
        "alg none": f"{UNSIGNED}.{payload}.",
        "cut": f"{head}.{payload}.{signature[:-4]}",
    }
    lines = {name: [f"Authorization: Bearer {token}"] for name, token in bearer.items()}
    lines["basic"] = ["Authorization: Basic YW5hOnNlY3JldA=="]
    lines["twice"] = [f"Authorization: Bearer {good}"] * 2
    return lines


@pytest.mark.step("identity")
def test_a_bad_token_gets_no_further_than_the_door(stage: Stage, signer: Signer, target: str, draw: Draw) -> None:
    for number, (name, lines) in enumerate(bad_headers(signer, draw).items()):
        with wired(stage) as wire:
            wire.send("GET", f"{target}/{number}", *lines)
            answer = wire.answer()
            kind = answer.getheader("Content-Type", "")
        expect(answer.status == 401, f"401 Unauthorized: the token is {name}", answer.status, wire.sent)
        challenge = answer.getheader("WWW-Authenticate", "")
        expect(challenge.startswith("Bearer"), "WWW-Authenticate: Bearer and so on", challenge, wire.sent)
        expect(kind.startswith("application/problem+json"), "a problem (RFC 9457)", kind, wire.sent)
    has_seen_nothing(stage, target, f"twelve bad tokens to {target}")


@pytest.mark.step("identity")
def test_who_is_refused_need_not_send_a_body(stage: Stage, target: str) -> None:
    with wired(stage) as wire:
        wire.send("POST", target, "Authorization: Bearer x", "Expect: 100-continue", f"Content-Length: {LARGE}")
        first = wire.socket.recv(12)
    expect(first == b"HTTP/1.1 401", "HTTP/1.1 401 at once, and no 100 Continue", first, wire.sent)


@pytest.mark.step("identity")
def test_a_bad_token_does_not_hide_the_gateways_health(gateway: Client) -> None:
    gateway.get("/health", headers={"Authorization": "Bearer x"}).has_status(200)


# same-clients: the tests of lesson 1 and lesson 6 are in the suites above


@pytest.mark.step("same-clients")
def test_one_document_describes_both_services(web: Client) -> None:
    paths = web.get("/openapi.json").has_status(200).field("paths", dict)
    for path in (USERS, PRODUCTS, "/api/orders"):
        expect(path in paths, f"{path} in the OpenAPI document", sorted(paths), "GET /openapi.json")
