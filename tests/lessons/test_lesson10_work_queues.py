"""Lesson 10: work queues. Each test is one promise of the lesson's contract, over HTTP and over AMQP."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Service
from taller.runner import Process, System

TASKS = "/api/tasks"
QUEUE = "tasks_queue"
DEAD = "tasks_queue.dead"
JSON = "application/json"
DELAYS_S = (0.1, 0.2, 0.4)
PERSISTENT = pika.DeliveryMode.Persistent
WORKERS = 2
TASKS_THAT_WAIT = 12

Task = dict[str, Any]


class Broker:
    """What a person with an AMQP client can see and do, on a connection of its own each time."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel, for as long as the context lasts."""
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        try:
            yield connection.channel()
        finally:
            with suppress(AMQPError):
                connection.close()

    def look(self, queue: str) -> tuple[int, int]:
        """How many messages are ready in a queue, and how many consumers it has."""
        with self.channel() as channel:
            try:
                found = channel.queue_declare(queue, passive=True).method
            except ChannelClosedByBroker as error:
                raise Unmet(f"a queue {queue}", error.reply_text, f"queue.declare {queue} (passive)") from None
            return found.message_count, found.consumer_count

    def waiting(self, queue: str = QUEUE) -> int:
        """How many messages are ready in a queue."""
        return self.look(queue)[0]

    def take(self, queue: str) -> tuple[pika.BasicProperties, bytes] | None:
        """Take the first message out of a queue; None if it is empty."""
        with self.channel() as channel:
            _, properties, body = channel.basic_get(queue, auto_ack=True)
            return None if properties is None or body is None else (properties, body)

    def put(self, body: bytes, times: int = 1, content_type: str | None = JSON) -> str:
        """Publish a body to the queue of tasks; what was done, for feedback."""
        properties = pika.BasicProperties(content_type=content_type, delivery_mode=PERSISTENT)
        with self.channel() as channel:
            channel.confirm_delivery()
            for _ in range(times):
                channel.basic_publish("", QUEUE, body, properties, mandatory=True)
        how_often = "" if times == 1 else f" {times} times"
        return f"basic.publish to {QUEUE}{how_often}, content type {content_type}\n{body.decode(errors='replace')}"

    def forget(self, *queues: str) -> None:
        """Throw away what is ready in the queues that are there."""
        for queue in queues:
            with self.channel() as channel, suppress(ChannelClosedByBroker):
                channel.queue_purge(queue)


@pytest.fixture
def broker(services: dict[str, Service], system: System) -> Broker:
    """The broker, its queues empty: what an earlier test has left would be in the way."""
    broker = Broker(services["rabbitmq"].url)
    broker.forget(QUEUE, DEAD)
    return broker


@pytest.fixture
def no_workers(system: System, broker: Broker) -> None:
    """No worker runs, and the broker has noticed."""
    for worker in system.processes("worker"):
        worker.kill()
    nobody_consumes(broker)


def nobody_consumes(broker: Broker) -> None:
    """Wait until the broker has taken back what ended workers had in hand."""
    eventually(lambda: broker.look(QUEUE)[1] == 0, expected=f"no consumer of {QUEUE} once the workers have ended")


def receipt(draw: Draw, **drill: float) -> Task:
    """A task whose result is a hash that nobody can know beforehand."""
    return {"task": "receipt", "payload": {"text": draw.name()}, "drill": drill}


def points(customer: str, count: int, **drill: float) -> Task:
    """A task with an effect that can be counted."""
    return {"task": "points", "payload": {"customer": customer, "points": count}, "drill": drill}


def post(web: Client, task: Task) -> str:
    """Have a task taken; its id."""
    return str(web.post(TASKS, json=task).has_status(202).field("id", str))


def state(web: Client, task_id: str) -> Answer:
    """What is known of a task."""
    return web.get(f"{TASKS}/{task_id}").has_status(200)


def becomes(web: Client, task_id: str, wanted: str, within: float = 5) -> Answer:
    """Wait until a task is in that state."""

    def there() -> Answer:
        answer = state(web, task_id)
        expect(
            answer.field("state", str) == wanted, f"the state {wanted!r} within {within:g} s", answer.got, answer.sent
        )
        return answer

    return eventually(there, within=within)


def states(answer: Answer) -> list[str]:
    """The states that a task has been in, in order."""
    return [moment["state"] for moment in answer.field("history", list)]


def ended(answer: Answer) -> datetime:
    """When a task came into its last state."""
    return _time(answer.field("history", list)[-1]["at"], answer.sent)


def runner_of(system: System, task_id: str) -> Process:
    """Wait for the worker that has begun a task: it says so in its log."""
    expected = f"a worker that prints a line with the id {task_id} when it begins"

    def found() -> Process:
        for worker in system.processes("worker"):
            if worker.alive and task_id in worker.log():
                return worker
        raise Unmet(expected, "none of them does")

    return eventually(found)


def card(web: Client, customer: str) -> int:
    """How many points a customer has."""
    return int(web.get(f"/api/customers/{customer}/points").has_status(200).field("points", int))


# health


@pytest.mark.step("health")
def test_health_answers_ok(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("health")
def test_a_variable_that_makes_no_sense_ends_a_process_with_status_2(system: System, draw: Draw) -> None:
    wrong = [("web", "PORT"), ("web", "AMQP_URL"), ("worker", "AMQP_URL"), ("worker", "RETRY_DELAYS_MS")]
    value = draw.choice(["", "nonsense", "-1", "localhost"])
    launched = [(system.launch(name, {variable: value}), variable) for name, variable in wrong]
    for process, variable in launched:
        refuses_to_start(process, variable, value)


@pytest.mark.step("health")
def test_sigterm_ends_the_web_process_with_status_0(system: System) -> None:
    status = system.start("web").stop(grace=10)
    expect(status == 0, "exit status 0 within 10 s", f"exit status {status}", "SIGTERM to web")


# enqueue


@pytest.mark.step("enqueue")
def test_a_task_is_answered_with_202_and_its_id(web: Client, draw: Draw) -> None:
    answer = web.post(TASKS, json=receipt(draw)).has_status(202)
    try:
        UUID(answer.field("id", str))
    except ValueError:
        raise Unmet("an id that is a UUID", answer.got, answer.sent) from None
    expect(answer.field("state", str) == "queued", "the state 'queued'", answer.got, answer.sent)
    expected = f"{TASKS}/{answer.json['id']}"
    answer.header("Location", rf"(https?://[^/]+)?{re.escape(expected)}")


@pytest.mark.step("enqueue")
def test_every_task_has_an_id_of_its_own(web: Client, draw: Draw) -> None:
    task = receipt(draw)
    ids = {post(web, task) for _ in range(5)}
    expect(len(ids) == 5, "five different ids", ids, f"five times POST {TASKS}")


@pytest.mark.step("enqueue")
@pytest.mark.usefixtures("no_workers")
def test_the_task_lies_in_the_queue_as_a_persistent_message(web: Client, broker: Broker, draw: Draw) -> None:
    task = draw.choice([receipt(draw), points(draw.token(), draw.integer(1, 99))])
    task_id = post(web, task)
    sent = f"POST {TASKS}\n{json.dumps(task)}"
    message = broker.take(QUEUE)
    expect(message, f"a message in {QUEUE}", "none, although the answer was 202", sent)
    assert message is not None
    properties, content = message
    body = _json(content, sent)
    got = content.decode()
    expect(properties.content_type == JSON, f"the content type {JSON}", properties.content_type, sent)
    expect(properties.delivery_mode == PERSISTENT.value, "a persistent message", f"{properties.delivery_mode=}", sent)
    expect(body.get("id") == task_id, f"a message with the id {task_id}", got, sent)
    for field in ("task", "payload"):
        expect(body.get(field) == task[field], f"{field} in the message as it was sent", got, sent)
    created = _time(body.get("createdAt"), sent)
    age = abs(time.time() - created.timestamp())
    expect(age < 60, "createdAt to be the time at which the task was taken", body.get("createdAt"), sent)


@pytest.mark.step("enqueue")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"task": "nothing"}, "task"),
        ({"task": None}, "task"),
        ({"payload": {}}, "text"),
        ({"payload": {"text": ""}}, "text"),
        ({"payload": {"text": "x" * 10_001}}, "text"),
        ({"payload": {"text": 5}}, "text"),
        ({"payload": {"text": "x", "colour": "red"}}, "colour"),
        ({"payload": "x"}, "payload"),
        ({"task": "points", "payload": {"customer": "a/b", "points": 1}}, "customer"),
        ({"task": "points", "payload": {"customer": "ana", "points": 0}}, "points"),
        ({"task": "points", "payload": {"customer": "ana", "points": 1_000_001}}, "points"),
        ({"task": "points", "payload": {"customer": "ana", "points": 1.5}}, "points"),
        ({"task": "points", "payload": {"customer": "ana", "points": "5"}}, "points"),
        ({"task": "points", "payload": {"customer": "ana", "points": True}}, "points"),
        ({"drill": {"seconds": 5.1}}, "seconds"),
        ({"drill": {"seconds": -1}}, "seconds"),
        ({"drill": {"failures": -1}}, "failures"),
        ({"drill": {"failures": 101}}, "failures"),
        ({"drill": {"accidents": 1}}, "accidents"),
        ({"colour": "red"}, "colour"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else None,
)
def test_a_task_that_makes_no_sense_is_refused_by_the_name_of_the_field(
    web: Client, draw: Draw, change: Task, field: str
) -> None:
    web.post(TASKS, json={**receipt(draw), **change}).is_refused(field)


@pytest.mark.step("enqueue")
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"task": NaN}', b"\xff\xfe", b" " * 1_000_001])
def test_a_body_that_is_no_task_is_refused(web: Client, content: bytes) -> None:
    web.post(TASKS, content=content, headers={"Content-Type": JSON}).is_refused()


@pytest.mark.step("enqueue")
@pytest.mark.usefixtures("no_workers")
def test_what_is_refused_is_not_queued(web: Client, broker: Broker, draw: Draw) -> None:
    refused = {**receipt(draw), "payload": {"text": ""}}
    web.post(TASKS, json=refused).is_refused()
    expect(broker.waiting() == 0, f"nothing in {QUEUE}", f"{broker.waiting()} messages", f"POST {TASKS}\n{refused}")


# confirm


@pytest.mark.step("confirm")
@pytest.mark.usefixtures("no_workers")
def test_no_202_when_no_queue_takes_the_task(web: Client, broker: Broker, draw: Draw) -> None:
    with broker.channel() as channel:
        channel.queue_delete(QUEUE)
    answer = web.post(TASKS, json=receipt(draw))
    if answer.status == 202:
        with suppress(Unmet):
            if broker.waiting() == 1:
                return
        raise Unmet(
            "503, because there is no queue that takes the task", f"{answer.got}, and the task is lost", answer.sent
        )
    answer.has_status(503).header("Retry-After", r"\d+")


@pytest.mark.step("confirm")
@pytest.mark.breaks_services
def test_503_when_the_broker_says_nothing_and_others_are_served_meanwhile(
    web: Client, services: dict[str, Service], draw: Draw
) -> None:
    server = services["rabbitmq"].server
    task = receipt(draw)
    server.pause()
    try:
        with ThreadPoolExecutor() as pool:
            posting = pool.submit(web.post, TASKS, json=task, timeout=8)
            slowest = 0.0
            while not posting.done():
                began = time.monotonic()
                web.get("/health").has_status(200)
                slowest = max(slowest, time.monotonic() - began)
            answer = posting.result()
    finally:
        server.resume()
    answer.has_status(503).header("Retry-After", r"\d+")
    got = f"{slowest:.1f} s for GET /health"
    expect(slowest < 2, "GET /health to be answered at once while a task waits for the broker", got, answer.sent)


# work


@pytest.mark.step("work")
def test_workers_take_every_task_out_of_the_queue_and_acknowledge_it(
    web: Client, system: System, broker: Broker, draw: Draw
) -> None:
    ids = [post(web, receipt(draw)) for _ in range(draw.integer(3, 5))]
    for task_id in ids:
        runner_of(system, task_id)
    last = post(web, receipt(draw))
    runner_of(system, last)
    eventually(lambda: broker.waiting() == 0, expected=f"{QUEUE} to become empty")
    for worker in system.processes("worker"):
        worker.stop()
    nobody_consumes(broker)
    left = broker.waiting()
    expect(left == 0, f"an empty {QUEUE} once the workers have ended", f"{left} messages that nobody acknowledged")


# state


@pytest.mark.step("state")
def test_a_receipt_is_queued_then_running_then_done(web: Client, draw: Draw) -> None:
    task = receipt(draw)
    done = becomes(web, post(web, task), "done")
    result = {"sha256": hashlib.sha256(task["payload"]["text"].encode()).hexdigest()}
    expect(
        done.field("result") == result, f"the result {json.dumps(result)} of {json.dumps(task)}", done.got, done.sent
    )
    expect(done.field("attempts", int) == 1, "one attempt", done.got, done.sent)
    expect(done.field("task", str) == "receipt", "the task 'receipt'", done.got, done.sent)
    expect(states(done) == ["queued", "running", "done"], "a history of queued, running, done", done.got, done.sent)


@pytest.mark.step("state")
def test_the_history_tells_when_and_by_which_worker(web: Client, draw: Draw) -> None:
    before = time.time()
    done = becomes(web, post(web, receipt(draw)), "done")
    history = done.field("history", list)
    times = [_time(moment.get("at"), done.sent) for moment in history]
    expect(times == sorted(times), "times that go forward", done.got, done.sent)
    in_this_test = before - 1 < times[0].timestamp() and times[-1].timestamp() < time.time() + 1
    expect(in_this_test, "times at which it happened", done.got, done.sent)
    workers = {moment.get("worker") for moment in history[1:]}
    named = len(workers) == 1 and all(isinstance(name, str) and name for name in workers)
    expect(named, "the name of the one worker in 'worker' of running and done", done.got, done.sent)


@pytest.mark.step("state")
def test_a_task_is_known_at_once(web: Client, draw: Draw) -> None:
    answer = state(web, post(web, receipt(draw)))
    expect(answer.field("state", str) in ("queued", "running", "done"), "a state", answer.got, answer.sent)


@pytest.mark.step("state")
def test_points_are_on_the_card_once_the_task_is_done(web: Client, draw: Draw) -> None:
    customer, counts = draw.token(), [draw.integer(1, 1000) for _ in range(3)]
    expect(card(web, customer) == 0, "no points for a new customer", card(web, customer), f"customer {customer}")
    for count in counts:
        becomes(web, post(web, points(customer, count)), "done")
    answer = web.get(f"/api/customers/{customer}/points")
    answer.has_status(200).is_json({"customer": customer, "points": sum(counts)})


@pytest.mark.step("state")
def test_a_task_that_nobody_has_asked_for_is_404(web: Client) -> None:
    web.get(f"{TASKS}/{uuid4()}").has_status(404)


@pytest.mark.step("state")
@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "x" * 300])
def test_an_id_that_makes_no_sense_is_refused(web: Client, task_id: str) -> None:
    web.get(f"{TASKS}/{task_id}").is_refused()


@pytest.mark.step("state")
def test_a_restart_of_web_forgets_nothing(web: Client, system: System, draw: Draw) -> None:
    customer, count = draw.token(), draw.integer(1, 1000)
    before = becomes(web, post(web, points(customer, count)), "done")
    system.processes("web")[0].restart()
    after = becomes(web, before.json["id"], "done")
    expect(after.json == before.json, f"what it was before the restart: {before.text}", after.got, after.sent)
    expect(card(web, customer) == count, f"{count} points", card(web, customer), f"customer {customer}")


# survive


@pytest.mark.step("survive")
def test_a_task_whose_worker_is_killed_runs_again_elsewhere(web: Client, system: System, draw: Draw) -> None:
    task_id, victim = killed_in_mid_task(web, system, draw)
    sent = f"SIGKILL to {victim.name} in mid-task"
    done = becomes(web, task_id, "done", within=8)
    expect(states(done) == ["queued", "running", "running", "done"], "it to run twice, then done", done.got, sent)
    workers = [moment["worker"] for moment in done.field("history", list)[1:]]
    expect(workers[0] != workers[1] == workers[2], "another worker to do it again", done.got, sent)
    expect(done.field("attempts", int) == 2, "two attempts", done.got, sent)


def killed_in_mid_task(web: Client, system: System, draw: Draw) -> tuple[str, Process]:
    """Kill a worker while it works; with a longer task when this machine was too slow to come in time."""
    for seconds in (0.5, 1.5, 5):
        task_id = post(web, receipt(draw, seconds=seconds))
        victim = runner_of(system, task_id)
        victim.kill()
        if "done" not in states(state(web, task_id)):
            return task_id, victim
        victim.restart()
    raise Unmet("a worker that can be killed in mid-task", "each had done its task before", "SIGKILL")


@pytest.mark.step("survive")
def test_a_worker_that_is_asked_to_stop_finishes_its_task_first(web: Client, system: System, draw: Draw) -> None:
    task_id = post(web, receipt(draw, seconds=1))
    worker = runner_of(system, task_id)
    status = worker.stop(grace=10)
    sent = f"SIGTERM to {worker.name} in mid-task"
    expect(status == 0, "exit status 0 within 10 s", f"exit status {status}", sent)
    done = becomes(web, task_id, "done")
    expect(
        states(done) == ["queued", "running", "done"], "the task to be finished, and not begun again", done.got, sent
    )


# share


@pytest.mark.step("share")
def test_a_worker_that_is_busy_gets_no_other_task(web: Client, draw: Draw) -> None:
    long = post(web, receipt(draw, seconds=1.5))
    becomes(web, long, "running")
    short = [becomes(web, task_id, "done") for task_id in [post(web, receipt(draw)) for _ in range(8)]]
    end = ended(becomes(web, long, "done"))
    waited = [answer.sent for answer in short if ended(answer) > end]
    expected = "eight short tasks to be done by the other worker while one is busy with a task of 1.5 s"
    expect(not waited, expected, f"{len(waited)} of them were done only after the long task", "\n".join(waited))


@pytest.mark.step("share")
def test_both_workers_work_at_the_same_time(web: Client, draw: Draw) -> None:
    ids = [post(web, receipt(draw, seconds=0.6)) for _ in range(2)]
    first, second = sorted((becomes(web, task_id, "done") for task_id in ids), key=ended)
    expected, got = "two tasks of 0.6 s to overlap, each with a worker of its own", f"{first.text}\n{second.text}"
    began = _time(second.json["history"][-2]["at"], second.sent)
    expect(began < ended(first), expected, got)
    expect(first.json["history"][-1]["worker"] != second.json["history"][-1]["worker"], expected, got)


# retry


@pytest.mark.step("retry")
def test_a_task_that_fails_is_tried_again_until_it_succeeds(web: Client, draw: Draw) -> None:
    failures = draw.integer(1, 3)
    task = receipt(draw, failures=failures)
    done = becomes(web, post(web, task), "done")
    expected = ["queued", *["running", "retrying"] * failures, "running", "done"]
    expect(states(done) == expected, f"a history of {', '.join(expected)}", done.got, done.sent)
    expect(done.field("attempts", int) == failures + 1, f"{failures + 1} attempts", done.got, done.sent)
    result = {"sha256": hashlib.sha256(task["payload"]["text"].encode()).hexdigest()}
    expect(done.field("result") == result, f"the result {result}", done.got, done.sent)


@pytest.mark.step("retry")
def test_each_retry_waits_longer(web: Client, draw: Draw) -> None:
    began = time.monotonic()
    done = becomes(web, post(web, receipt(draw, failures=3)), "done")
    seconds = time.monotonic() - began
    moments = done.field("history", list)
    times = [_time(moment["at"], done.sent) for moment in moments]
    waits = [
        (later - earlier) / timedelta(seconds=1)
        for moment, earlier, later in zip(moments, times, times[1:], strict=False)
        if moment["state"] == "retrying"
    ]
    expected = "waits of 100, 200 and 400 ms, as RETRY_DELAYS_MS=100,200,400 says"
    got = f"{', '.join(f'{1000 * wait:.0f}' for wait in waits)} ms, {seconds:.2f} s in all"
    long_enough = [wait > 0.9 * delay for wait, delay in zip(waits, DELAYS_S, strict=False)]
    expect(all(long_enough) and seconds > sum(DELAYS_S), expected, got, done.sent)
    expect(waits[-1] < DELAYS_S[-1] + 3, expected, got, done.sent)


@pytest.mark.step("retry")
def test_no_worker_waits_with_a_task_that_waits(web: Client, draw: Draw) -> None:
    ids = [post(web, receipt(draw, failures=3)) for _ in range(TASKS_THAT_WAIT)]
    done = [becomes(web, task_id, "done", within=8) for task_id in ids]
    began = min(_time(answer.json["history"][0]["at"], answer.sent) for answer in done)
    seconds = (max(map(ended, done)) - began) / timedelta(seconds=1)
    one_by_one = TASKS_THAT_WAIT * sum(DELAYS_S) / WORKERS
    expected = f"{TASKS_THAT_WAIT} tasks to wait for their retries side by side"
    got = f"all done after {seconds:.1f} s; {WORKERS} workers that wait themselves need {one_by_one:.1f} s"
    expect(seconds < one_by_one, expected, got, "as many tasks that fail three times")


@pytest.mark.step("retry")
def test_a_task_that_waits_outlives_the_workers(web: Client, system: System, draw: Draw) -> None:
    task_id = post(web, receipt(draw, failures=3))
    eventually(lambda: states(state(web, task_id)).count("retrying") == 3, expected="a third retry")
    for worker in system.processes("worker"):
        worker.kill()
    system.processes("worker")[0].restart()
    becomes(web, task_id, "done")


# dead


@pytest.mark.step("dead")
def test_a_task_that_always_fails_rests_in_the_dead_queue(web: Client, broker: Broker, draw: Draw) -> None:
    task_id = post(web, receipt(draw, failures=100))
    dead = becomes(web, task_id, "dead")
    expected = ["queued", *["running", "retrying"] * 3, "running", "dead"]
    expect(states(dead) == expected, "three retries, then dead", dead.got, dead.sent)
    expect(dead.field("attempts", int) == 4, "four attempts", dead.got, dead.sent)
    expect(dead.field("error", str), "what went wrong, in 'error'", dead.got, dead.sent)
    eventually(lambda: broker.waiting(DEAD), expected=f"a message in {DEAD}")
    message = broker.take(DEAD)
    assert message is not None
    body = _json(message[1], dead.sent)
    expect(body.get("id") == task_id, f"the task {task_id} in {DEAD}", message[1].decode(), dead.sent)


@pytest.mark.step("dead")
def test_messages_of_the_wrong_shape_go_straight_to_the_dead_queue(web: Client, broker: Broker, draw: Draw) -> None:
    changes: list[Task] = [
        {"id": "nonsense"},
        {"id": None},
        {"task": "nothing"},
        {"payload": {"colour": "red"}},
        {"drill": {"failures": "many"}},
        {"createdAt": "yesterday"},
    ]
    contents = [json.dumps({**_message(receipt(draw)), **change}).encode() for change in changes]
    _are_buried(web, broker, contents, draw)


@pytest.mark.step("dead")
def test_messages_that_are_no_json_object_go_straight_to_the_dead_queue(
    web: Client, broker: Broker, draw: Draw
) -> None:
    _are_buried(web, broker, [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe\x00", b"[" * 20_000], draw)


@pytest.mark.step("dead")
@pytest.mark.parametrize("content_type", [None, "text/plain"])
def test_a_message_of_another_content_type_goes_straight_to_the_dead_queue(
    web: Client, broker: Broker, draw: Draw, content_type: str | None
) -> None:
    _are_buried(web, broker, [json.dumps(_message(receipt(draw))).encode()], draw, content_type)


def _are_buried(
    web: Client, broker: Broker, contents: list[bytes], draw: Draw, content_type: str | None = JSON
) -> None:
    """The messages come to rest among the dead, unchanged, and the workers go on."""
    missing = {content: broker.put(content, content_type=content_type) for content in contents}

    def nothing_is_missing() -> bool:
        while message := broker.take(DEAD):
            missing.pop(message[1], None)
        expect(not missing, f"a message in {DEAD}, as it was", "none", next(iter(missing.values()), ""))
        return True

    eventually(nothing_is_missing, within=3)
    becomes(web, post(web, receipt(draw)), "done")


# once


@pytest.mark.step("once")
def test_a_task_delivered_twice_at_once_has_one_effect(web: Client, broker: Broker, draw: Draw) -> None:
    customer, count = draw.token(), draw.integer(2, 1000)
    message = _message(points(customer, count, seconds=0.3))
    sent = broker.put(json.dumps(message).encode(), times=2)
    becomes(web, message["id"], "done")
    _everything_before_is_done(web, draw)
    expect(card(web, customer) == count, f"{count} points", f"{card(web, customer)} points", sent)


@pytest.mark.step("once")
def test_a_task_delivered_again_after_it_was_done_has_no_further_effect(
    web: Client, broker: Broker, draw: Draw
) -> None:
    customer, count = draw.token(), draw.integer(2, 1000)
    message = _message(points(customer, count))
    content = json.dumps(message).encode()
    sent = broker.put(content)
    before = becomes(web, message["id"], "done")
    broker.put(content)
    _everything_before_is_done(web, draw)
    expect(card(web, customer) == count, f"{count} points", f"{card(web, customer)} points", f"twice: {sent}")
    after = state(web, message["id"])
    expect(after.json == before.json, f"a task that stays done as it was: {before.text}", after.got, f"twice: {sent}")


def _everything_before_is_done(web: Client, draw: Draw) -> None:
    """Have both workers do something that was queued later than all else."""
    for task_id in [post(web, receipt(draw, seconds=0.1)) for _ in range(4)]:
        becomes(web, task_id, "done")


# outage


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_broker_that_dies_and_comes_back_has_lost_nothing(
    web: Client, system: System, services: dict[str, Service], draw: Draw
) -> None:
    customer, counts = draw.token(), [draw.integer(1, 1000) for _ in range(6)]
    tasks = [post(web, points(customer, count, seconds=0.4)) for count in counts]
    tasks.append(post(web, receipt(draw, failures=2)))
    runner_of(system, tasks[0])
    server = services["rabbitmq"].server
    server.kill()
    try:
        web.post(TASKS, json=receipt(draw)).has_status(503).header("Retry-After", r"\d+")
    finally:
        server.start_again()
    eventually(lambda: web.post(TASKS, json=receipt(draw)).has_status(202), within=10)
    for task_id in tasks:
        becomes(web, task_id, "done", within=8)
    expected, got = f"{sum(counts)} points, each task counted once", card(web, customer)
    expect(got == sum(counts), expected, f"{got} points", "six tasks, then kill -9 of the broker")
    ended = [worker.name for worker in system.processes("worker") if not worker.alive]
    expect(not ended, "workers that wait for the broker", f"{', '.join(ended)} ended", "kill -9 of the broker")


# the wire


def _message(task: Task) -> Task:
    """A task as it lies in the queue."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"id": str(uuid4()), "createdAt": now, **task}


def _json(content: bytes, sent: str) -> Task:
    """The JSON object in a message."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    expect(isinstance(body, dict), "a message whose body is a JSON object", content.decode(errors="replace"), sent)
    return dict(body)


def _time(text: Any, sent: str) -> datetime:
    """A time in RFC 3339, in UTC."""
    is_utc = isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", text)
    expect(is_utc, "a time in UTC such as 2026-01-31T12:00:00Z", text, sent)
    return datetime.fromisoformat(re.sub(r"\.\d+", lambda part: f"{part[0]:0<7}"[:7], str(text)).replace("Z", "+00:00"))
