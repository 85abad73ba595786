"""Lesson 19: processes and scaling. Each test is one promise of the lesson's contract, told by HTTP and signals."""

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import httpx
import psutil
import pytest

from taller.grading import Answer, Client, Draw, eventually, expect, refuses_to_start
from taller.grading.bench import Bench
from taller.runner import Process, System

TOKEN = "only-operators-may-manage"
# What is promised within a second or two, on a machine that has other work too.
SOON_S = 20
RESTARTED_S = 5
# How long a client waits for what is done one worker after the other.
PATIENCE_S = 60
WORK = "/api/work"


class Manager:
    """What those who run the processes see and do."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._client = Client(process.url)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """A request with the token."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self._client.request(method, f"/manage/{path}", headers=headers, timeout=PATIENCE_S, **options)

    def processes(self) -> dict[str, dict[str, Any]]:
        """All processes by name."""
        answer = self.call("GET", "processes").has_status(200)
        found = {}
        for item in answer.items():
            is_whole = isinstance(item, dict) and {"name", "state", "pid", "uptimeS"} <= item.keys()
            expect(is_whole, "a name, state, pid and uptimeS for each process", answer.got, answer.sent)
            found[item["name"]] = item
        return found

    def named(self, name: str) -> Answer:
        """One process."""
        return self.call("GET", f"processes/{name}").has_status(200)

    def order(self, name: str, action: str) -> Answer:
        """Have it started, stopped or restarted."""
        return self.call("POST", f"processes/{name}/{action}").has_status(202)

    def log(self, name: str, **options: Any) -> list[str]:
        """The lines of its log."""
        answer = self.call("GET", f"logs/{name}", params=options).has_status(200)
        answer.header("Content-Type", "text/plain.*")
        return answer.text.splitlines()

    def is_in(self, name: str, state: str) -> dict[str, Any]:
        """Wait until the process is in that state."""

        def look() -> dict[str, Any] | None:
            answer = self.named(name)
            expect(answer.field("state", str) == state, f"the state {state!r}", answer.got, answer.sent)
            found: dict[str, Any] = answer.json
            return found

        return eventually(look, within=SOON_S) or {}

    def real(self, name: str) -> psutil.Process:
        """The process of that name, once it runs, as the system knows it: it must be one that the lesson started."""

        def look() -> psutil.Process:
            answer = self.named(name)
            family = {child.pid: child for child in descendants(self._process)}
            pid = answer.field("pid")
            expect(pid in family, "the pid of a process that runs below the program", answer.got, answer.sent)
            return family[pid]

        return eventually(look)


def descendants(process: Process) -> list[psutil.Process]:
    """All that a program has started."""
    return list(psutil.Process(process.pid).children(recursive=True))


@dataclass(frozen=True)
class Crew:
    """A second program with one worker and programs of ours, whose names and words are drawn."""

    process: Process
    speaker: str
    said: list[str]
    spare: str
    polite: str
    broken: str


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest, bench: Bench) -> Crew:
    """The crew; programs that need some seconds to show what they do have begun by the time they are asked."""
    draw = Draw(request.config.option.seed, "crew")
    names = [f"{kind}-{draw.token()[:8].lower()}" for kind in ("speaker", "spare", "polite", "broken")]
    speaker, spare, polite, broken = names
    said = [f"line {number} {draw.token()} 100%" for number in range(5)]
    lines = "; ".join(f"echo '{line}'{' >&2' if number % 2 else ''}" for number, line in enumerate(said))
    programs = {
        speaker: f"{lines}; exec sleep 1000",
        spare: "exec sleep 1000",
        polite: "trap 'exit 0' TERM; while true; do sleep 0.05; done",
        broken: "date +%s.%N; exit 3",
    }
    process = bench.system.launch("web", {"WORKERS": "1", "PROGRAMS": json.dumps(programs)})
    return Crew(process, speaker, said, spare, polite, broken)


@pytest.fixture
def crew(started: Crew, system: System) -> Crew:
    """The crew, alive: an earlier test may have ended it."""
    if started.process.alive:
        started.process.await_ready()
    else:
        started.process.restart()
    return started


@pytest.fixture
def foreman(crew: Crew) -> Iterator[Manager]:
    """The manager of the crew."""
    manager = Manager(crew.process)
    yield manager
    manager.close()


@pytest.fixture
def manager(system: System) -> Iterator[Manager]:
    """The manager of the formation."""
    manager = Manager(system.processes("web")[0])
    yield manager
    manager.close()


@pytest.fixture
def workers(manager: Manager, web: Client) -> list[str]:
    """The names of the workers, each of which answers: an earlier test may have stopped one."""
    names = [name for name in manager.processes() if name.startswith("worker-")]
    for name in names:
        manager.order(name, "start")
    answers_from(web, set(names))
    return names


def answers_from(web: Client, names: set[str]) -> None:
    """Wait until every worker of these has answered, and no other."""

    def ask() -> bool:
        found = {name_of(web.get("/api/whoami")) for _ in range(4 * len(names))}
        expect(found == names, f"answers of {sorted(names)}", sorted(found), "GET /api/whoami, again and again")
        return True

    eventually(ask, within=SOON_S)


def name_of(answer: Answer) -> str:
    """Which worker has answered."""
    name: str = answer.has_status(200).field("name", str)
    return name


# Load


@dataclass
class Load:
    """What came back so far."""

    answers: Counter[str]
    lost: list[str]

    @property
    def total(self) -> int:
        """How many were answered."""
        return self.answers.total()


@contextmanager
def under_load(url: str, meanwhile: str, *, fresh: bool = False) -> Iterator[Load]:
    """Send GET and POST again and again; raises ``Unmet`` in the end when one of them was not answered with 200.

    ``meanwhile`` says what happens, for the feedback. With ``fresh`` each request has a connection of its own.
    """
    stop, load = threading.Event(), Load(Counter(), [])
    limits = httpx.Limits(max_keepalive_connections=0 if fresh else 1)

    def ask(method: str) -> None:
        transport = httpx.HTTPTransport(verify=False, trust_env=False, limits=limits)
        with httpx.Client(base_url=url, transport=transport, timeout=PATIENCE_S, trust_env=False) as client:
            while not stop.is_set() and not load.lost:
                try:
                    answer = client.request(method, WORK, params={"kind": "io", "ms": 20})
                except httpx.TransportError as error:
                    load.lost.append(f"{method} {WORK}: {type(error).__name__} {error}")
                    return
                if answer.status_code != 200:
                    load.lost.append(f"{method} {WORK}: {answer.status_code} {answer.text[:200]}")
                    return
                load.answers[method] += 1

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, method) for method in ("GET", "POST", "GET", "POST")]
        try:
            eventually(lambda: load.total > 20 or load.lost, within=SOON_S, expected="answers under load")
            before = load.total
            yield load
            eventually(lambda: load.total > before + 20 or load.lost, within=SOON_S, expected="answers under load")
        finally:
            stop.set()
            for each in asking:
                each.result()
            # What a client has seen says more than what followed from it.
            expect(
                not load.lost,
                "every request to be answered with 200",
                f"{load.lost[:1]} after {load.total} answers",
                f"GET and POST {WORK} from four clients, while {meanwhile}",
            )


class InHand:
    """Requests that take a while, each sent and not yet answered."""

    def __init__(self, url: str, methods: Sequence[str], milliseconds: int) -> None:
        self._url, self._milliseconds = url, milliseconds
        self._pool = ThreadPoolExecutor(len(methods))
        self._answers: list[Future[Answer]] = [self._pool.submit(self._ask, method) for method in methods]
        # They are at their workers well before that, and not yet done.
        time.sleep(milliseconds / 1000 / 4)

    def _ask(self, method: str) -> Answer:
        client = Client(self._url)
        try:
            params = {"kind": "io", "ms": self._milliseconds}
            return client.request(method, WORK, params=params, timeout=PATIENCE_S)
        finally:
            client.close()

    def answers(self) -> list[Answer]:
        """The answers, when all are there."""
        with self._pool:
            return [future.result() for future in self._answers]


# start


@pytest.mark.step("start")
def test_it_is_healthy_once_it_can_serve(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("start")
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_nobody_manages_without_the_token(web: Client, header: dict[str, str]) -> None:
    for method, path in [("GET", "processes"), ("GET", "logs/nginx"), ("POST", "reload"), ("PUT", "configuration")]:
        answer = web.request(method, f"/manage/{path}", headers=header).has_status(401)
        answer.header("Content-Type", r"application/problem\+json.*")


@pytest.mark.step("start")
def test_settings_that_make_no_sense_end_it(system: System, draw: Draw) -> None:
    short = draw.token()[:9]
    wrong = {
        "MANAGE_TOKEN": short,
        "WORKERS": draw.choice(["0", "17", "many"]),
        "PROGRAMS": draw.choice(["[1]", '{"Not A Name": "true"}', '{"worker-1": "true"}', "no JSON"]),
    }
    launched = {variable: system.launch("web", {variable: value}) for variable, value in wrong.items()}
    for variable, process in launched.items():
        hides = short if variable == "MANAGE_TOKEN" else ""
        refuses_to_start(process, variable, wrong[variable], hides=hides)


# status


@pytest.mark.step("status")
def test_every_process_is_listed_by_its_name(crew: Crew, foreman: Manager) -> None:
    listed = foreman.processes()
    names = {crew.speaker, crew.polite, crew.broken, "worker-1"}
    expect(names <= listed.keys(), f"processes called {sorted(names)}", sorted(listed), "GET /manage/processes")
    for name in (crew.speaker, "worker-1"):
        foreman.is_in(name, "running")
        real = foreman.real(name)
        told, age = foreman.named(name), time.time() - real.create_time()
        expect(
            abs(told.field("uptimeS", int) - age) < 3, f"an uptimeS of about {age:.0f}", told.got, f"{name}, running"
        )


@pytest.mark.step("status")
def test_a_process_is_stopped_started_and_restarted(crew: Crew, foreman: Manager) -> None:
    first = foreman.real(crew.spare)
    foreman.order(crew.spare, "stop")
    stopped = foreman.is_in(crew.spare, "stopped")
    expect(stopped["pid"] is None, "no pid", stopped, f"POST /manage/processes/{crew.spare}/stop")
    eventually(lambda: not first.is_running(), within=SOON_S, expected=f"the process {first.pid} to have ended")
    foreman.order(crew.spare, "start")
    second = foreman.real(crew.spare)
    foreman.order(crew.spare, "start")
    expect(foreman.real(crew.spare).pid == second.pid, "the same process: it ran", "another", "start, a second time")
    foreman.order(crew.spare, "restart")
    third = foreman.real(crew.spare)
    expect(len({first.pid, second.pid, third.pid}) == 3, "a new process", third.pid, "restart")


@pytest.mark.step("status")
def test_a_name_that_nobody_has_is_not_found(manager: Manager, draw: Draw) -> None:
    name = f"nobody-{draw.token()[:6].lower()}"
    manager.call("GET", f"processes/{name}").has_status(404)
    for action in ("start", "stop", "restart"):
        manager.call("POST", f"processes/{name}/{action}").has_status(404)


# balance


@pytest.mark.step("balance")
def test_each_worker_is_a_process_and_answers(manager: Manager, web: Client) -> None:
    names = {name for name in manager.processes() if name.startswith("worker-")}
    expect(names == {"worker-1", "worker-2"}, "worker-1 and worker-2", sorted(names), "WORKERS=2")
    answers_from(web, names)
    pids = {manager.real(name).pid for name in names}
    told = {web.get("/api/whoami").has_status(200).field("pid", int) for _ in range(8)}
    expect(told == pids, f"the pids {sorted(pids)} of the two", sorted(told), "GET /api/whoami")


@pytest.mark.step("balance")
def test_requests_are_shared_evenly(web: Client, workers: list[str]) -> None:
    counts = Counter(name_of(web.get(WORK)) for _ in range(60))
    expect(min(counts[name] for name in workers) >= 20, "at least 20 at each", dict(counts), f"60 times GET {WORK}")


@pytest.mark.step("balance")
def test_a_request_goes_to_the_worker_with_the_fewest_in_hand(system: System, web: Client, workers: list[str]) -> None:
    slow = InHand(system.url("web"), ["GET"], 1500)
    names = {name_of(web.get("/api/whoami")) for _ in range(6)}
    [busy] = [name_of(answer) for answer in slow.answers()]
    expect(busy not in names, f"answers of another than {busy}", sorted(names), f"GET /api/whoami, {busy} is at work")


@pytest.mark.step("balance")
def test_a_worker_that_is_away_costs_no_request(manager: Manager, web: Client, workers: list[str], draw: Draw) -> None:
    away = draw.choice(workers)
    manager.order(away, "stop")
    for method in ["GET", "POST"] * 4:
        answer = web.request(method, WORK)
        expect(name_of(answer) != away, f"another than {away}", answer.got, f"{method} {WORK} while {away} is stopped")
    manager.order(away, "start")
    answers_from(web, set(workers))


# logs


@pytest.mark.step("logs")
def test_a_log_has_what_its_process_has_printed(crew: Crew, foreman: Manager) -> None:
    printed = [*crew.said[0::2], *crew.said[1::2]]
    lines = foreman.log(crew.speaker)
    sent = f"GET /manage/logs/{crew.speaker}"
    expect(set(printed) <= set(lines), f"both outputs of the program: {printed}", lines, sent)
    others = [name for name in foreman.processes() if name != crew.speaker and crew.said[0] in foreman.log(name)]
    expect(not others, "these lines in no other log", others, "GET /manage/logs of the others")


@pytest.mark.step("logs")
def test_a_log_is_shown_from_its_end(crew: Crew, foreman: Manager) -> None:
    whole = foreman.log(crew.speaker)
    expect(foreman.log(crew.speaker, lines=2) == whole[-2:], str(whole[-2:]), "others", "the log with lines=2")
    for lines in (0, 1001, "all"):
        foreman.call("GET", f"logs/{crew.speaker}", params={"lines": lines}).is_refused("lines")


@pytest.mark.step("logs")
def test_a_request_is_in_the_log_of_the_worker_that_answered(manager: Manager, web: Client, draw: Draw) -> None:
    identity = f"id-{draw.token()}"
    name = name_of(web.get("/api/whoami", headers={"X-Request-ID": identity}))

    def in_log(name: str) -> bool:
        return any(identity in line for line in manager.log(name))

    eventually(lambda: in_log(name), within=SOON_S, expected=f"the request's id in the log of {name}")
    others = [each for each in manager.processes() if each != name and in_log(each)]
    expect(not others, f"it in the log of {name} alone", others, f"X-Request-ID: {identity}")


@pytest.mark.step("logs")
def test_there_is_no_log_of_nobody(manager: Manager, draw: Draw) -> None:
    for name in (f"nobody-{draw.token()[:6].lower()}", "..%2fconfiguration"):
        manager.call("GET", f"logs/{name}").has_status(404)


# restart


def is_back(manager: Manager, name: str, old: psutil.Process, how: str) -> None:
    """Wait until there is a new process in the place of one that has died."""

    def look() -> bool:
        answer = manager.named(name)
        expect(answer.field("pid") not in (None, old.pid), "a new pid", answer.got, f"{name} {how}")
        return True

    eventually(look, within=RESTARTED_S)
    manager.real(name)


@pytest.mark.step("restart")
def test_a_program_that_is_killed_is_started_again(crew: Crew, foreman: Manager) -> None:
    foreman.is_in(crew.speaker, "running")
    old = foreman.real(crew.speaker)
    old.kill()
    is_back(foreman, crew.speaker, old, "was killed")


@pytest.mark.step("restart")
def test_a_program_that_ends_well_is_started_again_too(crew: Crew, foreman: Manager) -> None:
    foreman.is_in(crew.polite, "running")
    old = foreman.real(crew.polite)
    old.send_signal(signal.SIGTERM)
    is_back(foreman, crew.polite, old, "has ended with status 0")


@pytest.mark.step("restart")
def test_a_worker_that_is_killed_is_back_and_serves(foreman: Manager, crew: Crew) -> None:
    foreman.is_in("worker-1", "running")
    web, old = Client(crew.process.url), foreman.real("worker-1")
    old.kill()
    is_back(foreman, "worker-1", old, "was killed")
    answers_from(web, {"worker-1"})
    web.close()


# back-off


@pytest.mark.step("back-off")
def test_what_cannot_run_is_tried_again_later_each_time_and_then_no_more(crew: Crew, foreman: Manager) -> None:
    def has_come_to_its_end() -> bool:
        return foreman.named(crew.broken).field("state") == "fatal" or len(foreman.log(crew.broken)) > 3

    eventually(has_come_to_its_end, within=SOON_S, expected="the state 'fatal'")
    starts = [float(line) for line in foreman.log(crew.broken)]
    expect(len(starts) == 3, "one start and two retries", len(starts), f"{crew.broken} ends at once; START_RETRIES=2")
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    waited = pauses[0] >= 0.9 and pauses[1] >= 1.9
    expect(waited, "a pause of one second, then of two", pauses, f"{crew.broken} ends at once")


@pytest.mark.step("back-off")
def test_what_was_given_up_is_started_when_somebody_says_so(crew: Crew, foreman: Manager) -> None:
    foreman.is_in(crew.broken, "fatal")
    before = len(foreman.log(crew.broken))
    foreman.order(crew.broken, "start")
    eventually(
        lambda: len(foreman.log(crew.broken)) > before, within=SOON_S, expected=f"another start of {crew.broken}"
    )


@pytest.mark.step("back-off")
def test_one_that_cannot_run_disturbs_no_other(crew: Crew, foreman: Manager) -> None:
    steady = foreman.real("worker-1")
    foreman.order(crew.broken, "restart")
    foreman.is_in(crew.broken, "backoff")
    expect(foreman.real("worker-1").pid == steady.pid, "worker-1 as it was", "a new one", f"{crew.broken} fails")


# drain


@pytest.mark.step("drain")
def test_a_worker_finishes_what_it_has_in_hand(
    system: System, manager: Manager, workers: list[str], draw: Draw
) -> None:
    away = draw.choice(workers)
    slow = InHand(system.url("web"), ["GET", "POST", "GET", "POST"], 1200)
    manager.order(away, "stop")
    answers = slow.answers()
    names = {name_of(answer) for answer in answers}
    expect(names == set(workers), f"answers of {workers}", sorted(names), f"{away} stopped with requests in hand")
    manager.order(away, "start")


@pytest.mark.step("drain")
def test_a_worker_that_stops_under_load_loses_no_request(
    system: System, manager: Manager, workers: list[str], draw: Draw
) -> None:
    away = draw.choice(workers)
    with under_load(system.url("web"), f"{away} is stopped and started"):
        manager.order(away, "stop")
        manager.order(away, "start")


@pytest.mark.step("drain")
def test_the_whole_finishes_what_it_has_in_hand_and_leaves_nothing_behind(crew: Crew, foreman: Manager) -> None:
    foreman.real("worker-1")
    family = descendants(crew.process)
    # supervisor may take a second to see the signal.
    slow = InHand(crew.process.url, ["GET", "POST"], 2400)
    crew.process.signal(signal.SIGTERM)
    for answer in slow.answers():
        answer.has_status(200)
    status = crew.process.wait(SOON_S)
    expect(status == 0, "exit status 0", status, "SIGTERM, with two requests in hand")
    left = [each.pid for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    expect(not left, "no process left", left, "SIGTERM")


# reload


@pytest.mark.step("reload")
def test_all_workers_are_renewed_and_no_request_is_lost(
    system: System, manager: Manager, web: Client, workers: list[str]
) -> None:
    old = {manager.named(name).field("pid", int) for name in workers}
    with under_load(system.url("web"), "all workers are renewed by POST /manage/reload"):
        manager.call("POST", "reload").has_status(200)
    new = {web.get("/api/whoami").has_status(200).field("pid", int) for _ in range(8)}
    expect(len(new) == len(workers) and not old & new, "answers of new processes only", f"{old}, then {new}", "reload")


@pytest.mark.step("reload")
def test_one_worker_alone_is_not_renewed(foreman: Manager) -> None:
    old = foreman.named("worker-1").field("pid", int)
    foreman.call("POST", "reload").has_status(409)
    expect(foreman.named("worker-1").field("pid") == old, "worker-1 as it was", "a new one", "POST /manage/reload")


# configuration


@pytest.mark.step("configuration")
def test_workers_come_go_and_change_and_no_request_is_lost(
    system: System, manager: Manager, web: Client, workers: list[str], draw: Draw
) -> None:
    greeting = f"Hello {draw.token()}"
    more = {"workers": 3, "greeting": greeting}
    changes = f"the configuration changes to {more}, and then to one worker with another"
    with under_load(system.url("web"), changes, fresh=True):
        manager.call("PUT", "configuration", json=more).has_status(200).is_json(more)
        answers_from(web, {"worker-1", "worker-2", "worker-3"})
        said = {web.get("/api/whoami").has_status(200).field("greeting", str) for _ in range(9)}
        expect(said == {greeting}, f"the greeting {greeting!r} from all", sorted(said), f"configuration {more}")
        gone = manager.named("worker-3").field("pid", int)
        manager.call("PUT", "configuration", json={"workers": 1, "greeting": f"{greeting}!"}).has_status(200)
    answers_from(web, {"worker-1"})
    expect("worker-3" not in manager.processes(), "no worker-3", sorted(manager.processes()), "one worker")
    manager.call("PUT", "configuration", json={"workers": 2, "greeting": greeting}).has_status(200)
    answers_from(web, {"worker-1", "worker-2"})
    manager.call("GET", "configuration").has_status(200).is_json({"workers": 2, "greeting": greeting})
    eventually(lambda: not psutil.pid_exists(gone), within=SOON_S, expected=f"worker-3, process {gone}, to have ended")


@pytest.mark.step("configuration")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"workers": 0}, "workers"),
        ({"workers": 17}, "workers"),
        ({"workers": "2"}, "workers"),
        ({"greeting": ""}, "greeting"),
        ({"colour": "red"}, "colour"),
    ],
    ids=json.dumps,
)
def test_a_configuration_that_makes_no_sense_changes_nothing(
    manager: Manager, wrong: dict[str, Any], field: str
) -> None:
    before = manager.call("GET", "configuration").has_status(200)
    running = manager.processes().keys()
    manager.call("PUT", "configuration", json={**before.json, **wrong}).is_refused(field)
    manager.call("GET", "configuration").has_status(200).is_json(before.json)
    expect(manager.processes().keys() == running, "the same processes", "others", f"PUT {wrong}")
