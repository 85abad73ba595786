"""Lesson 18: see it run. The suite is the collector, the scraper and the one who reads the logs."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pika
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from taller.grading import Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Bench, Service
from taller.grading.otlp import Collector, Span
from taller.runner import Process, Submission, System
from taller.services.promtool import require

ORDERS = "/api/orders"
USERS = "/api/users"
QUEUE = "pedido_creado"
PROCESSES = ("web", "users", "orders", "consumer")
PROBES = ("/health", "/health/live", "/health/ready", "/metrics")
COUNT = "http_requests_total"
DURATION = "http_request_duration_seconds"
# The exporters wait 0.2 s; the rest is for a machine that has other work.
SEEN_WITHIN_S = 6
ANSWERED_AT_ONCE_S = 3
NONSENSE = [("OTEL_TRACES_SAMPLER_ARG", "1.5"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
RANDOM_PATHS = 40
MISSED: set[str] = set()
T = TypeVar("T")
SEVERITIES = {"ServiceDown": "critical", "HighErrorRate": "critical", "SlowRequests": "warning"}
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Where all processes export to."""
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def variables(collector: Collector) -> dict[str, str]:
    """What the processes are told besides: to export to the suite, and soon."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}


@pytest.fixture(scope="module")
def misled(bench: Bench) -> dict[tuple[str, str], Process]:
    """Processes that are told nonsense, on their way while other tests run."""
    return {(variable, value): bench.system.launch("consumer", {variable: value}) for variable, value in NONSENSE}


@dataclass(frozen=True)
class Lonely:
    """A gateway that reaches no users, and keeps no trace that begins with it; ``service`` is what it is called."""

    process: Process
    service: str


@pytest.fixture(scope="module")
def apart(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Lonely]:
    """Launched once."""
    name = Draw(request.config.option.seed, "apart").token()
    with closing(socket.socket()) as taken:
        # Nobody else gets the port meanwhile, and whoever connects is refused, because nobody listens.
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        told = {"SERVICE": name, "OTEL_TRACES_SAMPLER_ARG": "0", "USERS_URL": nowhere}
        yield Lonely(bench.system.launch("web", told), name)


@pytest.fixture
def lonely(apart: Lonely) -> Iterator[Client]:
    """A client of the gateway that reaches no users."""
    apart.process.await_ready()
    with closing(Client(apart.process.url)) as client:
        yield client


@pytest.fixture
def clients(system: System, bench: Bench) -> dict[str, Client]:
    """A client of each process, by its name."""
    return {name: bench.client(name) for name in PROCESSES}


@pytest.fixture
def orders(clients: dict[str, Client]) -> Client:
    """A client of the orders, past the gateway."""
    return clients["orders"]


@pytest.fixture
def user_id(clients: dict[str, Client], draw: Draw) -> str:
    """A user who may order."""
    draft = {"name": draw.name(), "email": f"{draw.token()}@example.org", "password": draw.token(20)}
    return str(clients["users"].post(USERS, json=draft).has_status(201).field("id", str))


def hexadecimal(draw: Draw, digits: int) -> str:
    """Random digits for an id; the last is never 0, so the id is valid."""
    return "".join(draw.choice("0123456789abcdef") for _ in range(digits - 1)) + "7"


@dataclass(frozen=True)
class Sender:
    """Somebody whose requests belong to a trace of his own."""

    trace_id: str
    span_id: str
    request_id: str
    sampled: bool = True

    @classmethod
    def drawn(cls, draw: Draw, *, sampled: bool = True) -> "Sender":
        """One with ids that nobody has seen."""
        return cls(hexadecimal(draw, 32), hexadecimal(draw, 16), draw.token(), sampled)

    @property
    def traceparent(self) -> str:
        """https://www.w3.org/TR/trace-context/#traceparent-header."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    @property
    def headers(self) -> dict[str, str]:
        """What a request of his says."""
        return {"traceparent": self.traceparent, "X-Request-ID": self.request_id}


def exported(collector: Collector, trace_id: str, service: str, kind: str, sent: str = "") -> Span:
    """The one span of that service and kind in a trace, once it has come."""
    wanted = f"one {kind} span of the service {service!r} in the trace {trace_id}"

    def found() -> Span:
        spans = collector.spans(trace_id)
        matching = [span for span in spans if (span.service, span.kind) == (service, kind)]
        expect(len(matching) == 1, wanted, told(spans, collector), sent)
        return matching[0]

    return patiently(f"{service} {kind}", found)


def patiently(what: str, probe: Callable[[], T], expected: str = "") -> T:
    """As ``eventually``; but what has never come once, nobody waits for that long again."""
    try:
        return eventually(probe, within=1 if what in MISSED else SEEN_WITHIN_S, expected=expected)
    except Unmet:
        MISSED.add(what)
        raise


def spans_of(collector: Collector, attributes: dict[str, str]) -> list[Span]:
    """The spans that have these attributes, once there is one."""

    def found() -> list[Span]:
        return [span for span in collector.spans() if attributes.items() <= span.attributes.items()]

    return patiently(", ".join(attributes), found, f"a span with the attributes {attributes}")


def told(spans: list[Span], collector: Collector) -> str:
    """Spans as feedback shows them; what came instead when there are none."""
    seen = "\n".join(map(str, spans)) or "no span of it"
    return "\n".join([seen, *dict.fromkeys(f"the collector got {other}" for other in collector.others)])


def says(span: Span, attributes: dict[str, Any], sent: str = "") -> None:
    """The span has these attributes."""
    for name, value in attributes.items():
        expect(
            span.attributes.get(name) == value, f"the attribute {name} = {value!r}", f"{span}\n{span.attributes}", sent
        )


def is_child(span: Span, parent: Span | Sender, sent: str = "") -> None:
    """The span's parent is that one."""
    expect(span.parent_id == parent.span_id, f"a span whose parent is {parent}", span, sent)


def place(client: Client, user_id: str, draw: Draw, sender: Sender) -> str:
    """Have an order made, as part of the sender's trace; what was sent."""
    answer = client.post(ORDERS, json={"userId": user_id, "total": draw.price()}, headers=sender.headers)
    return answer.has_status(201).sent


# configure


@pytest.mark.step("configure")
def test_every_process_serves(misled: dict[tuple[str, str], Process], clients: dict[str, Client]) -> None:
    for client in clients.values():
        client.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("configure")
def test_orders_are_made_and_found(clients: dict[str, Client], user_id: str, draw: Draw) -> None:
    total = draw.price()
    made = clients["web"].post(ORDERS, json={"userId": user_id, "total": total}).has_status(201)
    order = {"id": made.field("id", int), "userId": user_id, "total": total}

    clients["web"].get(made.header("Location", rf"{ORDERS}/\d+")).has_status(200).is_json(order)
    nobody = {"userId": "0" * 24, "total": total}
    clients["web"].post(ORDERS, json=nobody).has_status(422).is_refused("userId")


@pytest.mark.step("configure")
@pytest.mark.parametrize(("variable", "value"), NONSENSE)
def test_a_setting_that_makes_no_sense_ends_the_process(
    misled: dict[tuple[str, str], Process], variable: str, value: str
) -> None:
    refuses_to_start(misled[variable, value], variable, value)


# probes


@pytest.mark.step("probes")
def test_who_lacks_nothing_is_alive_and_ready(clients: dict[str, Client]) -> None:
    for client in clients.values():
        for probe in ("/health/live", "/health/ready"):
            client.get(probe).has_status(200).is_json({"status": "ok"})


@pytest.mark.step("probes")
@pytest.mark.breaks_services
@pytest.mark.parametrize(
    ("name", "service", "way"),
    [("orders", "postgresql", "killed"), ("orders", "postgresql", "paused"), ("users", "mongodb", "paused")],
)
def test_without_its_database_a_process_is_alive_and_not_ready(
    clients: dict[str, Client], services: dict[str, Service], name: str, service: str, way: str
) -> None:
    server = services[service].server
    server.kill() if way == "killed" else server.pause()
    try:
        is_alive_and_not_ready(clients[name], "database")
        for other in clients.keys() - {name}:
            clients[other].get("/health/ready").has_status(200)
    finally:
        server.start_again() if way == "killed" else server.resume()
    is_ready_again(clients[name])


@pytest.mark.step("probes")
@pytest.mark.breaks_services
def test_without_the_broker_a_process_is_alive_and_not_ready(
    clients: dict[str, Client], services: dict[str, Service]
) -> None:
    server = services["rabbitmq"].server
    server.kill()
    try:
        for name in ("orders", "consumer"):
            is_alive_and_not_ready(clients[name], "broker")
    finally:
        server.start_again()
    for name in ("orders", "consumer"):
        is_ready_again(clients[name])


def is_alive_and_not_ready(client: Client, missing: str) -> None:
    """The two probes differ, and the second says why; each is quick."""

    answer = patiently("503", lambda: client.get("/health/ready", timeout=ANSWERED_AT_ONCE_S).has_status(503))
    answer.mentions(missing).header("Content-Type", r"application/problem\+json.*")
    client.get("/health/live", timeout=ANSWERED_AT_ONCE_S).has_status(200).is_json({"status": "ok"})


def is_ready_again(client: Client) -> None:
    """It needs no restart."""
    eventually(lambda: client.get("/health/ready").has_status(200), within=20)


# metrics


@dataclass(frozen=True)
class Promtool:
    """Prometheus's own checker of what it is to read."""

    program: Path

    def run(self, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run it with these arguments, and with ``given`` as its standard input."""
        return subprocess.run([self.program, *arguments], input=given, capture_output=True, text=True, timeout=30)


@pytest.fixture(scope="module")
def promtool(request: pytest.FixtureRequest) -> Promtool:
    """As this machine has it, or fetched; that may take a minute, once."""

    def announce(line: str) -> None:
        request.config.hook.pytest_taller_progress(line=line)

    return Promtool(require(announce))


class Scrape:
    """What a process tells at ``/metrics``, at one moment."""

    def __init__(self, client: Client) -> None:
        self.sent = "GET /metrics"
        answer = client.get("/metrics").has_status(200)
        answer.header("Content-Type", r"text/plain;.*")
        self.text = answer.text
        try:
            found: list[Metric] = list(text_string_to_metric_families(self.text))
        except ValueError as error:
            raise Unmet("metrics in the text format of Prometheus", str(error), self.sent) from None
        self._samples = [sample for metric in found for sample in metric.samples]

    def samples(self, name: str, **labels: str) -> list[tuple[dict[str, str], float]]:
        """The samples of that name, and with these labels, with all their labels."""
        found = [(dict(sample.labels), sample.value) for sample in self._samples if sample.name == name]
        return [(has, value) for has, value in found if labels.items() <= has.items()]

    def sum(self, name: str, **labels: str) -> float:
        """What these samples add up to; 0 if there are none."""
        return sum(value for _, value in self.samples(name, **labels))

    def series(self) -> set[tuple[str, ...]]:
        """The label values of all series about requests."""
        names = (COUNT, f"{DURATION}_count")
        return {(name, *sorted(labels.values())) for name in names for labels, _ in self.samples(name)}


def grown(before: Scrape, after: Scrape, by: int, name: str, **labels: str) -> None:
    """So many more were counted than before."""
    got = after.sum(name, **labels) - before.sum(name, **labels)
    shown = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    expect(got == by, f"{name}{{{shown}}} to have grown by {by}", f"it has grown by {got:g}", after.sent)


@pytest.mark.step("metrics")
def test_the_counts_add_up_to_the_requests_that_were_sent(orders: Client, draw: Draw) -> None:
    found, missing, bad = draw.integer(2, 6), draw.integer(7, 12), draw.integer(13, 18)
    before = Scrape(orders)
    for _ in range(missing):
        orders.get(f"{ORDERS}/{draw.integer(10**8, 10**9)}").has_status(404)
    for _ in range(bad):
        orders.post(ORDERS, json={"total": draw.price()}).has_status(422)
    for _ in range(found):
        orders.get("/openapi.json", headers={"X": draw.token()})
    for probe in PROBES:
        orders.get(probe)
    after = Scrape(orders)

    grown(before, after, missing, COUNT, method="GET", status="404")
    grown(before, after, bad, COUNT, method="POST", status="422")
    grown(before, after, found + missing + bad, COUNT)
    grown(before, after, found + missing + bad, f"{DURATION}_count")
    templates = {labels["route"] for labels, _ in after.samples(COUNT, method="GET", status="404")}
    expect(len(templates) == 1, f"one route for all {missing} orders that there are not", templates, after.sent)


@pytest.mark.step("metrics")
def test_what_fails_is_counted_as_it_ended(lonely: Client, draw: Draw) -> None:
    times = draw.integer(2, 5)
    before = Scrape(lonely)
    for _ in range(times):
        lonely.get(f"{USERS}/{draw.token()}").has_status(502)

    grown(before, Scrape(lonely), times, COUNT, method="GET", status="502")


@pytest.mark.step("metrics")
def test_labels_stay_few_whatever_is_asked_for(clients: dict[str, Client], draw: Draw) -> None:
    for name in ("web", "orders"):
        client, token = clients[name], draw.token(20)
        client.get(f"/{token}")
        client.request(draw.choice(["PROPFIND", "MKCOL", "PURGE"]), f"/{token}")
        before = Scrape(client)
        for _ in range(RANDOM_PATHS):
            client.get(f"/{draw.token(4)}{token}/{draw.token()}", params={draw.token(): token})
        for method in ("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PURGE"):
            client.request(method, f"/{token}")
        after = Scrape(client)

        sent = f"{RANDOM_PATHS} GETs of paths that nobody has heard of, and a request of each method of WebDAV"
        new = after.series() - before.series()
        expect(not new, "no new series", "\n".join(" ".join(series) for series in sorted(new)[:5]), sent)
        expect(token not in after.text, "no part of a client's path among the labels", f"{token} is there", sent)


@pytest.mark.step("metrics")
def test_durations_are_seconds_in_buckets_that_tell_something(orders: Client, draw: Draw) -> None:
    before, began = Scrape(orders), time.monotonic()
    for _ in range(draw.integer(3, 8)):
        orders.get(f"{ORDERS}/{draw.integer(1, 10**9)}")
    elapsed, after = time.monotonic() - began, Scrape(orders)

    took = after.sum(f"{DURATION}_sum") - before.sum(f"{DURATION}_sum")
    expect(0 < took <= elapsed, f"{DURATION}_sum to grow, by at most {elapsed:.3f} s", took, after.sent)
    bounds = sorted({float(labels["le"]) for labels, _ in after.samples(f"{DURATION}_bucket")})
    expect(bounds and bounds[-1] == float("inf"), f'{DURATION}_bucket with le="+Inf"', bounds, after.sent)
    finite = bounds[:-1]
    good = finite and finite[0] <= 0.01 and finite[-1] >= 5 and len(finite) <= 20
    expect(good, "at most 20 buckets, from 0.01 s or less to 5 s or more", finite, after.sent)
    close = all(upper <= 3 * lower for lower, upper in pairwise(finite))
    expect(close, "no bucket's bound more than 3 times the one before", finite, after.sent)


@pytest.mark.step("metrics")
def test_promtool_finds_nothing_wrong_with_the_metrics(promtool: Promtool, clients: dict[str, Client]) -> None:
    for client in clients.values():
        client.get(f"{ORDERS}/x")
        answer = client.get("/metrics").has_status(200)
        ran = promtool.run("check", "metrics", given=answer.text)
        expect(ran.returncode == 0, "metrics that promtool accepts", ran.stderr.strip() or ran.stdout, answer.sent)
        expect(COUNT in answer.text, f"a metric {COUNT}", answer.text[:300], answer.sent)


# alerts


@dataclass
class Rehearsal:
    """What-if: series of samples, one each half minute, and which alerts then fire in Prometheus's own engine."""

    promtool: Promtool
    rules: Path
    folder: Path

    def fires(self, series: dict[str, str], at: str, alerts: set[tuple[str, str]]) -> None:
        """These alerts, each with its job, fire at that time, and no others."""
        wanted = [
            {"labels": f'{{alertname="{name}", job="{job}", severity="{SEVERITIES[name]}"}}', "value": 1}
            for name, job in sorted(alerts)
        ]
        test = {
            "interval": "30s",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": 'count by (alertname, job, severity) (ALERTS{alertstate="firing"})',
                    "eval_time": at,
                    "exp_samples": wanted,
                }
            ],
        }
        file = self.folder / "rehearsal.yml"
        file.write_text(json.dumps({"rule_files": [str(self.rules)], "evaluation_interval": "30s", "tests": [test]}))
        ran = self.promtool.run("test", "rules", str(file))
        told = "\n".join(f"{name}: {values}" for name, values in series.items())
        expected = ", ".join(f"{name} for {job}" for name, job in sorted(alerts)) or "no alert"
        expect(ran.returncode == 0, f"{expected} at {at}", ran.stdout + ran.stderr, f"a sample every 30 s of\n{told}")


@pytest.fixture
def rehearsal(promtool: Promtool, submission: Submission, tmp_path: Path) -> Rehearsal:
    """The submission's alerts, on a copy that only the suite can change."""
    source = submission.folder / "alerts.yml"
    expect(source.is_file(), "a file alerts.yml beside the Procfile", "none")
    rules = tmp_path / "alerts.yml"
    rules.write_bytes(source.read_bytes())
    return Rehearsal(promtool, rules, tmp_path)


def requests(job: str, status: int, each: int, samples: int = 60) -> dict[str, str]:
    """A counter of requests that grows by so many every 30 s."""
    name = f'{COUNT}{{job="{job}",instance="{job}:1",method="GET",route="/api/{job}",status="{status}"}}'
    return {name: f"0+{each}x{samples}"}


def durations(job: str, quick: int, slow: int) -> dict[str, str]:
    """A histogram of requests: so many each 30 s take under 100 ms, and so many between 1 and 2.5 s."""
    growth = {"0.05": 0, "0.1": quick, "0.5": quick, "1.0": quick, "2.5": quick + slow, "+Inf": quick + slow}
    labels = f'job="{job}",instance="{job}:1",method="GET",route="/api/{job}"'
    return {f'{DURATION}_bucket{{{labels},le="{le}"}}': f"0+{each}x60" for le, each in growth.items()}


@pytest.mark.step("alerts")
def test_promtool_finds_nothing_wrong_with_the_alerts(rehearsal: Rehearsal) -> None:
    sent = "promtool check rules alerts.yml"
    ran = rehearsal.promtool.run("check", "rules", str(rehearsal.rules))
    expect(ran.returncode == 0, "rules that promtool accepts", ran.stdout + ran.stderr, sent)
    found = re.search(r"(\d+) rules found", ran.stdout)
    expect(found and int(found[1]) >= len(SEVERITIES), f"{len(SEVERITIES)} rules", ran.stdout.strip(), sent)
    summaries = re.findall(r"^\s+summary: *\S", rehearsal.rules.read_text(), re.MULTILINE)
    expect(len(summaries) >= len(SEVERITIES), "each alert to have the annotation summary", f"{len(summaries)}", sent)


@pytest.mark.step("alerts")
def test_a_service_that_is_down_for_a_minute_raises_an_alert(rehearsal: Rehearsal, draw: Draw) -> None:
    gone, there = draw.token(), draw.token()
    series = {
        f'up{{job="{gone}",instance="a:1"}}': "1x10 0x50",
        f'up{{job="{there}",instance="b:1"}}': "1x10 0 1x49",
    }

    rehearsal.fires(series, "5m30s", set())
    rehearsal.fires(series, "10m", {("ServiceDown", gone)})


@pytest.mark.step("alerts")
def test_errors_raise_an_alert_for_the_service_that_has_them(rehearsal: Rehearsal, draw: Draw) -> None:
    bad, good, clumsy = draw.token(), draw.token(), draw.token()
    failing = draw.integer(8, 30)
    series = {
        **requests(bad, 200, 100 - failing),
        **requests(bad, draw.choice([500, 502, 503]), failing),
        **requests(good, 200, 100_000),
        **requests(good, 500, 2_000),
        # Whoever asks for what there is not makes a mistake of his own.
        **requests(clumsy, 404, 50),
        **requests(clumsy, 200, 50),
    }

    rehearsal.fires(series, "3m", set())
    rehearsal.fires(series, "25m", {("HighErrorRate", bad)})


@pytest.mark.step("alerts")
def test_errors_that_are_over_soon_wake_nobody(rehearsal: Rehearsal, draw: Draw) -> None:
    job = draw.token()
    failures = f'{COUNT}{{job="{job}",instance="a:1",method="GET",route="/",status="500"}}'
    series = {**requests(job, 200, 100), failures: "0x20 10+10x2 30x37"}

    for minute in (11, 13, 15, 20):
        rehearsal.fires(series, f"{minute}m", set())


@pytest.mark.step("alerts")
def test_slow_requests_raise_an_alert_when_they_are_more_than_one_in_twenty(rehearsal: Rehearsal, draw: Draw) -> None:
    slow, quick = draw.token(), draw.token()
    few = draw.integer(8, 30)
    series = {**durations(slow, 100 - few, few), **durations(quick, 10_000, 200)}

    rehearsal.fires(series, "3m", set())
    rehearsal.fires(series, "25m", {("SlowRequests", slow)})


# trace


@pytest.mark.step("trace")
def test_a_request_is_a_span_with_the_senders_as_its_parent(
    collector: Collector, clients: dict[str, Client], user_id: str, draw: Draw
) -> None:
    number = draw.integer(10**6, 10**9)
    cases = {
        "users": (f"{USERS}/{user_id}", 200, user_id),
        "orders": (f"{ORDERS}/{number}", 404, str(number)),
    }
    for service, (path, status, value) in cases.items():
        sender = Sender.drawn(draw)
        sent = clients[service].get(path, headers=sender.headers).has_status(status).sent
        span = exported(collector, sender.trace_id, service, "SERVER", sent)

        is_child(span, sender, sent)
        says(span, {"http.request.method": "GET", "http.response.status_code": status, "url.path": path}, sent)
        route = span.attributes.get("http.route")
        expect(route and value not in str(route), f"the attribute http.route, without {value}", span.attributes, sent)
        expect(span.name == f"GET {route}", f"the name 'GET {route}'", span, sent)
        expect(not span.is_error, "no error: a 404 is the client's", f"{span} has status ERROR", sent)
        expect(span.began < span.ended, "a span that ends after it has begun", (span.began, span.ended), sent)


@pytest.mark.step("trace")
def test_a_request_that_the_server_fails_is_an_error(
    collector: Collector, apart: Lonely, lonely: Client, draw: Draw
) -> None:
    sender = Sender.drawn(draw)
    sent = lonely.get(f"{USERS}/{draw.token()}", headers=sender.headers).has_status(502).sent

    span = exported(collector, sender.trace_id, apart.service, "SERVER", sent)
    says(span, {"http.response.status_code": 502}, sent)
    expect(span.is_error, "a span with the status ERROR", span, sent)


@pytest.mark.step("trace")
def test_a_traceparent_that_makes_no_sense_counts_as_none(collector: Collector, orders: Client, draw: Draw) -> None:
    trace_id, span_id = hexadecimal(draw, 32), hexadecimal(draw, 16)
    malformed = [
        None,
        "",
        draw.token(),
        f"00-{trace_id}-{span_id}",
        f"00-{trace_id[:-1]}-{span_id}-01",
        f"00-{trace_id[:-1]}x-{span_id}-01",
        f"00-{NO_TRACE}-{span_id}-01",
        f"00-{trace_id}-{NO_SPAN}-01",
        f"ff-{trace_id}-{span_id}-01",
        f"00-{trace_id}-{span_id}-01-more",
    ]
    asked: dict[str, tuple[str, str | None]] = {}
    for number, traceparent in enumerate(malformed):
        path = f"{ORDERS}/{draw.integer(10**6, 10**9)}{number}"
        headers = {} if traceparent is None else {"traceparent": traceparent}
        asked[path] = (orders.get(path, headers=headers).has_status(404, 422).sent, traceparent)

    for path, (sent, traceparent) in asked.items():
        found = spans_of(collector, {"url.path": path})[0]
        begins = not found.parent_id and found.trace_id not in (trace_id, NO_TRACE)
        expect(begins, f"a new trace, because the traceparent is {traceparent!r}", found, sent)


@pytest.mark.step("trace")
def test_a_traceparent_of_a_later_version_counts(collector: Collector, orders: Client, draw: Draw) -> None:
    sender = Sender.drawn(draw)
    headers = {"traceparent": f"cc-{sender.trace_id}-{sender.span_id}-01-{draw.token()}"}
    sent = orders.get(f"{ORDERS}/1", headers=headers).sent

    is_child(exported(collector, sender.trace_id, "orders", "SERVER", sent), sender, sent)


@pytest.mark.step("trace")
def test_what_the_sender_does_not_keep_is_not_exported(collector: Collector, orders: Client, draw: Draw) -> None:
    dropped, kept = Sender.drawn(draw, sampled=False), Sender.drawn(draw)
    sent = orders.get(f"{ORDERS}/1", headers=dropped.headers).sent
    orders.get(f"{ORDERS}/1", headers=kept.headers)

    exported(collector, kept.trace_id, "orders", "SERVER")
    spans = collector.spans(dropped.trace_id)
    expect(not spans, "no span: the last two digits of traceparent are 00", told(spans, collector), sent)


@pytest.mark.step("trace")
def test_the_share_is_of_traces_that_begin_here(
    collector: Collector, apart: Lonely, lonely: Client, draw: Draw
) -> None:
    sender = Sender.drawn(draw)
    lonely.get(f"/{draw.token()}")
    sent = lonely.get(f"/{draw.token()}", headers=sender.headers).sent

    exported(
        collector, sender.trace_id, apart.service, "SERVER", f"{sent}\nto a process with OTEL_TRACES_SAMPLER_ARG=0"
    )
    begun = [span for span in collector.spans() if span.service == apart.service and not span.parent_id]
    expect(not begun, "no trace that begins here", told(begun, collector), "OTEL_TRACES_SAMPLER_ARG=0")


@pytest.mark.step("trace")
def test_probes_are_not_traced(collector: Collector, orders: Client, draw: Draw) -> None:
    senders = {probe: Sender.drawn(draw) for probe in PROBES}
    for probe, sender in senders.items():
        orders.get(probe, headers=sender.headers)
    last = Sender.drawn(draw)
    # Its path ends as a probe's does, and is none.
    orders.get(f"{ORDERS}/metrics", headers=last.headers)

    exported(collector, last.trace_id, "orders", "SERVER", f"GET {ORDERS}/metrics")
    for probe, sender in senders.items():
        spans = collector.spans(sender.trace_id)
        expect(not spans, "no span for a probe", told(spans, collector), f"GET {probe}")


@pytest.mark.step("trace")
def test_a_collector_that_says_nothing_holds_nobody_up(collector: Collector, orders: Client, draw: Draw) -> None:
    with collector.silence():
        for _ in range(30):
            orders.get(f"{ORDERS}/1", headers=Sender.drawn(draw).headers, timeout=ANSWERED_AT_ONCE_S)


# across


@pytest.mark.step("across")
def test_one_trace_goes_from_the_gateway_to_the_orders_and_the_users(
    system: System, collector: Collector, web: Client, user_id: str, draw: Draw
) -> None:
    sender = Sender.drawn(draw)
    sent = place(web, user_id, draw, sender)
    parent: Span | Sender = sender
    for service, kind in [
        ("gateway", "SERVER"),
        ("gateway", "CLIENT"),
        ("orders", "SERVER"),
        ("orders", "CLIENT"),
        ("users", "SERVER"),
    ]:
        span = exported(collector, sender.trace_id, service, kind, sent)
        is_child(span, parent, sent)
        parent = span


@pytest.mark.step("across")
def test_a_call_says_what_is_called(
    system: System, collector: Collector, web: Client, user_id: str, draw: Draw
) -> None:
    sender = Sender.drawn(draw)
    sent = place(web, user_id, draw, sender)
    calls = {"gateway": ("POST", ORDERS, "orders", 201), "orders": ("GET", f"{USERS}/{user_id}", "users", 200)}
    for service, (method, path, called, status) in calls.items():
        span = exported(collector, sender.trace_id, service, "CLIENT", sent)
        address = system.url(called)
        about = {
            "http.request.method": method,
            "url.full": f"{address}{path}",
            "server.address": "127.0.0.1",
            "server.port": int(address.rsplit(":", 1)[1]),
            "http.response.status_code": status,
        }
        says(span, about, sent)
        expect(user_id not in span.name, "a name without an id in it", span, sent)


@pytest.mark.step("across")
def test_what_the_sender_keeps_in_tracestate_goes_along(
    collector: Collector, web: Client, user_id: str, draw: Draw
) -> None:
    sender, state = Sender.drawn(draw), f"x{draw.token(5)}={draw.token()}"
    sent = web.get(f"{USERS}/{user_id}", headers={**sender.headers, "tracestate": state}).has_status(200).sent

    span = exported(collector, sender.trace_id, "users", "SERVER", f"{sent}\ntracestate: {state}")
    expect(span.trace_state == state, f"the trace state {state}", f"{span} with {span.trace_state!r}", sent)


@pytest.mark.step("across")
def test_nobody_keeps_what_the_sender_does_not(collector: Collector, web: Client, user_id: str, draw: Draw) -> None:
    dropped, kept = Sender.drawn(draw, sampled=False), Sender.drawn(draw)
    for sender in (dropped, kept):
        sent = web.get(f"{USERS}/{user_id}", headers=sender.headers).has_status(200).sent

    exported(collector, kept.trace_id, "users", "SERVER", sent)
    exported(collector, kept.trace_id, "gateway", "SERVER", sent)
    spans = collector.spans(dropped.trace_id)
    expect(not spans, "no span of any service", told(spans, collector), f"traceparent: {dropped.traceparent}")


@pytest.mark.step("across")
def test_a_call_that_nobody_answers_is_an_error(
    collector: Collector, apart: Lonely, lonely: Client, draw: Draw
) -> None:
    sender = Sender.drawn(draw)
    sent = lonely.get(f"{USERS}/{draw.token()}", headers=sender.headers).has_status(502).sent

    span = exported(collector, sender.trace_id, apart.service, "CLIENT", sent)
    expect(span.is_error, "a CLIENT span with the status ERROR", span, sent)
    expect(span.attributes.get("error.type"), "the attribute error.type", span.attributes, sent)


# broker


@pytest.fixture
def channel(services: dict[str, Service], system: System) -> Iterator[Any]:
    """A channel to the broker that the processes use."""
    connection = pika.BlockingConnection(pika.URLParameters(services["rabbitmq"].url))
    try:
        yield connection.channel()
    finally:
        connection.close()


@pytest.mark.step("broker")
@pytest.mark.parametrize("carries", ["a trace", "none", "nonsense"])
def test_the_consumer_goes_on_with_the_trace_of_a_message(
    system: System, collector: Collector, channel: Any, draw: Draw, carries: str
) -> None:
    sender, message_id = Sender.drawn(draw), draw.token()
    headers = {"a trace": {"traceparent": sender.traceparent}, "none": None, "nonsense": {"traceparent": 7}}[carries]
    order = {"id": draw.integer(1, 1000), "userId": draw.token(), "total": draw.integer(1, 99)}
    properties = pika.BasicProperties(
        content_type="application/json", message_id=message_id, headers=headers, correlation_id=draw.token()
    )
    channel.basic_publish("", QUEUE, json.dumps(order), properties)
    sent = f"basic.publish to {QUEUE} with the headers {headers}"

    (span,) = spans_of(collector, {"messaging.message.id": message_id})
    expect(span.kind == "CONSUMER", "a span of the kind CONSUMER", span, sent)
    if carries == "a trace":
        expect(span.trace_id == sender.trace_id, f"a span of the trace {sender.trace_id}", span, sent)
        is_child(span, sender, sent)
    else:
        expect(not span.parent_id, "a new trace", span, sent)


@pytest.mark.step("broker")
def test_the_trace_goes_through_the_broker(collector: Collector, orders: Client, user_id: str, draw: Draw) -> None:
    sender = Sender.drawn(draw)
    sent = place(orders, user_id, draw, sender)
    server = exported(collector, sender.trace_id, "orders", "SERVER", sent)
    producer = exported(collector, sender.trace_id, "orders", "PRODUCER", sent)
    consumer = exported(collector, sender.trace_id, "consumer", "CONSUMER", sent)

    is_child(producer, server, sent)
    is_child(consumer, producer, sent)
    for span, operation, kind in ((producer, "publish", "send"), (consumer, "process", "process")):
        about = {
            "messaging.system": "rabbitmq",
            "messaging.operation.name": operation,
            "messaging.operation.type": kind,
            "messaging.destination.name": QUEUE,
        }
        says(span, about, sent)
        expect(span.name == f"{operation} {QUEUE}", f"the name '{operation} {QUEUE}'", span, sent)
    message_id = producer.attributes.get("messaging.message.id")
    expect(message_id, "the attribute messaging.message.id", producer.attributes, sent)
    says(consumer, {"messaging.message.id": message_id}, sent)


@pytest.mark.step("broker")
def test_the_message_itself_carries_the_trace(
    system: System, collector: Collector, orders: Client, channel: Any, user_id: str, draw: Draw
) -> None:
    system.processes("consumer")[0].stop()
    sender = Sender.drawn(draw)
    sent = place(orders, user_id, draw, sender)
    _, properties, body = eventually(lambda: taken(channel), expected=f"a message in the queue {QUEUE}")

    producer = exported(collector, sender.trace_id, "orders", "PRODUCER", sent)
    wanted = f"00-{sender.trace_id}-{producer.span_id}-01"
    got = (properties.headers or {}).get("traceparent")
    expect(got == wanted, f"the message's header traceparent: {wanted}", got, sent)
    expect(properties.message_id, "a message with a message_id", properties, sent)
    says(producer, {"messaging.message.id": properties.message_id}, sent)
    expect(properties.correlation_id == sender.request_id, "the request's id as correlation_id", properties, sent)
    expect(json.loads(body)["userId"] == user_id, f"an event about the user {user_id}", body, sent)


def taken(channel: Any) -> Any:
    """The first message of the queue; None if it is empty."""
    message = channel.basic_get(QUEUE, auto_ack=True)
    return message if message[0] else None


# logs


def lines(system: System, name: str, **fields: str) -> list[dict[str, Any]]:
    """The lines of JSON that a process has written and that have these fields."""
    found = []
    for line in system.processes(name)[0].log().splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and fields.items() <= said.items():
            found.append(said)
    return found


def written(system: System, name: str, sent: str, **fields: str) -> list[dict[str, Any]]:
    """Such lines, as soon as there is one."""
    shown = ", ".join(f"{key} {value!r}" for key, value in fields.items())
    wanted = f"a line in the log of {name} with {shown}, after {sent.splitlines()[0]}"
    return eventually(lambda: lines(system, name, **fields), expected=wanted)


@pytest.mark.step("logs")
@pytest.mark.parametrize("sampled", [True, False])
def test_the_lines_of_a_request_carry_its_trace(system: System, orders: Client, draw: Draw, *, sampled: bool) -> None:
    sender = Sender.drawn(draw, sampled=sampled)
    sent = orders.get(f"{ORDERS}/1", headers=sender.headers).sent

    for line in written(system, "orders", sent, request_id=sender.request_id):
        expect(line.get("trace_id") == sender.trace_id, f"a line with trace_id {sender.trace_id}", line, sent)
        has_id = re.fullmatch("[0-9a-f]{16}", str(line.get("span_id"))) and line["span_id"] != sender.span_id
        expect(has_id, "a line with the span_id of this process's span, 16 digits", line, sent)


@pytest.mark.step("logs")
def test_from_a_line_one_finds_its_span(system: System, collector: Collector, orders: Client, draw: Draw) -> None:
    sender = Sender.drawn(draw)
    sent = orders.get(f"{ORDERS}/1", headers=sender.headers).sent
    span = exported(collector, sender.trace_id, "orders", "SERVER", sent)

    ids = {line.get("span_id") for line in written(system, "orders", sent, request_id=sender.request_id)}
    expect(span.span_id in ids, f"a line with span_id {span.span_id}, which was exported", ids, sent)


@pytest.mark.step("logs")
def test_a_line_that_belongs_to_no_request_has_no_trace(system: System, orders: Client) -> None:
    at_start = [line for name in PROCESSES for line in lines(system, name) if "request_id" not in line]
    wrong = [line for line in at_start if "trace_id" in line or "span_id" in line]
    expect(not wrong, "no trace_id where there is no trace", wrong[:1], "what is logged outside of requests")


@pytest.mark.step("logs")
def test_the_consumers_lines_carry_the_trace_and_the_request_of_the_sender(
    system: System, channel: Any, draw: Draw
) -> None:
    sender = Sender.drawn(draw)
    order = {"id": draw.integer(1, 10**6), "userId": draw.token(), "total": 1}
    properties = pika.BasicProperties(
        content_type="application/json",
        message_id=draw.token(),
        correlation_id=sender.request_id,
        headers={"traceparent": sender.traceparent},
    )
    channel.basic_publish("", QUEUE, json.dumps(order), properties)

    sent = f"basic.publish to {QUEUE} with correlation_id {sender.request_id}"
    for line in written(system, "consumer", sent, request_id=sender.request_id):
        got = (line.get("trace_id"), line.get("request_id"))
        expect(got[0] == sender.trace_id, f"a line with trace_id {sender.trace_id}", line, sent)
