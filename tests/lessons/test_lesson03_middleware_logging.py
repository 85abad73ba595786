"""Lesson 3: every request leaves a trace. Each test is one promise of the contract, over HTTP and in the log."""

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start, set_up_ahead
from taller.grading.bench import Bench
from taller.processes import StateDirectory
from taller.runner import Process, System

PRODUCTS = "/api/products"
PROBLEM = "application/problem+json"
VALID_ID = r"[A-Za-z0-9._-]{1,64}"
HIDDEN = "[hidden]"
LARGEST_FILE = 20_000
MOST_FILES = 6
KEYS = {"timestamp", "level", "service", "event", "method", "url", "status"} | {
    "duration_ms",
    "ip",
    "user_agent",
    "request_id",
}
ENDS_A_LINE = re.compile(r"[\x00-\x09\x0b-\x1f\x80-\x9f\u2028\u2029]")

Line = dict[str, Any]


def parsed(text: str, where: str) -> Line:
    """One line of a log as the JSON object that it has to be (RFC 8259, so without NaN)."""
    try:
        line = json.loads(text, parse_constant=no_json)
    except (ValueError, RecursionError) as error:
        raise Unmet(f"every line of {where} to be a JSON object ({error})", text[:2000]) from None
    expect(isinstance(line, dict), f"every line of {where} to be a JSON object", text[:2000])
    return dict(line)


def no_json(word: str) -> None:
    """Refuse NaN and Infinity, which Python's parser takes."""
    raise ValueError(f"{word} is not JSON")


def is_json_object(text: str) -> bool:
    """Whether ``parsed`` would return."""
    try:
        parsed(text, "")
    except Unmet:
        return False
    return True


@dataclass
class Patience:
    """How long to wait for a line to be written: not long again once one has failed to come."""

    seconds: float = 3.0


class Log:
    """What a process prints from now on."""

    def __init__(self, process: Process, patience: Patience) -> None:
        self._path = process.log_path
        self._patience = patience
        self._start = self._path.stat().st_size

    @property
    def text(self) -> str:
        """All of it, up to the end of the last whole line."""
        printed = self._path.read_bytes()[self._start :]
        return printed[: printed.rfind(b"\n") + 1].decode(errors="replace")

    def lines(self) -> list[Line]:
        """The lines that are JSON; ``all_is_json`` is for whether all are."""
        return [parsed(line, "standard output") for line in self.text.split("\n") if is_json_object(line)]

    def all_is_json(self) -> None:
        """Every line is a JSON object."""
        for line in self.text.split("\n")[:-1]:
            parsed(line, "standard output")

    def requests(self, mark: str) -> list[Line]:
        """The lines of requests with ``mark`` in their URL."""
        return [line for line in self.lines() if line.get("event") == "request" and mark in str(line.get("url"))]

    def request(self, mark: str, sent: str = "") -> Line:
        """The line of the one request with ``mark`` in its URL; it may take a moment to be written."""

        def look() -> list[Line]:
            found = self.requests(mark)
            expect(found, f"a line with event request and {mark} in its url", tail(self.text), sent)
            return found

        try:
            lines = eventually(look, within=self._patience.seconds)
        except Unmet:
            self._patience.seconds = 0.2
            raise
        expect(len(lines) == 1, f"one line for the request of {mark}", "\n".join(map(str, lines)), sent)
        return lines[0]


def tail(text: str, lines: int = 6) -> str:
    """The end of a log, as feedback shows it."""
    return "\n".join(line[:600] for line in text.splitlines()[-lines:]) or "(nothing was printed)"


def told(line: Line, sent: str = "", **expected: object) -> None:
    """The line has these values."""
    for key, value in expected.items():
        expect(line.get(key) == value, f"{key} {value!r} in the request's line", str(line)[:2000], sent)


def connect(url: str) -> socket.socket:
    """A bare connection, for requests that no well-behaved client makes."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=5)


def raw(url: str, request: bytes) -> str:
    """Send these very bytes; what comes back, empty when the connection is closed."""
    with connect(url) as connection:
        connection.sendall(request)
        try:
            return connection.recv(4000).decode(errors="replace")
        except (TimeoutError, ConnectionError):
            return ""


# The processes beside the first: they start with the first test that needs one.


@dataclass(frozen=True)
class Named:
    """A process that tells all, and has a name of its own."""

    process: Process
    service: str


@dataclass(frozen=True)
class Filing:
    """A process that tells little, and keeps files in a folder."""

    process: Process
    folder: Path


@dataclass(frozen=True)
class Misled:
    """A process that was told a level that there is not."""

    process: Process
    level: str


@pytest.fixture(scope="module")
def others(request: pytest.FixtureRequest) -> None:
    """Start them together; nobody waits for one that is not asked."""
    set_up_ahead(request, "named", "filing", "misled")


@pytest.fixture(scope="module")
def named(request: pytest.FixtureRequest, bench: Bench) -> Named:
    """Launched, and not waited for."""
    service = f"shop-{Draw(request.config.option.seed, 'named').token(6)}"
    return Named(bench.system.launch("web", {"LOG_LEVEL": "debug", "SERVICE": service}), service)


@pytest.fixture(scope="module")
def filing(bench: Bench) -> Iterator[Filing]:
    """Launched, and not waited for."""
    state = StateDirectory.create("logs")
    folder = state.path / "written"
    folder.mkdir()
    # The submission may run as another user.
    folder.chmod(0o777)
    variables = {"LOG_LEVEL": "warning", "LOG_DIR": str(folder / "new"), "LOG_MAX_BYTES": str(LARGEST_FILE)}
    yield Filing(bench.system.launch("web", variables), folder / "new")
    state.remove()


@pytest.fixture(scope="module")
def misled(request: pytest.FixtureRequest, bench: Bench) -> Misled:
    """Launched, and not waited for."""
    level = Draw(request.config.option.seed, "misled").choice(["loud", "", "7", "inform"])
    return Misled(bench.system.launch("web", {"LOG_LEVEL": level}), level)


@pytest.fixture(scope="module")
def patience() -> Patience:
    """One for all tests."""
    return Patience()


@pytest.fixture
def log(system: System, others: None, patience: Patience) -> Log:
    """The log of the first process, with the settings that nobody has touched."""
    return Log(system.processes("web")[0], patience)


@pytest.fixture
def talkative(named: Named, patience: Patience) -> Iterator[tuple[Client, Log]]:
    """A client of the process with LOG_LEVEL=debug, and its log."""
    named.process.await_ready()
    client = Client(named.process.url)
    yield client, Log(named.process, patience)
    client.close()


@pytest.fixture
def quiet(filing: Filing, patience: Patience) -> Iterator[tuple[Client, Log]]:
    """A client of the process with LOG_LEVEL=warning and LOG_DIR, and its log."""
    filing.process.await_ready()
    client = Client(filing.process.url)
    yield client, Log(filing.process, patience)
    client.close()


@pytest.fixture
def mark(draw: Draw) -> str:
    """Something to find a request by."""
    return draw.token()


# problems


def is_problem(answer: Answer, *statuses: int) -> Answer:
    """The answer is a problem (RFC 9457, section 3) of one of these statuses."""
    answer.has_status(*statuses)
    answer.header("Content-Type", rf"{re.escape(PROBLEM)}\b.*")
    for member in ("type", "title", "detail"):
        expect(answer.field(member, str), f"{member!r} not to be empty", answer.got, answer.sent)
    expect(answer.field("status", int) == answer.status, f"status {answer.status} in the body", answer.got, answer.sent)
    return answer


def wrong_fields(answer: Answer) -> set[str]:
    """The fields that a problem names."""
    errors = answer.field("errors", list)
    for error in errors:
        is_error = isinstance(error, dict) and {type(error.get("field")), type(error.get("message"))} == {str}
        expect(is_error, "errors to be objects with the texts field and message", answer.got, answer.sent)
    return {error["field"] for error in errors}


@pytest.mark.step("problems")
@pytest.mark.usefixtures("others")
def test_a_path_that_is_not_there_is_a_problem(web: Client, mark: str) -> None:
    is_problem(web.get(f"/{mark}"), 404)


@pytest.mark.step("problems")
def test_a_product_that_is_not_there_is_a_problem(web: Client, draw: Draw) -> None:
    is_problem(web.get(f"{PRODUCTS}/{draw.integer(10**9, 10**12)}"), 404)


@pytest.mark.step("problems")
def test_a_method_that_is_not_there_is_a_problem_with_allow(web: Client) -> None:
    answer = is_problem(web.delete(PRODUCTS), 405)
    allowed = {method.strip() for method in answer.header("Allow").split(",")}
    expect(allowed == {"GET", "HEAD", "OPTIONS", "POST"}, "Allow with GET, HEAD, OPTIONS, POST", allowed, answer.sent)


@pytest.mark.step("problems")
def test_bad_input_is_a_problem_that_names_every_field(web: Client, draw: Draw) -> None:
    extra = f"x{draw.token()}"
    answer = is_problem(web.post(PRODUCTS, json={"name": "", "price": -1, extra: 1}), 400, 422)
    expected = {"name", "price", extra}
    expect(wrong_fields(answer) == expected, f"errors that name {sorted(expected)}", answer.got, answer.sent)


@pytest.mark.step("problems")
def test_a_query_that_makes_no_sense_is_a_problem_that_names_it(web: Client) -> None:
    answer = is_problem(web.get(PRODUCTS, params={"limit": "many"}), 400, 422)
    expect(wrong_fields(answer) == {"limit"}, "errors that name limit", answer.got, answer.sent)


@pytest.mark.step("problems")
@pytest.mark.parametrize("body", ["", "{", "null", '{"name": "Lamp", "price": NaN}', '{"name": "\\ud800", "price": 1}'])
def test_a_body_that_is_no_product_is_a_problem(web: Client, body: str) -> None:
    is_problem(web.post(PRODUCTS, content=body, headers={"Content-Type": "application/json"}), 400, 422)


@pytest.mark.step("problems")
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_a_problem(web: Client, announced: bool) -> None:
    pieces = [b" " * 50_000] * 30
    content = b"".join(pieces) if announced else iter(pieces)
    is_problem(web.post(PRODUCTS, content=content, headers={"Content-Type": "application/json"}), 413)


@pytest.mark.step("problems")
def test_the_documentation_says_that_errors_are_problems(web: Client) -> None:
    answer = web.get("/openapi.json").has_status(200)
    for path, operations in answer.field("paths", dict).items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items() if isinstance(operation, dict) else ():
                where = f"{method.upper()} {path}, the answer {status}"
                kinds = list(response.get("content", {}))
                expect(status < "400" or kinds == [PROBLEM], f"{where} to have the content {PROBLEM}", kinds)


# request-line


@pytest.mark.step("request-line")
def test_a_request_leaves_one_line_that_tells_all(web: Client, log: Log, draw: Draw, mark: str) -> None:
    agent = f"suite/{draw.integer(1, 99)} ({draw.token()})"
    path = f"{PRODUCTS}?limit=1&q={mark}"
    answer = web.get(path, headers={"User-Agent": agent}).has_status(200)
    line = log.request(mark, answer.sent)
    missing = KEYS - line.keys()
    expect(not missing, f"the keys {', '.join(sorted(missing))} in the line", line, answer.sent)
    told(line, answer.sent, level="info", service="shop", method="GET", url=path, status=200)
    told(line, answer.sent, ip="127.0.0.1", user_agent=agent)


@pytest.mark.step("request-line")
@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("HEAD", 404), ("POST", 404), ("OPTIONS", 404)])
def test_a_request_that_fails_leaves_its_line_too(web: Client, log: Log, mark: str, method: str, status: int) -> None:
    answer = web.request(method, f"/{mark}").has_status(status)
    told(log.request(mark, answer.sent), answer.sent, method=method, url=f"/{mark}", status=status)


@pytest.mark.step("request-line")
def test_a_refused_body_leaves_its_line_too(web: Client, log: Log, mark: str) -> None:
    answer = web.post(f"{PRODUCTS}?q={mark}", content=b" " * 1_500_000).has_status(413)
    told(log.request(mark, answer.sent), answer.sent, method="POST", status=413)


@pytest.mark.step("request-line")
def test_timestamp_is_rfc_3339_in_utc(web: Client, log: Log, mark: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    answer = web.get(f"/{mark}")
    stamp = log.request(mark, answer.sent).get("timestamp")
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"
    expect(isinstance(stamp, str) and re.fullmatch(form, stamp), f"a timestamp of the form {form}", stamp, answer.sent)
    when = datetime.fromisoformat(str(stamp))
    expect(before <= when <= datetime.now(UTC) + timedelta(seconds=1), "the time of the request", stamp, answer.sent)


@pytest.mark.step("request-line")
def test_duration_ms_is_the_time_until_the_answer(web: Client, log: Log, mark: str) -> None:
    """The body's last byte comes late on purpose, so the request takes at least that long."""
    pause_s = 0.15
    body = b'{"name": ""}'
    head = f"Host: shop\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    sent = f"POST {PRODUCTS}?q={mark} with {pause_s:g} s before the last byte of the body"
    began = time.monotonic()
    with connect(web.url) as connection:
        connection.sendall(f"POST {PRODUCTS}?q={mark} HTTP/1.1\r\n{head}".encode() + body[:-1])
        time.sleep(pause_s)
        connection.sendall(body[-1:])
        connection.recv(1000)
    # The program may look at its clock a little after we have its answer.
    took_ms = (time.monotonic() - began) * 1000 + 50
    duration = log.request(mark, sent).get("duration_ms")
    is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
    # The head may be read a little after it was sent.
    expected = f"a number of milliseconds from {pause_s * 900:.0f} to {took_ms:.0f}"
    expect(is_number and pause_s * 900 <= float(duration or 0) <= took_ms, expected, duration, sent)


@pytest.mark.step("request-line")
def test_requests_at_the_same_time_each_leave_one_line(web: Client, log: Log, mark: str) -> None:
    with ThreadPoolExecutor(10) as clients:
        list(clients.map(lambda number: web.get(f"/{mark}-{number}-"), range(30)))
    for number in range(30):
        log.request(f"{mark}-{number}-")


@pytest.mark.step("request-line")
def test_without_a_user_agent_there_is_null(web: Client, log: Log, mark: str) -> None:
    raw(web.url, f"GET /{mark} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
    line = log.request(mark)
    expect(line.get("user_agent", "") is None, "user_agent null", line, f"GET /{mark} without User-Agent")


@pytest.mark.step("request-line")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_ip_is_who_connects_and_not_who_a_header_names(web: Client, log: Log, mark: str, header: str) -> None:
    value = "for=203.0.113.7" if header == "Forwarded" else "203.0.113.7"
    answer = web.get(f"/{mark}", headers={header: value})
    told(log.request(mark, answer.sent), answer.sent, ip="127.0.0.1")


@pytest.mark.step("request-line")
def test_the_servers_own_messages_are_lines_of_json_too(web: Client, log: Log, mark: str) -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
        raw(web.url, nonsense + b"\r\n\r\n")
    web.get(f"/{mark}")
    log.request(mark, "three connections that do not speak HTTP, then a request")
    log.all_is_json()


# request-id


def id_in(answer: Answer) -> str:
    """The answer's X-Request-ID, which has the form of a valid one."""
    return answer.header("X-Request-ID", VALID_ID)


@pytest.mark.step("request-id")
def test_a_valid_id_is_taken_over(web: Client, log: Log, draw: Draw) -> None:
    for given in (draw.token(), f"A.b_C-{draw.token()}", draw.token(64), draw.token(1)):
        mark = draw.token()
        answer = web.get(f"/{mark}", headers={"X-Request-ID": given})
        expect(id_in(answer) == given, f"X-Request-ID: {given}", id_in(answer), answer.sent)
        told(log.request(mark, answer.sent), answer.sent, request_id=given)


@pytest.mark.step("request-id")
@pytest.mark.parametrize(
    "given", ["", "two words", "a;b", 'a","level":"error', "../x", "a\tb", "x" * 65, "ñandú", "{}"]
)
def test_an_id_that_is_not_valid_is_replaced(web: Client, log: Log, mark: str, given: str) -> None:
    answer = web.get(f"/{mark}", headers={"X-Request-ID": given.encode()})
    expect(id_in(answer) != given, "an X-Request-ID of your own", id_in(answer), answer.sent)
    told(log.request(mark, answer.sent), answer.sent, request_id=id_in(answer))


@pytest.mark.step("request-id")
def test_an_id_that_is_sent_twice_is_replaced(web: Client, draw: Draw) -> None:
    given = [draw.token(), draw.token()]
    answer = web.get("/health", headers=httpx.Headers([("X-Request-ID", value) for value in given]))
    expect(id_in(answer) not in given, f"an X-Request-ID that is neither of {given}", id_in(answer), str(given))


@pytest.mark.step("request-id")
def test_every_request_without_an_id_gets_one_of_its_own(web: Client, log: Log, mark: str) -> None:
    answers = [web.get(f"/{mark}-{number}-") for number in range(5)]
    ids = [id_in(answer) for answer in answers]
    expect(len(set(ids)) == 5, "five different ids", ids, answers[0].sent)
    for number, expected in enumerate(ids):
        told(log.request(f"{mark}-{number}-"), request_id=expected)


@pytest.mark.step("request-id")
def test_every_kind_of_answer_has_the_id(web: Client, draw: Draw) -> None:
    large = {"content": b" " * 1_500_000, "headers": {}}
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/health", {}),
        ("OPTIONS", PRODUCTS, {}),
        ("DELETE", PRODUCTS, {}),
        ("POST", PRODUCTS, {"json": {}}),
        ("POST", PRODUCTS, large),
        ("GET", "/docs", {}),
    ]
    for method, path, options in requests:
        given = draw.token()
        headers = {"X-Request-ID": given}
        answer = web.request(method, path, **{**options, "headers": headers})
        expect(id_in(answer) == given, f"X-Request-ID: {given}", id_in(answer), answer.sent)


# levels


@pytest.mark.step("levels")
@pytest.mark.parametrize(("path", "level"), [(PRODUCTS, "info"), (f"{PRODUCTS}/{10**12}", "warning")])
def test_the_status_makes_the_level(web: Client, log: Log, mark: str, path: str, level: str) -> None:
    answer = web.get(f"{path}?q={mark}")
    told(log.request(mark, answer.sent), answer.sent, level=level)


@pytest.mark.step("levels")
def test_a_health_check_is_told_at_debug_only(web: Client, log: Log, talkative: tuple[Client, Log], mark: str) -> None:
    web.get(f"/health?q={mark}-info").has_status(200)
    web.get(f"/{mark}-after")
    log.request(f"{mark}-after")
    expect(not log.requests(f"{mark}-info"), "no line for GET /health at LOG_LEVEL=info", tail(log.text))
    answer = talkative[0].get(f"/health?q={mark}").has_status(200)
    told(talkative[1].request(mark, answer.sent), answer.sent, level="debug")


@pytest.mark.step("levels")
def test_a_health_check_with_a_wrong_method_is_told(web: Client, log: Log, mark: str) -> None:
    answer = web.delete(f"/health?q={mark}").has_status(405)
    told(log.request(mark, answer.sent), answer.sent, level="warning")


@pytest.mark.step("levels")
def test_log_level_warning_leaves_out_what_went_well(quiet: tuple[Client, Log], mark: str) -> None:
    client, log = quiet
    client.get(f"{PRODUCTS}?q={mark}-well").has_status(200)
    client.get(f"/{mark}-after").has_status(404)
    log.request(f"{mark}-after")
    expect(not log.requests(f"{mark}-well"), "no line of level info at LOG_LEVEL=warning", tail(log.text))


@pytest.mark.step("levels")
def test_log_level_debug_tells_headers_and_body(talkative: tuple[Client, Log], draw: Draw, mark: str) -> None:
    client, log = talkative
    body = {"name": draw.name(), "parts": [{"colour": draw.word()}, None, True, 7]}
    answer = client.post(f"{PRODUCTS}?q={mark}", json=body, headers={"X-Colour": mark})
    line = log.request(mark, answer.sent)
    headers = line.get("headers")
    got = str(line)[:2000]
    expect(isinstance(headers, dict) and headers.get("x-colour") == mark, f"headers with x-colour: {mark}", got)
    told(line, answer.sent, body=body)


@pytest.mark.step("levels")
def test_without_debug_neither_headers_nor_body_are_told(web: Client, log: Log, mark: str) -> None:
    answer = web.post(f"{PRODUCTS}?q={mark}", json={"name": mark}, headers={"X-Colour": mark})
    line = log.request(mark, answer.sent)
    told({**line, "url": ""}, answer.sent, headers=None, body=None)


@pytest.mark.step("levels")
@pytest.mark.parametrize("body", ["", "no json", "[" * 9_000, json.dumps(["x" * 10_000])])
def test_a_body_that_is_no_json_or_long_is_null(talkative: tuple[Client, Log], mark: str, body: str) -> None:
    client, log = talkative
    answer = client.post(f"{PRODUCTS}?q={mark}", content=body, headers={"Content-Type": "application/json"})
    told(log.request(mark, answer.sent), answer.sent, body=None)


@pytest.mark.step("levels")
def test_service_names_the_program(named: Named, talkative: tuple[Client, Log], mark: str) -> None:
    client, log = talkative
    answer = client.get(f"/{mark}")
    sent = f"the variable SERVICE={named.service}, {answer.sent}"
    told(log.request(mark, answer.sent), sent, service=named.service)


@pytest.mark.step("levels")
def test_a_log_level_that_makes_no_sense_ends_the_process_with_status_2(misled: Misled) -> None:
    refuses_to_start(misled.process, "LOG_LEVEL", misled.level)


# exceptions


def failure(log: Log, mark: str, sent: str) -> Line:
    """The line of a request that ended in an exception; it is the only one of level error that belongs to it."""
    line = log.request(mark, sent)
    told(line, sent, level="error")
    text = line.get("exception")
    is_trace = isinstance(text, str) and "on purpose" in text and text.count("\n") >= 2
    expect(is_trace, "exception: the stack trace with its message, on purpose", str(line)[:2000], sent)
    own = [other for other in log.lines() if other.get("level") == "error" and mark in str(other)]
    same = [other for other in log.lines() if other.get("request_id") == line.get("request_id")]
    errors = [other for other in same if other.get("level") == "error"]
    expect(len(own) == len(errors) == 1, "one line of level error for it", "\n".join(map(str, own + errors)), sent)
    return line


@pytest.mark.step("exceptions")
def test_an_exception_is_a_500_problem(web: Client, mark: str) -> None:
    answer = is_problem(web.get(f"/error?q={mark}"), 500)
    answer.header("X-Request-ID", VALID_ID)


@pytest.mark.step("exceptions")
def test_the_caller_is_told_nothing_of_the_exception(web: Client, mark: str) -> None:
    answer = web.get(f"/error?q={mark}").has_status(500)
    for secret in ("on purpose", "Traceback", "RuntimeError", ".py", mark):
        expect(secret not in answer.text, f"an answer without {secret!r}", answer.text[:2000], answer.sent)


@pytest.mark.step("exceptions")
def test_an_exception_leaves_one_line_with_its_stack_trace(web: Client, log: Log, mark: str) -> None:
    answer = web.get(f"/error?q={mark}")
    line = failure(log, mark, answer.sent)
    told(line, answer.sent, status=500, method="GET", url=f"/error?q={mark}")
    # What the server says of the same exception would come after.
    web.get(f"/{mark}-after")
    log.request(f"{mark}-after")
    traces = [text for text in map(str, log.lines()) if "on purpose" in text and mark in text]
    expect(len(traces) == 1, "the stack trace once in the log", f"{len(traces)} times", answer.sent)


def read_broken(url: str, path: str) -> tuple[int, bytes, bool]:
    """Status and body of a GET, and whether the connection ended before the body did."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(), False
    except http.client.IncompleteRead as error:
        return response.status, error.partial, True
    except (OSError, http.client.HTTPException) as error:
        raise Unmet("the beginning of an answer", repr(error), f"GET {path}") from None
    finally:
        connection.close()


@pytest.mark.step("exceptions")
def test_an_answer_that_has_begun_is_broken_off(web: Client, draw: Draw, mark: str) -> None:
    lines = draw.integer(2, 9)
    path = f"/error?after={lines}&q={mark}"
    status, body, broken = read_broken(web.url, path)
    expect(status == 200, "200 OK: the status is sent before anything fails", status, f"GET {path}")
    whole = "".join(f"line {number}\n" for number in range(1, lines + 1)).encode()
    expect(body == whole, f"{lines} lines", body, f"GET {path}")
    expect(broken, "the connection to end before the body does", "an answer that looks whole", f"GET {path}")


@pytest.mark.step("exceptions")
def test_an_exception_after_the_answer_has_begun_leaves_its_one_line(web: Client, log: Log, mark: str) -> None:
    path = f"/error?after=3&q={mark}"
    with suppress(Unmet):
        read_broken(web.url, path)
    told(failure(log, mark, f"GET {path}"), f"GET {path}", status=200)
    web.get(f"/{mark}-after").has_status(404)
    log.request(f"{mark}-after")
    unknown = [line for line in log.lines() if line.get("level") == "error" and line.get("event") != "request"]
    expect(not unknown, "no line of level error but those of requests", tail("\n".join(map(str, unknown))), path)


# values


@pytest.mark.step("values")
def test_a_value_that_json_cannot_express_is_logged_all_the_same(web: Client, log: Log, draw: Draw) -> None:
    given = draw.token()
    answer = web.get("/error", headers={"X-Request-ID": given}).has_status(500)

    def look() -> list[Line]:
        own = [line for line in log.lines() if line.get("request_id") == given]
        return [line for line in own if line.get("event") == "about to fail"]

    found = eventually(look, within=1, expected=f"a line with event 'about to fail' and request_id {given}")
    told(found[0], answer.sent, level="warning")
    expect(found[0].get("payload"), "payload in the line, not empty", str(found[0])[:2000], answer.sent)
    log.all_is_json()


@pytest.mark.step("values")
@pytest.mark.parametrize(
    "agent", ['x", "level": "error', "x\\", "x\\n", "{}", "'; --", "%s %d {0}", '"}\\n{"forged": true}', "${jndi:x}"]
)
def test_what_a_client_writes_stays_a_value(web: Client, log: Log, mark: str, agent: str) -> None:
    answer = web.get(f"/{mark}", headers={"User-Agent": agent})
    told(log.request(mark, answer.sent), answer.sent, level="warning", user_agent=agent)


@pytest.mark.step("values")
@pytest.mark.parametrize(
    "byte", [b"\x85", b"\x9b31m", b"\xe2\x80\xa8", b"\xff\xfe", b"\t", b"\x1b[31m", b"\x08", b"\x00"]
)
def test_no_byte_of_a_header_can_end_a_line_or_steer_a_terminal(web: Client, log: Log, mark: str, byte: bytes) -> None:
    """Some servers refuse such requests: then there is no line of theirs, and nothing is wrong with that."""
    forged = b'{"event": "request", "url": "/forged"}'
    raw(web.url, f"GET /{mark} HTTP/1.1\r\nHost: shop\r\nUser-Agent: a".encode() + byte + forged + b"\r\n\r\n")
    is_clean(web, log, mark, f"GET /{mark} with the bytes {byte!r} in User-Agent")


@pytest.mark.step("values")
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n ", b"%0A", b"%0d%0a", b"%E2%80%A8"])
def test_no_end_of_line_in_a_url_or_an_id_can_forge_a_line(web: Client, log: Log, mark: str, end: bytes) -> None:
    forged = b'{"event":"request","url":"/forged"}'
    raw(web.url, f"GET /{mark}?q=".encode() + end + forged + b" HTTP/1.1\r\nHost: shop\r\n\r\n")
    raw(web.url, f"GET /{mark} HTTP/1.1\r\nHost: shop\r\nX-Request-ID: a".encode() + end + forged + b"\r\n\r\n")
    is_clean(web, log, mark, f"GET /{mark} with {end!r} in the URL, and again in X-Request-ID")


def is_clean(web: Client, log: Log, mark: str, sent: str) -> None:
    """Once all is written, every line is JSON, has no control character, and tells of a request that was made."""
    web.get(f"/{mark}-after")
    log.request(f"{mark}-after", sent)
    log.all_is_json()
    found = ENDS_A_LINE.search(log.text)
    expect(not found, "no control character and no separator of lines in the log", repr(found), sent)
    forged = [line for line in log.lines() if line.get("url") == "/forged"]
    expect(not forged, "no line for /forged, which nobody asked for", forged, sent)


@pytest.mark.step("values")
@pytest.mark.parametrize(
    "body", ['{"price": NaN}', "[-Infinity, 1e999]", '"\\ud800"', "[[[[[[[[[[[[7]]]]]]]]]]]]", "1e400"]
)
def test_a_body_with_what_json_does_not_know_is_still_a_line(
    talkative: tuple[Client, Log], mark: str, body: str
) -> None:
    client, log = talkative
    answer = client.post(f"{PRODUCTS}?q={mark}", content=body, headers={"Content-Type": "application/json"})
    told(log.request(mark, answer.sent), answer.sent, method="POST", status=answer.status)
    log.all_is_json()


# secrets


def is_kept(log: Log, secret: str, line: Line, sent: str) -> None:
    """The secret is nowhere in the log, and something stands in its place in the line."""
    expect(secret not in log.text, f"a log without the secret {secret}", str(line)[:2000], sent)
    expect(HIDDEN in str(line), f"{HIDDEN} in the place of the secret", str(line)[:2000], sent)


@pytest.mark.step("secrets")
@pytest.mark.parametrize(
    "name", ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "X-CSRF-Token", "X-Client-Secret"]
)
def test_a_secret_header_is_hidden(talkative: tuple[Client, Log], draw: Draw, mark: str, name: str) -> None:
    client, log = talkative
    secret = draw.token(20)
    value = {"Authorization": f"Bearer {secret}", "Cookie": f"session={secret}; theme=dark"}.get(name, secret)
    answer = client.get(f"/{mark}", headers={name: value, "X-Colour": "red"})
    line = log.request(mark, answer.sent)
    is_kept(log, secret, line, answer.sent)
    headers = line.get("headers", {})
    expect(headers.get(name.lower()) == HIDDEN, f"{name.lower()}: {HIDDEN}", headers, answer.sent)
    expect(headers.get("x-colour") == "red", "x-colour: red, which is no secret", headers, answer.sent)


@pytest.mark.step("secrets")
@pytest.mark.parametrize(
    "name", ["password", "PASSWORD", "newPassword", "new_password", "client-secret", "accessToken", "api_key", "apiKey"]
)
def test_a_secret_field_of_a_body_is_hidden(talkative: tuple[Client, Log], draw: Draw, mark: str, name: str) -> None:
    client, log = talkative
    secret, email = f"{draw.token(20)} x", draw.word()
    body = {"email": email, name: secret}
    answer = client.post(f"{PRODUCTS}?q={mark}", json=body)
    line = log.request(mark, answer.sent)
    is_kept(log, secret[:20], line, answer.sent)
    told(line, answer.sent, body={"email": email, name: HIDDEN})


@pytest.mark.step("secrets")
def test_a_secret_is_hidden_however_deep_it_is(talkative: tuple[Client, Log], draw: Draw, mark: str) -> None:
    client, log = talkative
    secrets = [draw.token(20) for _ in range(3)]
    body = {
        "users": [{"name": "Ada", "password": secrets[0]}, {"name": "Bo", "login": {"token": {"value": secrets[1]}}}],
        "list": [[{"secret": [secrets[2]]}]],
    }
    answer = client.post(f"{PRODUCTS}?q={mark}", json=body)
    line = log.request(mark, answer.sent)
    for secret in secrets:
        is_kept(log, secret, line, answer.sent)
    expect("Ada" in str(line.get("body")), "the name Ada, which is no secret", line.get("body"), answer.sent)


@pytest.mark.step("secrets")
@pytest.mark.parametrize("name", ["password", "Access_Token", "api-key", "p%61ssword", "user%5Bpassword%5D"])
def test_a_secret_in_the_url_is_hidden(web: Client, log: Log, draw: Draw, mark: str, name: str) -> None:
    secret = draw.token(20)
    sent = f"GET /{mark}?page=2&{name}={secret}'~x&q=lamp"
    raw(web.url, f"{sent} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
    line = log.request(mark, sent)
    is_kept(log, secret, line, sent)
    told(line, sent, url=f"/{mark}?page=2&{name}={HIDDEN}&q=lamp")


@pytest.mark.step("secrets")
@pytest.mark.parametrize("path", ["/error?q={}&password={}", "/error?after=2&q={}&access_token={}"])
def test_a_secret_in_an_exception_is_hidden(web: Client, log: Log, draw: Draw, mark: str, path: str) -> None:
    secret = draw.token(20)
    path = path.format(mark, secret)
    with suppress(Unmet):
        read_broken(web.url, path)
    line = failure(log, mark, f"GET {path}")
    is_kept(log, secret, line, f"GET {path}")
    expect(mark in str(line["exception"]), "the rest of the message", str(line)[:2000], f"GET {path}")


@pytest.mark.step("secrets")
def test_no_text_takes_long_to_search(web: Client, mark: str) -> None:
    """A pattern that goes back and forth over a long text holds up everybody who comes after it."""
    for text in ("token", "x", "?", "a.", "://", "://a:", 'token="', "bearer b", "x-"):
        web.get(f"/{mark}", headers={"User-Agent": text * (5_500 // len(text))}, timeout=2)
        web.get(f"/{mark}?after=a-long-user-agent", timeout=2)


# hang-up


@pytest.mark.step("hang-up")
@pytest.mark.parametrize("body", [b"", b'{"name": "La'])
def test_a_client_that_hangs_up_leaves_a_line_with_499(web: Client, log: Log, mark: str, body: bytes) -> None:
    head = "Host: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    with connect(web.url) as connection:
        connection.sendall(f"POST {PRODUCTS}?q={mark} HTTP/1.1\r\n{head}".encode() + body)
    sent = f"POST {PRODUCTS}?q={mark}, {len(body)} of 100 bytes of its body, and then nothing more"
    told(log.request(mark, sent), sent, status=499, level="warning", method="POST", exception=None)


@pytest.mark.step("hang-up")
def test_nothing_is_an_error_when_clients_hang_up(web: Client, log: Log, mark: str) -> None:
    for number in range(5):
        with connect(web.url) as connection:
            head = "Host: shop\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
            connection.sendall(f"POST {PRODUCTS}?q={mark}-{number}- HTTP/1.1\r\n{head}".encode())
    sent = "five times the beginning of a POST in chunks, and then nothing more"
    ids = [told_hang_up(log, f"{mark}-{number}-", sent) for number in range(5)]
    errors = [line for line in log.lines() if line.get("level") == "error" and line.get("request_id") in ids]
    expect(not errors, "no line of level error", tail("\n".join(map(str, errors))), sent)
    web.get("/health").has_status(200)


def told_hang_up(log: Log, mark: str, sent: str) -> object:
    """The id of a request that was given up."""
    line = log.request(mark, sent)
    told(line, sent, status=499)
    return line.get("request_id")


@pytest.mark.step("hang-up")
def test_a_client_that_has_its_answer_may_hang_up(web: Client, log: Log, mark: str) -> None:
    with connect(web.url) as connection:
        connection.sendall(f"GET {PRODUCTS}?q={mark} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
        connection.recv(1000)
    told(log.request(mark), f"GET {PRODUCTS}?q={mark}", status=200, level="info")


# files


def kept(folder: Path, name: str) -> list[Path]:
    """A log file and those that were put aside, the newest last."""
    return sorted(folder.glob(f"{name}*"), key=lambda path: path.stat().st_mtime_ns)


def lines_of(folder: Path, name: str) -> list[Line]:
    """All lines of a log file and of those that were put aside."""
    texts = [path.read_text(encoding="utf-8") for path in kept(folder, name)]
    return [parsed(line, name) for text in texts for line in text.split("\n") if line]


@pytest.mark.step("files")
def test_combined_log_has_what_standard_output_has(filing: Filing, quiet: tuple[Client, Log], mark: str) -> None:
    client, log = quiet
    client.get(f"/{mark}").has_status(404)
    line = log.request(mark)
    expected = f"the line of /{mark} in combined.log, as on standard output: {line}"
    eventually(lambda: line in lines_of(filing.folder, "combined.log"), within=1, expected=expected)


@pytest.mark.step("files")
def test_error_log_has_errors_and_nothing_else(filing: Filing, quiet: tuple[Client, Log], mark: str) -> None:
    client, log = quiet
    client.get(f"/{mark}-small").has_status(404)
    client.get(f"/error?q={mark}-large")
    line = log.request(f"{mark}-large")
    expected = f"the line of /error?q={mark}-large in error.log"
    eventually(lambda: line in lines_of(filing.folder, "error.log"), within=1, expected=expected)
    levels = {entry.get("level") for entry in lines_of(filing.folder, "error.log")}
    expect(levels == {"error"}, "only lines of level error in error.log", levels)


@pytest.mark.step("files")
def test_files_are_put_aside_when_they_get_too_large(filing: Filing, quiet: tuple[Client, Log], mark: str) -> None:
    client, log = quiet
    agent = "x" * 500
    for number in range(60):
        client.get(f"/{mark}-{number}-", headers={"User-Agent": agent})
    log.request(f"{mark}-59-")
    sent = f"LOG_MAX_BYTES={LARGEST_FILE}, then 60 requests with a User-Agent of 500 characters"

    def last_line_is_there() -> bool:
        return any(f"{mark}-59-" in str(line.get("url")) for line in lines_of(filing.folder, "combined.log"))

    eventually(last_line_is_there, within=1, expected="the last request's line in combined.log")
    sizes = {path.name: path.stat().st_size for path in kept(filing.folder, "combined.log")}
    wanted = f"combined.log and files that were put aside, each of at most {LARGEST_FILE} bytes"
    expect(len(sizes) > 1 and max(sizes.values()) <= LARGEST_FILE, wanted, sizes, sent)
    urls = [str(line.get("url")) for line in lines_of(filing.folder, "combined.log")]
    lost = [number for number in range(60) if urls.count(f"/{mark}-{number}-") != 1]
    expect(not lost, "each of the 60 requests once in these files", f"not so: {lost}", sent)


@pytest.mark.step("files")
def test_no_more_than_six_files_are_kept(filing: Filing, quiet: tuple[Client, Log], draw: Draw) -> None:
    client, log = quiet
    mark, agent = draw.token(), "x" * 8_000
    for number in range(25):
        client.get(f"/{mark}-{number}-", headers={"User-Agent": agent})
    log.request(f"{mark}-24-")
    names = [path.name for path in kept(filing.folder, "combined.log")]
    expect(len(names) == MOST_FILES, "combined.log and the five that were last put aside", names)
