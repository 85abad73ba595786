"""Lesson 14: service discovery. Each test is one promise of the lesson's contract, told by etcd, mDNS and HTTP."""

import json
import os
import select
import socket
import threading
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Bench, Service
from taller.runner import Process, System

CATALOG = "/api/catalog/whoami"
TTL_S = 2
SOON_S = 1.0
# Half of what is promised: we may have learned of it late ourselves.
SERVES_ON_S = 0.5
REQUESTS = 300
SECRET = "registry-secret-of-this-run"

NO_INSTANCES = [
    "",
    "no JSON",
    "[]",
    "{}",
    '{"service": "odd", "id": "x", "url": "file:///etc/passwd"}',
    '{"id": null}',
]

Instances = dict[str, str]


# What a person with an HTTP client can see and do in etcd


def coded(text: str) -> str:
    """Bytes as etcd's JSON gateway takes them."""
    return b64encode(text.encode()).decode()


class Etcd:
    """The keys below the lesson's prefix, with the login that the lesson has."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.prefix = parts.path
        self._login = {"name": parts.username, "password": parts.password}
        self._http = httpx.Client(base_url=f"http://{parts.hostname}:{parts.port}/v3/", timeout=5, trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def call(self, method: str, **message: Any) -> dict[str, Any]:
        """What etcd answers; it forgets tokens when it restarts, so there is a new one each time."""
        token = self._http.post("auth/authenticate", json=self._login).raise_for_status().json()["token"]
        answer = self._http.post(method, json=message, headers={"Authorization": token})
        result: dict[str, Any] = answer.raise_for_status().json()
        return result

    def lease(self, seconds: int) -> str:
        """A new lease that nobody keeps alive."""
        return str(self.call("lease/grant", TTL=seconds)["ID"])

    def put(self, path: str, value: str, lease: str = "0") -> None:
        """Set a key below the prefix."""
        self.call("kv/put", key=coded(f"{self.prefix}/{path}"), value=coded(value), lease=lease)

    def delete(self, path: str) -> None:
        """Remove a key below the prefix."""
        self.call("kv/deleterange", key=coded(f"{self.prefix}/{path}"))

    def registered(self, service: str) -> dict[str, dict[str, Any]]:
        """The keys of a service by what comes last in them: ``value``, ``lease`` and ``created`` (a revision)."""
        begin, end = f"{self.prefix}/services/{service}/", f"{self.prefix}/services/{service}0"
        found = self.call("kv/range", key=coded(begin), range_end=coded(end)).get("kvs", [])
        return {
            b64decode(pair["key"]).decode().removeprefix(begin): {
                "value": b64decode(pair.get("value", "")).decode(),
                "lease": pair.get("lease", "0"),
                "created": int(pair["create_revision"]),
            }
            for pair in found
        }

    def enter(self, service: str, upstream: "Upstream | Deaf", lease: str = "0") -> str:
        """Register an upstream of ours under an id of its own: that id."""
        value = {"service": service, "id": upstream.id, "url": upstream.url}
        self.put(f"services/{service}/{upstream.id}", json.dumps(value), lease)
        return upstream.id


# Instances of our own, which count what reaches them


class Upstream(ThreadingHTTPServer):
    """An instance that tells its id, or misbehaves: ``mood`` is ``answer``, ``hang up`` or ``break off``."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, mood: str = "answer") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.id = uuid4().hex
        self.mood = mood
        self.seen: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is what some tests are about."""

    def end(self) -> None:
        """Serve no more; nobody listens on the port any longer."""
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection to an upstream."""

    protocol_version = "HTTP/1.1"
    # An answer in two packets waits for the acknowledgement of the first.
    wbufsize = -1
    server: Upstream

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        self.server.seen.append(f"{self.command} {self.path} {body}".strip())
        told = {"id": self.server.id, "got": [self.command, self.path, body]}
        content = json.dumps(told).encode()
        if self.server.mood == "hang up":
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.server.mood == "break off":
            self.wfile.write(content[:5])
            self.close_connection = True
        else:
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - http.server wants these names

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


class Deaf:
    """An instance like one whose machine is gone: whoever connects to it hears nothing at all."""

    def __init__(self) -> None:
        self.id = uuid4().hex
        self._held = [socket.create_server(("127.0.0.1", 0), backlog=0)]
        self._address: tuple[str, int] = self._held[0].getsockname()
        # Nobody takes what waits here, and no more wait than the backlog. Where the others are refused, it is deaf too.
        for _ in range(8):
            if not self._lets_in():
                break

    @property
    def url(self) -> str:
        """Where it would serve."""
        return f"http://127.0.0.1:{self._address[1]}"

    def _lets_in(self) -> bool:
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(self._address)
        self._held.append(waiting)
        return bool(select.select([], [waiting], [], 0.1)[1])

    def close(self) -> None:
        """Close everything."""
        for each in self._held:
            each.close()


@pytest.fixture
def upstreams() -> Iterator[Callable[..., Upstream]]:
    """Starts upstreams, which end with the test."""
    with ExitStack() as opened:

        def start(mood: str = "answer") -> Upstream:
            upstream = Upstream(mood)
            opened.callback(upstream.end)
            return upstream

        yield start


@pytest.fixture
def etcd(services: dict[str, Service]) -> Iterator[Etcd]:
    """etcd, as the lesson has it; what a test has written there is gone afterwards."""
    etcd = Etcd(services["etcd"].url)
    yield etcd
    etcd.close()


@pytest.fixture
def enter(etcd: Etcd, web: Client) -> Iterator[Callable[..., None]]:
    """Registers upstreams, waits until the gateway knows them, and removes them after the test."""
    entered: list[tuple[str, str]] = []

    def enter(service: str, *upstreams: Upstream | Deaf) -> None:
        for upstream in upstreams:
            entered.append((service, etcd.enter(service, upstream)))
        wanted = {upstream.id for upstream in upstreams}
        eventually(
            lambda: wanted <= set(known(web, service)),
            expected=f"{len(wanted)} instances of {service} in GET /registry, which were put into etcd",
        )

    yield enter
    for service, name in entered:
        etcd.delete(f"services/{service}/{name}")


# What the gateway tells


def known(web: Client, service: str = "catalog") -> Instances:
    """The instances of a service that the gateway knows: URLs by id."""
    found = web.get("/registry").has_status(200)
    instances = found.field("instances", list)
    well = all(isinstance(each, dict) and {"service", "id", "url"} <= each.keys() for each in instances)
    expect(well, "instances that each have service, id and url", found.got, found.sent)
    return {each["id"]: each["url"] for each in instances if each["service"] == service}


def identity(process: Process) -> str:
    """The id that an instance tells of itself."""
    client = Client(process.url)
    try:
        return str(client.get(CATALOG).has_status(200).field("id", str))
    finally:
        client.close()


def knows_only(web: Client, service: str, upstream: Upstream) -> bool:
    """Whether an upstream of ours is the one instance of the service that the gateway knows."""
    found = known(web, service)
    wanted = f"of the service {service} the id {upstream.id} with {upstream.url} alone, as it was put into etcd"
    expect(found == {upstream.id: upstream.url}, wanted, found or "no instance of it", "GET /registry")
    return True


def urls(web: Client, service: str = "catalog") -> set[str]:
    """Where the instances are that the gateway knows."""
    return set(known(web, service).values())


def comes_in(web: Client, process: Process, within: float = SOON_S) -> None:
    """Wait until the gateway knows a process."""
    eventually(
        lambda: process.url in urls(web),
        within=within,
        expected=f"{process.name} ({process.url}) in the gateway's GET /registry",
    )


def goes_out(web: Client, process: Process, within: float) -> None:
    """Wait until the gateway knows a process no longer."""
    eventually(
        lambda: process.url not in urls(web),
        within=within,
        expected=f"{process.name} ({process.url}) to be gone from the gateway's GET /registry",
    )


@contextmanager
def under_load(web: Client, path: str = CATALOG) -> Iterator[Counter[str]]:
    """Ask again and again, meanwhile; who answered how often. Raises ``Unmet`` when one request failed."""
    stop = threading.Event()
    answered: Counter[str] = Counter()

    def ask() -> None:
        client = Client(web.url)
        try:
            while not stop.is_set():
                answered[client.get(path).has_status(200).field("id", str)] += 1
                stop.wait(0.005)
        finally:
            client.close()

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            yield answered
        finally:
            stop.set()
            # What a client has seen says more than what followed from it.
            for each in asking:
                each.result()


# The same processes on each backend


@contextmanager
def told_of(circumstance: str) -> Iterator[None]:
    """Add to a promise that was not kept, under what circumstance it was to be."""
    try:
        yield
    except Unmet as unmet:
        raise Unmet(unmet.expected, unmet.got, f"{unmet.sent or 'GET /registry'}; {circumstance}") from None


@dataclass(frozen=True)
class Park:
    """A gateway and two instances that share a registry."""

    backend: str
    gateway: Process
    instances: list[Process]

    @property
    def mended(self) -> "Park":
        """The same, everybody alive: an earlier test may have ended some."""
        for process in [self.gateway, *self.instances]:
            if not process.alive:
                process.restart()
        return self


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest, bench: Bench) -> list[Park]:
    """A gateway and two instances on each backend that is there, but etcd: that is the formation's."""
    given = {"memory": f"memory:{SECRET}", "mdns": f"mdns:t{uuid4().hex[:10]}"}
    consul = os.environ.get("CONSUL_URL")
    if consul:
        given["consul"] = consul
    else:
        told = "consul is not judged: there is none here. Set CONSUL_URL=consul://127.0.0.1:8500 to have it judged."
        request.config.hook.pytest_taller_progress(line=told)
    parks = []
    for backend, url in given.items():
        gateway = bench.system.launch("web", {"REGISTRY_URL": url})
        variables = {"REGISTRY_URL": url, "WEB_URL": gateway.url}
        parks.append(Park(backend, gateway, [bench.system.launch("service", variables) for _ in range(2)]))
    for park in parks:
        for process in [park.gateway, *park.instances]:
            process.await_ready()
    return parks


@pytest.fixture
def parks(started: list[Park]) -> list[Park]:
    """The same, everybody alive."""
    return [park.mended for park in started]


def on_each(parks: list[Park], check: Callable[[Park], None]) -> None:
    """One and the same check on all backends, at the same time because each takes its while."""

    def check_one(park: Park) -> None:
        with told_of(f"the registry is {park.backend}"):
            check(park)

    with ThreadPoolExecutor() as pool:
        for checking in [pool.submit(check_one, park) for park in parks]:
            checking.result()


def the_formation(system: System) -> Park:
    """The same on etcd."""
    return Park("etcd", system.processes("web")[0], system.processes("service")[:2])


def is_found_and_asked(park: Park) -> None:
    """Each instance is known, and each is asked in turn."""
    web = Client(park.gateway.url)
    for process in park.instances:
        comes_in(web, process, within=TTL_S)
    wanted = {identity(process) for process in park.instances}
    got = [web.get(CATALOG).has_status(200).field("id", str) for _ in range(2 * len(wanted))]
    expect(set(got) == wanted, f"answers of both instances {sorted(wanted)}", got, f"{len(got)} times GET {CATALOG}")
    web.close()


def is_missed_when_killed(park: Park) -> None:
    """One that is killed is out within TTL + 1 s and back within a second of its start.

    No request fails meanwhile, and the one that lives is never missed.
    """
    web = Client(park.gateway.url)
    for process in park.instances:
        comes_in(web, process, within=TTL_S)
    survivor, victim = park.instances
    with under_load(web):
        victim.kill()
        killed = time.monotonic()
        missed = False
        while not missed or time.monotonic() < killed + TTL_S + 0.2:
            there = urls(web)
            missed = victim.url not in there
            late = f"{victim.name} out of GET /registry within TTL + 1 s of its kill"
            expect(missed or time.monotonic() < killed + TTL_S + 1, late, there, "kill -9")
            lives = f"{survivor.name} in GET /registry, because it lives"
            expect(survivor.url in there, lives, there, "kill -9 of the other")
            time.sleep(0.02)
    victim.restart()
    comes_in(web, victim)
    web.close()


def leaves_in_order(park: Park) -> None:
    """One that is asked to end is out of rotation before it stops serving: no request fails."""
    web = Client(park.gateway.url)
    for process in park.instances:
        comes_in(web, process, within=TTL_S)
    leaver = park.instances[1]
    with under_load(web), ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(leaver.stop)
        goes_out(web, leaver, within=SOON_S)
        still_serves(leaver)
        status = stopping.result()
    expect(status == 0, "exit status 0 within 10 s", f"exit status {status}", f"SIGTERM to {leaver.name}")
    web.close()


def still_serves(process: Process) -> None:
    """It takes connections for a while yet: a gateway that learns of it late may still send it requests."""
    end = time.monotonic() + SERVES_ON_S
    while time.monotonic() < end:
        client = Client(process.url)
        try:
            client.get("/health").has_status(200)
        except Unmet as unmet:
            raise Unmet("an instance that still serves when it is out of rotation", unmet.got, "SIGTERM") from None
        finally:
            client.close()


# register


@pytest.mark.step("register")
def test_health_answers_ok(system: System, web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})
    instance = Client(system.url("service"))
    instance.get("/health").has_status(200).is_json({"status": "ok"})
    instance.close()


@pytest.mark.step("register")
def test_an_instance_tells_its_service_and_an_id_of_its_own(system: System) -> None:
    ids = [identity(process) for process in system.processes("service")[:2]]
    expect(len(set(ids)) == 2, "two instances with different ids", ids, f"GET {CATALOG} to each")
    answer = Client(system.url("service")).get(CATALOG)
    expect(answer.field("service", str) == "catalog", "the service 'catalog'", answer.got, answer.sent)


@pytest.mark.step("register")
def test_each_instance_is_a_key_in_etcd_on_a_lease_of_the_ttl(system: System, etcd: Etcd) -> None:
    wanted = {identity(process): process.url for process in system.processes("service")[:2]}
    found = eventually(
        lambda: _registered_as(etcd, wanted),
        within=SOON_S,
        expected=f"the keys …/services/catalog/ID in etcd for the ids {sorted(wanted)}",
    )
    for name, url in wanted.items():
        value = _object(found[name]["value"])
        got = found[name]["value"]
        expect(value == {"service": "catalog", "id": name, "url": url}, f"service, id and url {url}", got, "kv/range")
        expect(found[name]["lease"] != "0", "a key on a lease", "a key without one, which stays for ever", name)
        granted = etcd.call("lease/timetolive", ID=found[name]["lease"]).get("grantedTTL", "0")
        expect(int(granted) == TTL_S, f"a lease of REGISTRY_TTL_S={TTL_S}", f"{granted} s", "lease/timetolive")


@pytest.mark.step("register")
def test_a_lease_is_kept_alive(system: System, etcd: Etcd) -> None:
    wanted = {identity(process): process.url for process in system.processes("service")[:2]}
    first = eventually(lambda: _registered_as(etcd, wanted), within=SOON_S, expected="both instances in etcd")
    end = time.monotonic() + TTL_S + 0.6
    while time.monotonic() < end:
        now = etcd.registered("catalog")
        kept = all(now.get(name, {}).get("created") == first[name]["created"] for name in wanted)
        expect(kept, "both keys to be renewed, and never gone, for longer than the TTL", sorted(now), "kv/range")
        time.sleep(0.05)


@pytest.mark.step("register")
def test_one_that_the_registry_has_forgotten_registers_again(system: System, etcd: Etcd) -> None:
    wanted = {identity(process): process.url for process in system.processes("service")[:2]}
    before = eventually(lambda: _registered_as(etcd, wanted), within=SOON_S, expected="both instances in etcd")
    for name in wanted:
        expect(before[name]["lease"] != "0", "a key on a lease", "a key without one", name)
        etcd.call("lease/revoke", ID=before[name]["lease"])
    eventually(
        lambda: _registered_as(etcd, wanted),
        within=TTL_S,
        expected="both instances in etcd again after their leases were revoked",
    )


@pytest.mark.step("register")
def test_settings_that_make_no_sense_end_a_process_with_status_2(
    system: System, services: dict[str, Service], draw: Draw
) -> None:
    password = draw.token()
    url = draw.choice([f"zookeeper://user:{password}@127.0.0.1:2181/x", f"etcd://user:{password}@127.0.0.1"])
    seconds = draw.choice(["0", "-1", "soon"])
    wrong = [("web", "REGISTRY_URL", url), ("service", "REGISTRY_TTL_S", seconds)]
    launched = [(system.launch(name, {variable: value}), variable, value) for name, variable, value in wrong]
    for process, variable, value in launched:
        refuses_to_start(process, variable, value, hides=password if variable == "REGISTRY_URL" else "")


def _registered_as(etcd: Etcd, wanted: Instances) -> dict[str, dict[str, Any]]:
    found = etcd.registered("catalog")
    return found if set(wanted) <= found.keys() else {}


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


# discover


@pytest.mark.step("discover")
def test_an_instance_is_known_within_a_second_and_forgotten_as_soon(
    web: Client, etcd: Etcd, upstreams: Callable[..., Upstream], draw: Draw
) -> None:
    service, upstream = draw.choice(["maps", "mail", "prices"]), upstreams()
    for _ in range(2):
        name = etcd.enter(service, upstream)
        eventually(lambda: knows_only(web, service, upstream), within=SOON_S)
        etcd.delete(f"services/{service}/{name}")
        eventually(
            lambda: not known(web, service), within=SOON_S, expected="the instance to be gone from GET /registry"
        )


@pytest.mark.step("discover")
def test_a_lease_that_nobody_keeps_alive_takes_its_instance_along(
    web: Client, etcd: Etcd, upstreams: Callable[..., Upstream]
) -> None:
    upstream = upstreams()
    etcd.enter("fading", upstream, etcd.lease(1))
    eventually(lambda: known(web, "fading"), within=SOON_S, expected="the instance in GET /registry")
    eventually(lambda: not known(web, "fading"), within=1 + SOON_S + 0.5, expected="the instance to be gone")


@pytest.mark.step("discover")
@pytest.mark.parametrize("value", NO_INSTANCES)
def test_what_is_no_instance_harms_nobody(
    web: Client, etcd: Etcd, upstreams: Callable[..., Upstream], value: str
) -> None:
    upstream = upstreams()
    etcd.put("services/odd/wrong", value)
    try:
        etcd.enter("odd", upstream)
        with told_of(f"a key beside it whose value is {value!r}"):
            eventually(lambda: knows_only(web, "odd", upstream), within=SOON_S)
    finally:
        etcd.delete("services/odd/wrong")
        etcd.delete(f"services/odd/{upstream.id}")


@pytest.mark.step("discover")
def test_what_is_no_instance_harms_no_gateway_that_starts(
    system: System, etcd: Etcd, upstreams: Callable[..., Upstream]
) -> None:
    upstream = upstreams()
    wrong = {f"services/odd/wrong-{number}": value for number, value in enumerate(NO_INSTANCES)}
    for key, value in wrong.items():
        etcd.put(key, value)
    try:
        etcd.enter("odd", upstream)
        web = Client(system.start("web").url)
        with told_of(f"keys beside it, from before the gateway's start, whose values are {NO_INSTANCES}"):
            eventually(lambda: knows_only(web, "odd", upstream), within=SOON_S)
        web.close()
    finally:
        for key in [*wrong, f"services/odd/{upstream.id}"]:
            etcd.delete(key)


# balance


@pytest.mark.step("balance")
def test_a_request_goes_to_the_service_that_its_path_names(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream], draw: Draw
) -> None:
    maps, mail = upstreams(), upstreams()
    enter("maps", maps)
    enter("mail", mail)
    path, text = f"/api/maps/{draw.token()}?size={draw.integer(1, 9)}", draw.token()
    answer = web.post(path, content=text.encode()).has_status(200)
    expect(answer.field("got", list) == ["POST", path, text], "the request as it was sent", answer.got, answer.sent)
    expect(answer.field("id", str) == maps.id, "an answer of the service maps", answer.got, answer.sent)


@pytest.mark.step("balance")
def test_503_with_retry_after_where_nobody_is_there(web: Client, draw: Draw) -> None:
    answer = web.get(f"/api/{draw.choice(['nobody', 'no-one', 'gone'])}/x").has_status(503)
    answer.header("Retry-After", r"[1-9]\d*")
    answer.header("Content-Type", r"application/problem\+json.*")


@pytest.mark.step("balance")
@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/api/Catalog/whoami", "/other/catalog", "/whoami"])
def test_404_for_a_path_that_names_no_service(web: Client, path: str) -> None:
    web.get(path).has_status(404)


@pytest.mark.step("balance")
def test_a_new_instance_is_asked_within_a_second(
    web: Client, etcd: Etcd, enter: Callable[..., None], upstreams: Callable[..., Upstream]
) -> None:
    old, new = upstreams(), upstreams()
    enter("growing", old)
    web.get("/api/growing/x").has_status(200)
    etcd.enter("growing", new)
    eventually(
        lambda: web.get("/api/growing/x").has_status(200).field("id") == new.id,
        within=SOON_S,
        expected="an answer of the instance that was registered last",
    )
    etcd.delete(f"services/growing/{new.id}")


@pytest.mark.step("balance")
def test_three_instances_get_as_many_requests_each(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream]
) -> None:
    three = [upstreams() for _ in range(3)]
    enter("even", *three)
    for _ in range(REQUESTS):
        web.get("/api/even/x").has_status(200)
    counts = [len(upstream.seen) for upstream in three]
    even = all(abs(count - REQUESTS / 3) <= REQUESTS / 3 * 0.2 for count in counts)
    expect(even, f"{REQUESTS // 3} requests each, give or take 20 %", counts, f"{REQUESTS} times GET /api/even/x")


# retry


@pytest.mark.step("retry")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_instance_that_nobody_can_connect_to_costs_no_request(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream], method: str
) -> None:
    dead, alive = Upstream(), upstreams()
    enter("half-dead", dead, alive)
    dead.end()
    content = b"paid" if method == "POST" else b""
    for _ in range(4):
        answer = web.request(method, "/api/half-dead/x", content=content).has_status(200)
        expect(answer.field("id") == alive.id, "an answer of the other instance", answer.got, answer.sent)
    expect(len(alive.seen) == 4, "each request once at the instance that lives", alive.seen, f"four {method}")


@pytest.mark.step("retry")
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_an_idempotent_request_whose_instance_dies_is_asked_again_elsewhere(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream], method: str
) -> None:
    dying, alive = upstreams("hang up"), upstreams()
    enter("dying", dying, alive)
    for _ in range(4):
        # That there is no body is told in two ways: without a Content-Length, and with one of 0.
        headers = {"Content-Length": "0"} if method == "PUT" else {}
        web.request(method, "/api/dying/x", headers=headers).has_status(200)
    expect(dying.seen, "some of the requests at the instance that hangs up", "none", f"four {method}")
    expect(len(alive.seen) == 4, "every request once at the instance that answers", alive.seen, f"four {method}")


@pytest.mark.step("retry")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_request_that_must_not_be_repeated_is_sent_once(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream], method: str
) -> None:
    dying, alive = upstreams("hang up"), upstreams()
    enter("paying", dying, alive)
    answers = [web.request(method, "/api/paying/x", content=str(n).encode()) for n in range(4)]
    sent = f"four {method} with a body; one of two instances hangs up when it has read it"
    statuses = sorted(answer.status for answer in answers)
    expect(statuses == [200, 200, 502, 502], "200 from one, 502 for the other", statuses, sent)
    seen = sorted(dying.seen + alive.seen)
    expect(len(seen) == 4 == len(set(seen)), "each of the four at one instance, once", seen, sent)


@pytest.mark.step("retry")
def test_an_answer_that_has_begun_is_not_begun_again(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream]
) -> None:
    breaking, alive = upstreams("break off"), upstreams()
    enter("breaking", breaking, alive)
    for _ in range(2):
        with suppress(Unmet):
            web.get("/api/breaking/x")
    seen = [len(breaking.seen), len(alive.seen)]
    expect(seen == [1, 1], "one request at each instance", seen, "two GET, one of whose answers breaks off")


@pytest.mark.step("retry")
def test_an_instance_that_never_takes_the_connection_costs_no_request(
    web: Client, enter: Callable[..., None], upstreams: Callable[..., Upstream]
) -> None:
    with closing(Deaf()) as deaf:
        alive = upstreams()
        enter("half-deaf", deaf, alive)
        for _ in range(2):
            web.post("/api/half-deaf/x", content=b"paid").has_status(200)
    expect(len(alive.seen) == 2, "each request once at the instance that answers", alive.seen, "two POST")


@pytest.mark.step("retry")
def test_502_when_nobody_can_be_reached(web: Client, enter: Callable[..., None]) -> None:
    dead = [Upstream() for _ in range(2)]
    enter("all-dead", *dead)
    for each in dead:
        each.end()
    web.get("/api/all-dead/x").has_status(502)


# leave


@pytest.mark.step("leave")
def test_on_etcd_an_instance_leaves_in_order(system: System) -> None:
    leaves_in_order(the_formation(system))


@pytest.mark.step("leave")
def test_on_etcd_an_instance_that_is_killed_is_missed(system: System) -> None:
    is_missed_when_killed(the_formation(system))


# outage


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_nobody_notices_that_the_registry_dies_and_comes_back(
    system: System, web: Client, services: dict[str, Service], etcd: Etcd
) -> None:
    park = the_formation(system)
    is_found_and_asked(park)
    server = services["etcd"].server
    with under_load(web) as answered:
        server.kill()
        try:
            before = answered.total()
            eventually(lambda: answered.total() > before + 20, expected="requests that are answered while etcd is dead")
            there, last = urls(web), {process.url for process in park.instances}
            expect(last <= there, "the two instances that were known last", there, "GET /registry while etcd is dead")
            late = system.start("service")
        finally:
            server.start_again()
        comes_in(web, late, within=2 * TTL_S)
        wanted = {identity(process): process.url for process in [*park.instances, late]}
        eventually(lambda: _registered_as(etcd, wanted), expected="all three instances in etcd by themselves")


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_registry_that_says_nothing_for_long_makes_nobody_vanish(
    system: System, web: Client, services: dict[str, Service], etcd: Etcd
) -> None:
    park = the_formation(system)
    is_found_and_asked(park)
    wanted = {identity(process): process.url for process in park.instances}
    server = services["etcd"].server
    with under_load(web):
        server.pause()
        try:
            end = time.monotonic() + TTL_S + 0.7
            while time.monotonic() < end:
                there = urls(web)
                expect(
                    set(wanted.values()) <= there,
                    "the instances that were known last",
                    there,
                    "GET /registry, etcd is silent",
                )
                time.sleep(0.05)
        finally:
            server.resume()
        eventually(lambda: _registered_as(etcd, wanted), expected="both instances in etcd by themselves")
    is_found_and_asked(park)


# backends


@pytest.mark.step("backends")
def test_on_every_backend_an_instance_is_found_and_asked(parks: list[Park]) -> None:
    on_each(parks, is_found_and_asked)


@pytest.mark.step("backends")
def test_on_every_backend_one_that_is_killed_is_missed_and_no_other(parks: list[Park]) -> None:
    on_each(parks, is_missed_when_killed)


@pytest.mark.step("backends")
def test_on_every_backend_an_instance_leaves_in_order(parks: list[Park]) -> None:
    on_each(parks, leaves_in_order)


@pytest.mark.step("backends")
def test_the_memory_of_the_gateway_is_for_those_who_know_the_secret(
    system: System, started: list[Park], upstreams: Callable[..., Upstream], draw: Draw
) -> None:
    web, upstream = Client(started[0].gateway.url), upstreams()
    path, body = f"/registry/stranger/{upstream.id}", {"url": upstream.url, "ttlS": 30}
    for headers in ({}, {"Authorization": f"Bearer {draw.token()}"}):
        web.put(path, json=body, headers=headers).has_status(401)
        web.delete(path, headers=headers).has_status(401)
    good = {"Authorization": f"Bearer {SECRET}"}
    web.put(path, json={**body, "url": "file:///etc/passwd"}, headers=good).is_refused("url")
    web.put(path, json={**body, "ttlS": 0}, headers=good).is_refused("ttlS")
    web.put(path, json=body, headers=good).has_status(204)
    eventually(lambda: known(web, "stranger"), within=SOON_S, expected="the instance in GET /registry")
    web.delete(path, headers=good).has_status(204)
    eventually(lambda: not known(web, "stranger"), within=SOON_S, expected="the instance to be gone")
    web.close()


# config


@dataclass(frozen=True)
class Configured:
    """A gateway with a file and an environment of its own."""

    process: Process
    file: Path

    def set(self, **values: int) -> None:
        """Have the file say so."""
        self.write(written(self.file, values))

    def write(self, text: str) -> None:
        """Replace the file in one step, as editors do."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(text)
        draft.chmod(0o644)
        draft.replace(self.file)


def written(file: Path, values: dict[str, int]) -> str:
    """The values in the format that the file's name promises."""
    if file.suffix == ".json":
        return json.dumps(values)
    return "".join(f"{name} = {value}\n" for name, value in values.items())


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """A folder that the lesson's processes can read, whoever they run as.

    None of pytest's: each new session of pytest, also one beside us, shuts the folder above them to others.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def configured(request: pytest.FixtureRequest, bench: Bench, shared_folder: Path) -> Configured:
    """A gateway whose file, TOML or JSON, sets both values, and whose environment sets one of them."""
    file = shared_folder / Draw(request.config.option.seed, "configured").choice(["gateway.toml", "gateway.json"])
    file.write_text(written(file, {"attempts": 4, "retry_after_s": 20}))
    file.chmod(0o644)
    process = bench.system.launch("web", {"CONFIG_FILE": str(file), "ATTEMPTS": "2"})
    process.await_ready()
    return Configured(process, file)


def shows(web: Client, name: str, value: int, source: str) -> bool:
    """Whether ``GET /config`` says so."""
    answer = web.get("/config").has_status(200)
    wanted = {"value": value, "source": source}
    expect(answer.field(name) == wanted, f"{name} as {json.dumps(wanted)}", answer.got, answer.sent)
    return True


@pytest.mark.step("config")
def test_what_nobody_has_set_has_a_default(web: Client) -> None:
    shows(web, "attempts", 3, "default")
    shows(web, "retryAfterS", 1, "default")


@pytest.mark.step("config")
def test_later_layers_win_and_none_needs_a_restart(
    bench: Bench, system: System, configured: Configured, etcd: Etcd, draw: Draw
) -> None:
    web = Client(configured.process.url)
    eventually(lambda: shows(web, "attempts", 2, "environment"), within=SOON_S)
    configured.set(attempts=4, retry_after_s=20)
    eventually(lambda: shows(web, "retryAfterS", 20, "file"), within=SOON_S)
    seconds = draw.integer(30, 90)
    configured.set(attempts=5, retry_after_s=seconds)
    eventually(lambda: shows(web, "retryAfterS", seconds, "file"), within=SOON_S)
    shows(web, "attempts", 2, "environment")
    web.get("/api/nobody/x").has_status(503).header("Retry-After", str(seconds))
    etcd.put("config", json.dumps({"attempts": 7}))
    try:
        eventually(lambda: shows(web, "attempts", 7, "registry"), within=SOON_S)
        shows(web, "retryAfterS", seconds, "file")
    finally:
        etcd.delete("config")
    eventually(lambda: shows(web, "attempts", 2, "environment"), within=SOON_S)
    web.close()


@pytest.mark.step("config")
@pytest.mark.parametrize(
    "broken_by", ["attempts = ", {"attempts": 99}, {"attempts": 0}, {"atempts": 3}], ids=json.dumps
)
def test_a_broken_file_changes_nothing_and_is_logged(
    bench: Bench, system: System, configured: Configured, draw: Draw, broken_by: str | dict[str, int]
) -> None:
    web = Client(configured.process.url)
    seconds = draw.integer(100, 900)
    configured.set(retry_after_s=seconds)
    eventually(lambda: shows(web, "retryAfterS", seconds, "file"), within=SOON_S)
    before = configured.process.log_size
    broken = broken_by if isinstance(broken_by, str) else written(configured.file, broken_by)
    configured.write(broken)
    expected = f"a line of level error in the log, because the file says {broken!r}"
    eventually(lambda: '"level": "error"' in configured.process.log(before), within=SOON_S, expected=expected)
    shows(web, "retryAfterS", seconds, "file")
    web.close()


@pytest.mark.step("config")
@pytest.mark.parametrize("value", ["no JSON", "[1]", '{"attempts": 0}', '{"unknown": 1}'])
def test_broken_settings_in_the_registry_change_nothing(web: Client, etcd: Etcd, value: str) -> None:
    etcd.put("config", json.dumps({"retry_after_s": 7}))
    try:
        eventually(lambda: shows(web, "retryAfterS", 7, "registry"), within=SOON_S)
        etcd.put("config", value)
        etcd.put("services/marks/wrong", "a later change, which the gateway has seen when the next one is")
        marked = uuid4().hex
        etcd.put(
            f"services/marks/{marked}", json.dumps({"service": "marks", "id": marked, "url": "http://127.0.0.1:1"})
        )
        eventually(lambda: marked in known(web, "marks"), within=SOON_S, expected="the instance in GET /registry")
        shows(web, "retryAfterS", 7, "registry")
    finally:
        for key in ("config", "services/marks/wrong", f"services/marks/{marked}"):
            etcd.delete(key)
    eventually(lambda: shows(web, "retryAfterS", 1, "default"), within=SOON_S)


@pytest.mark.step("config")
def test_what_makes_no_sense_at_the_start_ends_the_gateway(system: System, configured: Configured, draw: Draw) -> None:
    swapped = configured.file.with_name("swapped.json")
    swapped.write_text("attempts = 4\n")
    swapped.chmod(0o644)
    nonsense = draw.choice([str(swapped), str(configured.file.with_name(draw.token()))])
    wrong = {"CONFIG_FILE": nonsense, draw.choice(["ATTEMPTS", "RETRY_AFTER_S"]): draw.choice(["0", "-1", "often"])}
    launched = {variable: system.launch("web", {variable: value}) for variable, value in wrong.items()}
    for variable, process in launched.items():
        refuses_to_start(process, variable, wrong[variable])


@pytest.mark.step("config")
def test_no_answer_has_a_secret_in_it(web: Client, services: dict[str, Service]) -> None:
    password = urlsplit(services["etcd"].url).password or ""
    for path in ("/config", "/registry"):
        answer: Answer = web.get(path).has_status(200)
        expect(password not in answer.text, "an answer without etcd's password", answer.got, answer.sent)
