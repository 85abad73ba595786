"""Lesson 16: RPC and transports. One suite for three transports: each test is a promise that all of them keep."""

import asyncio
import importlib.util
import json
import re
import secrets
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID

import grpc
import nats
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from nats.aio.client import Client as NatsClient
from nats.errors import NoRespondersError

from taller.catalog import Course
from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Bench, Service
from taller.processes import free_port
from taller.runner import Process, System

T = TypeVar("T")

LESSON = "lesson16_rpc_and_transports"
TRANSPORTS = ("http", "grpc", "nats")
SERVICE = "taller.notifications.v1.NotificationService"
SEND = f"{SERVICE}/SendNotification"
GET = f"{SERVICE}/GetNotification"
LARGEST = 65_536
WITHIN_S = 5.0

# How the table on the page has it.
STATUS = {
    "OK": 200,
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 413,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


def _contract() -> ModuleType:
    """The messages of the contract, as protoc has made them."""
    path = Course.find().solutions / LESSON / "notifications_pb2.py"
    spec = importlib.util.spec_from_file_location("notifications_pb2", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pb = _contract()


# What speaks to the notification service without going through web


@dataclass(frozen=True)
class Reply:
    """How a call has ended: its code by gRPC's name, its message as a dictionary, or what is told about the error."""

    sent: str
    code: str
    got: str
    message: Mapping[str, Any]

    def has_code(self, *codes: str) -> "Reply":
        """It has ended with one of these codes."""
        expect(self.code in codes, " or ".join(codes), self.got, self.sent)
        return self

    def mentions(self, text: str) -> "Reply":
        """What is told about the error has this text in it."""
        expect(text in self.got, f"an error that says {text!r}", self.got, self.sent)
        return self

    def field(self, name: str) -> str:
        """A field of the message, which is not empty."""
        value = self.message.get(name)
        expect(isinstance(value, str) and value, f"the field {name!r} in the answer", self.got, self.sent)
        return str(value)


class Caller(ABC):
    """Calls methods over one transport, as somebody would who has read the contract alone."""

    transport: str

    def __init__(self, token: str) -> None:
        self.token = token

    @abstractmethod
    def raw(
        self,
        method: str,
        body: bytes,
        metadata: Mapping[str, str],
        timeout_ms: int | None = None,
        wait_s: float = WITHIN_S,
    ) -> Reply:
        """Call with these bytes and metadata; ``timeout_ms`` is the deadline that goes along."""

    @abstractmethod
    def encoded(self, **fields: Any) -> bytes:
        """A request as bytes of this transport."""

    @abstractmethod
    def close(self) -> None:
        """Close what was opened."""

    def call(self, method: str, *, token: str | None = None, timeout_ms: int | None = None, **fields: Any) -> Reply:
        """Call with a token, the one that may do all by default."""
        return self.raw(method, self.encoded(**fields), self.bearer(token), timeout_ms)

    def bearer(self, token: str | None = None) -> dict[str, str]:
        """The metadata that show a token."""
        return {"authorization": f"Bearer {self.token if token is None else token}"}

    def malformed(self) -> bytes:
        """Bytes that are no message."""
        # A field of 127 bytes, and then there are three.
        return b"\x0a\x7fabc"

    def padded(self, size: int) -> bytes:
        """A right request of that many bytes, most of them in a field that nobody knows."""
        body = self.encoded(message="padded")
        # Field 100, of a length that is written in three bytes.
        room = size - len(body) - 5
        return body + b"\xa2\x06" + bytes([room & 0x7F | 0x80, room >> 7 & 0x7F | 0x80, room >> 14]) + b"x" * room


def _as_protobuf(fields: Mapping[str, Any]) -> bytes:
    kind = pb.GetNotificationRequest if "id" in fields else pb.SendNotificationRequest
    return bytes(kind(**fields).SerializeToString())


def _as_fields(body: bytes, sent: str) -> dict[str, str]:
    try:
        message = pb.Notification.FromString(body)
    except Exception as error:
        raise Unmet("a Notification in protobuf", f"{error}: {body[:100]!r}", sent) from None
    return {"id": message.id, "message": message.message, "status": message.status}


class HttpCaller(Caller):
    """POST /SERVICE/METHOD with JSON."""

    transport = "http"

    def __init__(self, url: str, token: str) -> None:
        super().__init__(token)
        self._client = Client(url)

    def close(self) -> None:
        self._client.close()

    def encoded(self, **fields: Any) -> bytes:
        return json.dumps({"delayMs" if name == "delay_ms" else name: value for name, value in fields.items()}).encode()

    def malformed(self) -> bytes:
        return b'{"message": '

    def padded(self, size: int) -> bytes:
        body = self.encoded(message="padded", padding="")
        return body.replace(b'""', b'"' + b"x" * (size - len(body)) + b'"')

    def raw(
        self,
        method: str,
        body: bytes,
        metadata: Mapping[str, str],
        timeout_ms: int | None = None,
        wait_s: float = WITHIN_S,
    ) -> Reply:
        deadline = {} if timeout_ms is None else {"X-Timeout-Ms": str(timeout_ms)}
        headers = {"Content-Type": "application/json", **metadata, **deadline}
        answer = self._client.post(f"/{method}", content=body, headers=headers, timeout=wait_s)
        names = {status: name for name, status in STATUS.items()}
        code = names.get(answer.status, str(answer.status))
        if code == "OK":
            expect(isinstance(answer.json, dict), "a JSON object", answer.got, answer.sent)
            return Reply(answer.sent, code, answer.got, answer.json)
        answer.header("Content-Type", "application/problem\\+json.*")
        return Reply(answer.sent, code, answer.got, {})


def _ended(error: grpc.RpcError) -> str:
    """Code and details of a call that has failed."""
    assert isinstance(error, grpc.Call)
    return f"{error.code().name}: {error.details()}"


class GrpcCaller(Caller):
    """A unary call on a channel of its own."""

    transport = "grpc"

    def __init__(self, address: str, token: str) -> None:
        super().__init__(token)
        self._channel = grpc.insecure_channel(address, [("grpc.enable_http_proxy", 0)])

    def close(self) -> None:
        self._channel.close()

    def method(self, name: str) -> Any:
        """A unary method, in bytes."""
        return self._channel.unary_unary(f"/{name}")

    def stream(self, name: str) -> Any:
        """A method with streams in both directions, in bytes."""
        return self._channel.stream_stream(f"/{name}")

    def encoded(self, **fields: Any) -> bytes:
        return _as_protobuf(fields)

    def raw(
        self,
        method: str,
        body: bytes,
        metadata: Mapping[str, str],
        timeout_ms: int | None = None,
        wait_s: float = WITHIN_S,
    ) -> Reply:
        timeout_s = wait_s if timeout_ms is None else timeout_ms / 1000
        sent = f"gRPC /{method} with {len(body)} bytes, deadline {timeout_s:g} s\n{_shown(metadata)}{body[:100]!r}"
        try:
            answer = self.method(method)(body, timeout_s, tuple(metadata.items()))
        except grpc.RpcError as error:
            ended = _ended(error)
            name = ended.partition(":")[0]
            if name == "DEADLINE_EXCEEDED" and timeout_ms is None:
                raise Unmet("an answer", f"nothing within {wait_s:g} s", sent, hung=True) from None
            return Reply(sent, name, ended, {})
        fields = _as_fields(answer, sent)
        return Reply(sent, "OK", f"OK {fields}", fields)


class NatsCaller(Caller):
    """A request on the subject SERVICE.METHOD, on a connection of its own."""

    transport = "nats"

    def __init__(self, url: str, token: str) -> None:
        super().__init__(token)
        self._url = url

    def close(self) -> None:
        """Each call has closed its connection itself."""

    def encoded(self, **fields: Any) -> bytes:
        return _as_protobuf(fields)

    def raw(
        self,
        method: str,
        body: bytes,
        metadata: Mapping[str, str],
        timeout_ms: int | None = None,
        wait_s: float = WITHIN_S,
    ) -> Reply:
        headers = {name.title(): value for name, value in metadata.items()}
        if timeout_ms is not None:
            headers["X-Timeout-Ms"] = str(timeout_ms)
        subject = method.replace("/", ".")
        sent = f"NATS request {subject} with {len(body)} bytes\n{_shown(headers)}{body[:100]!r}"

        async def ask(client: NatsClient) -> Reply:
            try:
                answer = await client.request(subject, body, timeout=wait_s, headers=dict(headers))
            except NoRespondersError:
                raise Unmet(f"somebody who listens on {subject}", "NATS says that nobody does", sent) from None
            except TimeoutError:
                raise Unmet("an answer", f"nothing within {wait_s:g} s", sent, hung=True) from None
            return _nats_reply(answer.headers or {}, answer.data, sent)

        return self.use(ask)

    def use(self, use: Callable[[NatsClient], Awaitable[T]]) -> T:
        """What ``use`` returns when it has a connection."""

        async def silently(error: Exception) -> None:
            """What goes wrong is raised as well."""

        async def connected() -> T:
            client = await nats.connect(self._url, allow_reconnect=False, error_cb=silently)
            try:
                return await use(client)
            finally:
                await client.close()

        return asyncio.run(connected())


def _nats_reply(headers: Mapping[str, str], data: bytes, sent: str) -> Reply:
    told = {name.lower(): value for name, value in headers.items()}
    number = told.get("nats-service-error-code")
    if number is None:
        fields = _as_fields(data, sent)
        return Reply(sent, "OK", f"OK {fields}", fields)
    names = {str(status): name for name, status in STATUS.items()}
    detail = told.get("nats-service-error")
    expect(detail, "the header Nats-Service-Error beside Nats-Service-Error-Code", dict(headers), sent)
    return Reply(sent, names.get(number, number), f"{number}: {detail}", {})


def _shown(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in headers.items())


# The two processes, once for each transport


@dataclass(frozen=True)
class Pair:
    """The two processes as they speak one transport, and who calls each of them."""

    transport: str
    web: Process
    notifications: Process
    caller: Caller
    reader_token: str

    @property
    def processes(self) -> tuple[Process, Process]:
        """Both."""
        return self.web, self.notifications


def _variables(transport: str) -> dict[str, str]:
    return {
        "TRANSPORT": transport,
        "GRPC_ADDRESS": f"127.0.0.1:{free_port()}",
        "SERVICE_TOKEN": secrets.token_hex(16),
        "READER_TOKEN": secrets.token_hex(16),
    }


@pytest.fixture(scope="module")
def started(transport: str, bench: Bench, services: dict[str, Service]) -> Iterator[Pair]:
    """A pair of processes for the transport: that of the formation for HTTP, two more for each of the others."""
    system, nats_url = bench.system, services["nats"].url
    if transport == "http":
        given = system.submission.lesson.environment
        notifications, web = system.processes("notifications")[0], system.processes("web")[0]
        caller: Caller = HttpCaller(notifications.url, given["SERVICE_TOKEN"])
        yield Pair(transport, web, notifications, caller, given["READER_TOKEN"])
        caller.close()
        return
    variables = _variables(transport)
    notifications, web = (system.launch(name, variables) for name in ("notifications", "web"))
    token = variables["SERVICE_TOKEN"]
    caller = GrpcCaller(variables["GRPC_ADDRESS"], token) if transport == "grpc" else NatsCaller(nats_url, token)
    try:
        for process in (notifications, web):
            process.await_ready()
        yield Pair(transport, web, notifications, caller, variables["READER_TOKEN"])
    finally:
        caller.close()
        for process in (web, notifications):
            system.remove(process)


@pytest.fixture
def pair(started: Pair, system: System) -> Pair:
    """Both processes, alive."""
    for process in started.processes:
        if not process.alive:
            process.restart()
    return started


@pytest.fixture
def caller(pair: Pair) -> Caller:
    """Who calls the notification service."""
    return pair.caller


@pytest.fixture
def front(pair: Pair) -> Iterator[Client]:
    """A client of web."""
    client = Client(pair.web.url)
    yield client
    client.close()


each_in_its_step = pytest.mark.parametrize(
    "transport", [pytest.param(name, marks=pytest.mark.step(name)) for name in TRANSPORTS], scope="module"
)
on_each = pytest.mark.parametrize("transport", TRANSPORTS, scope="module")
on_http = pytest.mark.parametrize("transport", ["http"], scope="module")
on_grpc = pytest.mark.parametrize("transport", ["grpc"], scope="module")
on_nats = pytest.mark.parametrize("transport", ["nats"], scope="module")


def post(front: Client, title: str, delay_ms: int = 0, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask for an event."""
    return front.post("/event", json={"title": title, "delayMs": delay_ms}, headers=dict(headers or {}))


def lines(log: str) -> list[dict[str, Any]]:
    """The lines of a log that are JSON objects."""
    found = []
    for line in log.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def samples(process: Process, name: str) -> dict[frozenset[tuple[str, str]], float]:
    """The values of a metric by their labels."""
    client = Client(process.url)
    try:
        text = client.get("/metrics").has_status(200).text
    finally:
        client.close()
    found = {}
    for labels, value in re.findall(rf"^{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE):
        found[frozenset(re.findall(r'(\w+)="([^"]*)"', labels))] = float(value)
    return found


def counted(process: Process, name: str, **labels: str) -> float:
    """The sum of a metric's values that have these labels."""
    return sum(value for found, value in samples(process, name).items() if labels.items() <= dict(found).items())


def grows(process: Process, by: int, sent: str, name: str, before: float, labels: Mapping[str, str]) -> None:
    """Expect a metric to have become larger by so much: a call may be counted a moment after it is answered."""

    def grown() -> bool:
        got = counted(process, name, **labels) - before
        expect(got == by, f"{name}{dict(labels)} of {process.name} to grow by {by}", f"it grew by {got:g}", sent)
        return True

    eventually(grown, within=2)


# start


@pytest.mark.step("start")
@pytest.mark.parametrize("name", ["web", "notifications"])
def test_both_processes_tell_their_health_and_their_figures(system: System, name: str) -> None:
    client = Client(system.url(name))
    client.get("/health").has_status(200).is_json({"status": "ok"})
    client.get("/metrics").has_status(200).header("Content-Type", "text/plain;.*version=.*")
    client.close()


@pytest.mark.step("start")
def test_a_variable_that_makes_no_sense_ends_a_process_with_status_2(system: System, draw: Draw) -> None:
    short = draw.token(8)
    wrong = [
        ("web", "TRANSPORT", draw.choice(["", "smtp", "gprc"])),
        ("notifications", "NATS_URL", draw.choice(["", "localhost", "http://localhost:4222"])),
        ("notifications", "READER_TOKEN", short),
        ("notifications", "GRPC_ADDRESS", draw.choice(["nowhere", ":", "50051"])),
    ]
    launched = [(system.launch(name, {variable: value}), variable, value) for name, variable, value in wrong]
    for process, variable, value in launched:
        refuses_to_start(process, variable, value, hides=value if value == short else "")


# http, grpc, nats


@each_in_its_step
def test_what_is_sent_can_be_looked_up(caller: Caller, draw: Draw) -> None:
    text = draw.name()
    sent = caller.call(SEND, message=text).has_code("OK")
    for reply in (sent, caller.call(GET, id=sent.field("id")).has_code("OK")):
        expect(reply.field("message") == text, f"the message {text!r}", reply.got, reply.sent)
        expect(reply.field("status") == "sent", "the status 'sent'", reply.got, reply.sent)
    try:
        UUID(sent.field("id"))
    except ValueError:
        raise Unmet("an id that is a UUID", sent.got, sent.sent) from None


@each_in_its_step
def test_an_event_is_told_by_the_other_service(front: Client, caller: Caller, draw: Draw) -> None:
    title = draw.name()
    answer = post(front, title).has_status(201)
    expect(answer.field("title", str) == title, f"the title {title!r}", answer.got, answer.sent)
    expected = "Event created successfully"
    expect(answer.field("message", str) == expected, f"the message {expected!r}", answer.got, answer.sent)
    created = answer.field("createdAt", str)
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", created), "createdAt in UTC", answer.got, answer.sent)
    answer.field("id", str)
    notification = answer.field("notification", dict)
    expect(notification.get("status") == "sent", "a notification with the status 'sent'", answer.got, answer.sent)
    told = caller.call(GET, id=str(notification.get("id")))
    wanted = f"a notification with the message 'New event created: {title}'"
    expect(told.code == "OK" and told.field("message") == f"New event created: {title}", wanted, told.got, told.sent)


@each_in_its_step
def test_a_field_that_nobody_knows_is_left_out(caller: Caller) -> None:
    caller.raw(SEND, caller.padded(500), caller.bearer()).has_code("OK")


@each_in_its_step
def test_a_slow_call_holds_up_no_other(caller: Caller, draw: Draw) -> None:
    with ThreadPoolExecutor() as pool:
        slow = [pool.submit(caller.call, SEND, message=draw.name(), delay_ms=700) for _ in range(4)]
        began = time.monotonic()
        for call in slow:
            call.result().has_code("OK")
        took = time.monotonic() - began
    got = f"{took:.1f} s"
    expect(took < 2.2, "four calls of 0.7 s at the same time to take little more than one", got, slow[0].result().sent)


@pytest.mark.step("http")
@on_http
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": 5}, "title"),
        ({"delayMs": -1}, "delayMs"),
        ({"delayMs": 5001}, "delayMs"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
def test_an_event_that_makes_no_sense_is_refused(front: Client, draw: Draw, change: dict[str, Any], field: str) -> None:
    front.post("/event", json={"title": draw.name(), **change}).is_refused(field)


@pytest.mark.step("grpc")
@on_grpc
@pytest.mark.parametrize("service", ["", SERVICE])
def test_grpc_tells_its_health_without_a_token(caller: GrpcCaller, service: str) -> None:
    check = caller.method("grpc.health.v1.Health/Check")
    sent = f"grpc.health.v1.Health/Check {service!r}"
    try:
        answer = check(health_pb2.HealthCheckRequest(service=service).SerializeToString(), WITHIN_S)
    except grpc.RpcError as error:
        raise Unmet("SERVING", _ended(error), sent) from None
    status = health_pb2.HealthCheckResponse.FromString(answer).status
    expect(status == health_pb2.HealthCheckResponse.SERVING, "SERVING", f"the status {status}", sent)


@pytest.mark.step("grpc")
@on_grpc
def test_grpc_knows_no_health_of_a_stranger(caller: GrpcCaller, draw: Draw) -> None:
    check = caller.method("grpc.health.v1.Health/Check")
    service = draw.token()
    try:
        check(health_pb2.HealthCheckRequest(service=service).SerializeToString(), WITHIN_S)
        ended = "an answer"
    except grpc.RpcError as error:
        ended = _ended(error)
    expect(ended.startswith("NOT_FOUND"), "NOT_FOUND", ended, f"grpc.health.v1.Health/Check {service!r}")


@pytest.mark.step("grpc")
@on_grpc
def test_grpc_reflection_tells_the_contract(caller: GrpcCaller) -> None:
    listed = _reflect(caller, reflection_pb2.ServerReflectionRequest(list_services=""))
    names = {service.name for service in listed.list_services_response.service}
    wanted = {SERVICE, "grpc.health.v1.Health"}
    expect(wanted <= names, f"the services {sorted(wanted)}", sorted(names), "reflection: list_services")
    found = _reflect(caller, reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE))
    files = b"".join(found.file_descriptor_response.file_descriptor_proto)
    for name in (b"SendNotification", b"GetNotification", b"delay_ms"):
        sent = f"reflection: file_containing_symbol {SERVICE}"
        expect(name in files, f"a file in which {name.decode()} is described", f"{len(files)} bytes without it", sent)


def _reflect(caller: GrpcCaller, request: Any) -> Any:
    ask = caller.stream("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    try:
        (answer,) = ask(iter([request.SerializeToString()]), WITHIN_S)
    except grpc.RpcError as error:
        raise Unmet("an answer of the reflection service", _ended(error), str(request)) from None
    return reflection_pb2.ServerReflectionResponse.FromString(answer)


@pytest.mark.step("nats")
@on_nats
def test_nats_gives_each_call_to_one_process_of_several(caller: Caller, draw: Draw) -> None:
    assert isinstance(caller, NatsCaller)
    subject, body = SEND.replace("/", "."), caller.encoded(message=draw.name())

    async def answers(client: NatsClient) -> int:
        inbox = client.new_inbox()
        mine = await client.subscribe(inbox)
        # Whoever is in the group gets some of the calls; whoever is beside it gets all of them.
        group = await client.subscribe("taller.notifications.>", queue="notifications")
        for _ in range(20):
            await client.publish(subject, body, reply=inbox, headers=dict(caller.bearer()))
        await client.flush()
        deadline = time.monotonic() + WITHIN_S
        while mine.pending_msgs + group.pending_msgs < 20 and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return mine.pending_msgs if group.pending_msgs else 20

    got = caller.use(answers)
    sent = f"20 times NATS {subject}, with another subscriber in the queue group notifications"
    expect(0 < got < 20, "the calls to be shared in the queue group notifications", f"{got} answers", sent)


# codes


@pytest.mark.step("codes")
@on_each
def test_bytes_that_are_no_message_are_an_invalid_argument(caller: Caller) -> None:
    caller.raw(SEND, caller.malformed(), caller.bearer()).has_code("INVALID_ARGUMENT")


@pytest.mark.step("codes")
@on_http
@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff\xfe", b'{"message": 5}', b'{"delayMs": "soon"}'])
def test_json_that_is_no_message_is_an_invalid_argument(caller: Caller, body: bytes) -> None:
    caller.raw(SEND, body, caller.bearer()).has_code("INVALID_ARGUMENT")


@pytest.mark.step("codes")
@on_each
@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"message": ""}, "message"),
        ({"message": "x" * 201}, "message"),
        ({"message": "x", "delay_ms": -1}, "delay"),
        ({"message": "x", "delay_ms": 5001}, "delay"),
    ],
    ids=["empty", "too-long", "too-soon", "too-late"],
)
def test_a_field_out_of_its_bounds_is_named(caller: Caller, fields: dict[str, Any], named: str) -> None:
    caller.call(SEND, **fields).has_code("INVALID_ARGUMENT").mentions(named)


@pytest.mark.step("codes")
@on_each
def test_the_longest_message_is_taken_as_it_is(caller: Caller, draw: Draw) -> None:
    text = (draw.name() + " ✓ ") * 50
    reply = caller.call(SEND, message=text[:200]).has_code("OK")
    expect(reply.field("message") == text[:200], "the message as it was sent", reply.got, reply.sent)


@pytest.mark.step("codes")
@on_each
@pytest.mark.parametrize(("size", "code"), [(LARGEST, "OK"), (LARGEST + 1, "RESOURCE_EXHAUSTED")])
def test_a_message_has_at_most_64_kib(caller: Caller, size: int, code: str) -> None:
    caller.raw(SEND, caller.padded(size), caller.bearer()).has_code(code)


@pytest.mark.step("codes")
@on_each
@pytest.mark.parametrize(
    "method",
    [
        SEND.replace(".v1.", ".v2."),
        f"{SERVICE}/SendEverything",
        "taller.notifications.v1.Notifications/SendNotification",
    ],
    ids=["version", "method", "service"],
)
def test_a_method_or_version_that_is_not_there_is_unimplemented(caller: Caller, method: str) -> None:
    caller.call(method, message="x").has_code("UNIMPLEMENTED")


@pytest.mark.step("codes")
@on_each
def test_an_id_that_nobody_knows_is_not_found(caller: Caller, draw: Draw) -> None:
    caller.call(GET, id=draw.token()).has_code("NOT_FOUND")


@pytest.mark.step("codes")
@on_each
def test_503_while_the_other_service_is_gone(pair: Pair, front: Client, draw: Draw) -> None:
    pair.notifications.kill()
    answer = eventually(lambda: post(front, draw.name()).has_status(503), within=3)
    answer.header("Retry-After", r"\d+")
    answer.header("Content-Type", "application/problem\\+json.*")
    front.get("/health").has_status(200)
    pair.notifications.restart()
    eventually(lambda: post(front, draw.name()).has_status(201), within=10)


@pytest.mark.step("codes")
@on_nats
@pytest.mark.breaks_services
def test_503_while_nats_is_gone(pair: Pair, front: Client, services: dict[str, Service], draw: Draw) -> None:
    server = services["nats"].server
    server.kill()
    try:
        answer = eventually(lambda: post(front, draw.name()).has_status(503), within=3)
        answer.header("Retry-After", r"\d+")
        for process in pair.processes:
            client = Client(process.url)
            client.get("/health").has_status(200)
            client.close()
    finally:
        server.start_again()
    eventually(lambda: post(front, draw.name()).has_status(201), within=10)


# wrappers


@pytest.mark.step("wrappers")
@on_each
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic {}", "{}"], ids=str)
def test_without_a_valid_token_nothing_is_done(caller: Caller, header: str) -> None:
    metadata = {"authorization": header.format(caller.token)} if header else {}
    for method in (SEND, GET, f"{SERVICE}/Nothing"):
        caller.raw(method, caller.encoded(message="x"), metadata).has_code("UNAUTHENTICATED")


@pytest.mark.step("wrappers")
@on_nats
def test_a_token_in_letters_beyond_ascii_is_refused_like_any_other(caller: Caller) -> None:
    caller.raw(SEND, caller.encoded(message="x"), caller.bearer("clé-de-la-maison")).has_code("UNAUTHENTICATED")


@pytest.mark.step("wrappers")
@on_each
def test_a_token_that_may_look_may_not_send(pair: Pair, draw: Draw) -> None:
    pair.caller.call(SEND, token=pair.reader_token, message="x").has_code("PERMISSION_DENIED")
    sent = pair.caller.call(SEND, message=draw.name()).has_code("OK")
    pair.caller.call(GET, token=pair.reader_token, id=sent.field("id")).has_code("OK")


@pytest.mark.step("wrappers")
@on_each
def test_both_sides_log_a_call_under_one_request_id(pair: Pair, front: Client, draw: Draw) -> None:
    request_id = draw.token()
    post(front, draw.name(), headers={"X-Request-ID": request_id}).has_status(201)
    for process, side in ((pair.web, "client"), (pair.notifications, "server")):
        wanted = {"side": side, "transport": pair.transport, "method": SEND, "code": "OK", "request_id": request_id}
        _logs(process, wanted)


def _logs(process: Process, wanted: Mapping[str, str]) -> None:
    """Wait for a line of the event ``call`` that has these fields, and a duration."""

    def found() -> bool:
        calls = [line for line in lines(process.log()) if line.get("event") == "call"]
        last = json.dumps(calls[-1]) if calls else "no line with the event call"
        match = [line for line in calls if wanted.items() <= line.items()]
        expect(match, f"a line of {process.name} with event 'call' and {dict(wanted)}", last, "POST /event")
        duration = match[0].get("duration_ms")
        expect(isinstance(duration, int | float), "a number as duration_ms", json.dumps(match[0]), "POST /event")
        return True

    eventually(found, within=3)


@pytest.mark.step("wrappers")
@on_each
def test_a_call_that_fails_is_logged_with_its_code(pair: Pair, draw: Draw) -> None:
    request_id = draw.token()
    metadata = {**pair.caller.bearer(), "x-request-id": request_id}
    pair.caller.raw(GET, pair.caller.encoded(id=draw.token()), metadata).has_code("NOT_FOUND")
    _logs(pair.notifications, {"method": GET, "code": "NOT_FOUND", "request_id": request_id, "side": "server"})


@pytest.mark.step("wrappers")
@on_each
def test_a_call_that_is_refused_is_logged_and_counted_too(pair: Pair, draw: Draw) -> None:
    labels = {"method": SEND, "code": "UNAUTHENTICATED"}
    before = counted(pair.notifications, "rpc_server_handled_total", **labels)
    request_id = draw.token()
    metadata = {**pair.caller.bearer(draw.token()), "x-request-id": request_id}
    reply = pair.caller.raw(SEND, pair.caller.encoded(message="x"), metadata).has_code("UNAUTHENTICATED")
    _logs(pair.notifications, {**labels, "request_id": request_id, "side": "server"})
    grows(pair.notifications, 1, reply.sent, "rpc_server_handled_total", before, labels)


@pytest.mark.step("wrappers")
@on_each
def test_no_log_has_a_token_in_it(pair: Pair, front: Client, draw: Draw) -> None:
    post(front, draw.name()).has_status(201)
    pair.caller.call(SEND, token=pair.reader_token, message="x")
    for process in pair.processes:
        for token in (pair.caller.token, pair.reader_token):
            expect(token not in process.log(), "a log without tokens", f"a token in that of {process.name}", "a call")


@pytest.mark.step("wrappers")
@on_each
def test_calls_are_counted_and_timed_on_both_sides(pair: Pair, front: Client, draw: Draw) -> None:
    labels = {"transport": pair.transport, "method": SEND, "code": "OK"}
    sides = ((pair.web, "rpc_client"), (pair.notifications, "rpc_server"))
    before = [counted(process, f"{side}_handled_total", **labels) for process, side in sides]
    times = draw.integer(2, 4)
    for _ in range(times):
        post(front, draw.name()).has_status(201)
    for (process, side), old in zip(sides, before, strict=True):
        grows(process, times, f"{times} times POST /event", f"{side}_handled_total", old, labels)
        seconds = f"{side}_handling_seconds"
        for part in ("_bucket", "_count", "_sum"):
            found = counted(process, seconds + part, transport=pair.transport, method=SEND)
            expect(found > 0, f"the histogram {seconds} in /metrics", f"no {seconds}{part}", "GET /metrics")


@pytest.mark.step("wrappers")
@on_each
def test_callers_cannot_make_up_labels(pair: Pair, draw: Draw) -> None:
    labels = {"method": "unknown", "code": "UNIMPLEMENTED"}
    before = counted(pair.notifications, "rpc_server_handled_total", **labels)
    names = [f"{SERVICE}/{draw.token()}" for _ in range(3)]
    for name in names:
        pair.caller.call(name, message="x").has_code("UNIMPLEMENTED")
    sent = f"calls of {', '.join(names)}"
    found = {dict(each)["method"] for each in samples(pair.notifications, "rpc_server_handled_total")}
    expect(found <= {SEND, GET, "unknown"}, "the methods of the contract and 'unknown' as labels", found, sent)
    grows(pair.notifications, 3, sent, "rpc_server_handled_total", before, labels)


@pytest.mark.step("wrappers")
def test_502_when_the_token_of_web_is_refused(system: System, draw: Draw) -> None:
    process = system.start("web", {"SERVICE_TOKEN": draw.token(20)})
    client = Client(process.url)
    post(client, draw.name()).has_status(502)
    client.close()


# deadlines


@pytest.mark.step("deadlines")
@on_each
def test_504_when_it_takes_longer_than_the_client_waits(pair: Pair, front: Client, draw: Draw) -> None:
    broken_off = _broken_off(pair)
    answer = _quickly(lambda: post(front, draw.name(), 4000, headers={"X-Timeout-Ms": "300"}), 2)
    answer.has_status(504)
    wanted = "notifications to break off its work too (DEADLINE_EXCEEDED or CANCELLED in rpc_server_handled_total)"
    eventually(lambda: _broken_off(pair) > broken_off, within=2.5, expected=wanted)


def _broken_off(pair: Pair) -> float:
    codes = ("DEADLINE_EXCEEDED", "CANCELLED")
    return sum(counted(pair.notifications, "rpc_server_handled_total", code=code) for code in codes)


def _quickly(act: Callable[[], Answer], within: float) -> Answer:
    began = time.monotonic()
    answer = act()
    took = time.monotonic() - began
    expect(took < within, f"an answer within {within:g} s", f"{answer.got}\nafter {took:.1f} s", answer.sent)
    return answer


@pytest.mark.step("deadlines")
@on_each
def test_the_server_keeps_the_deadline_that_comes_along(pair: Pair, draw: Draw) -> None:
    broken_off = _broken_off(pair)
    pair.caller.call(SEND, timeout_ms=200, message=draw.name(), delay_ms=4000).has_code("DEADLINE_EXCEEDED")
    wanted = "notifications to break off its work (DEADLINE_EXCEEDED or CANCELLED in rpc_server_handled_total)"
    eventually(lambda: _broken_off(pair) > broken_off, within=2.5, expected=wanted)


@pytest.mark.step("deadlines")
@on_each
def test_what_is_done_in_time_is_answered(pair: Pair, front: Client, draw: Draw) -> None:
    pair.caller.call(SEND, timeout_ms=3000, message=draw.name(), delay_ms=50).has_code("OK")
    post(front, draw.name(), 50, headers={"X-Timeout-Ms": "3000"}).has_status(201)


@pytest.mark.step("deadlines")
@on_each
def test_504_when_the_other_service_says_nothing(pair: Pair, front: Client, draw: Draw) -> None:
    post(front, draw.name()).has_status(201)
    pair.notifications.signal(signal.SIGSTOP)
    try:
        _quickly(lambda: post(front, draw.name(), headers={"X-Timeout-Ms": "300"}), 2).has_status(504)
        front.get("/health").has_status(200)
    finally:
        pair.notifications.signal(signal.SIGCONT)
    eventually(lambda: post(front, draw.name()).has_status(201), within=5)


@pytest.mark.step("deadlines")
@on_each
@pytest.mark.parametrize("timeout", ["0", "-5", "soon", "1.5", "100000"])
def test_a_deadline_that_makes_no_sense_is_refused(pair: Pair, front: Client, draw: Draw, timeout: str) -> None:
    post(front, draw.name(), headers={"X-Timeout-Ms": timeout}).is_refused("X-Timeout-Ms").has_status(400)
    if pair.transport != "grpc":
        metadata = {**pair.caller.bearer(), "x-timeout-ms": timeout}
        pair.caller.raw(SEND, pair.caller.encoded(message="x"), metadata).has_code("INVALID_ARGUMENT")


@pytest.mark.step("deadlines")
def test_web_waits_no_longer_than_its_setting_says(system: System, draw: Draw) -> None:
    process = system.start("web", {"CALL_TIMEOUT_MS": "300"})
    client = Client(process.url)
    _quickly(lambda: post(client, draw.name(), 4000), 2).has_status(504)
    client.close()


# lifecycle


@pytest.mark.step("lifecycle")
@on_each
def test_what_is_in_hand_is_finished_when_a_process_is_asked_to_stop(pair: Pair, front: Client, draw: Draw) -> None:
    text = draw.name()
    with ThreadPoolExecutor() as pool:
        call = pool.submit(pair.caller.call, SEND, message=text, delay_ms=1500)
        event = pool.submit(post, front, draw.name(), 1500, {"X-Timeout-Ms": "4900"})
        labels = {"transport": pair.transport, "method": SEND}
        eventually(
            lambda: counted(pair.notifications, "rpc_server_in_progress", **labels) == 2,
            within=3,
            expected=f"rpc_server_in_progress{labels} to be 2 while two calls with delay_ms 1500 are in hand",
        )
        stopping = [pool.submit(process.stop, 10) for process in pair.processes]
        reply, answer = call.result(), event.result()
        for process, status in zip(pair.processes, stopping, strict=True):
            got = f"exit status {status.result()}"
            expect(status.result() == 0, "exit status 0 within 10 s", got, f"SIGTERM to {process.name}")
    reply.has_code("OK")
    expect(reply.field("message") == text, f"the message {text!r}", reply.got, reply.sent)
    answer.has_status(201)


@pytest.mark.step("lifecycle")
@on_each
def test_the_stages_are_logged_in_their_order(started: Pair) -> None:
    order = ["before_start", "after_start", "before_stop", "after_stop"]
    for process in started.processes:
        # The test before has ended them, if it was run.
        if process.alive:
            process.stop(grace=10)
        seen = [line for line in lines(process.log()) if line.get("event") in ("lifecycle", "call")]
        stages = [line.get("stage") for line in seen if line["event"] == "lifecycle"]
        got = ", ".join(map(str, stages)) or "none"
        expected = f"lines of {process.name} with the event 'lifecycle' and the stages {', '.join(order)}"
        expect(stages[-4:] == order, expected, got, "SIGTERM")
        expect(seen[-1].get("stage") == "after_stop", "after_stop after the last call", seen[-1], "SIGTERM")
