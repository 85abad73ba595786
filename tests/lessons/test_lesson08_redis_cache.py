"""Lesson 8: remember the answer. Each test is one promise of the contract, over HTTP, in the database and in Redis."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import ceil
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from threading import Event
from typing import Any

import psycopg
import pytest
from redis import Redis

from taller.grading import (
    Answer,
    Client,
    Draw,
    Unmet,
    at_once,
    eventually,
    expect,
    refuses_to_start,
    reuse,
    statuses,
)
from taller.grading.bench import Bench, Service
from taller.runner import Process, System

PRODUCTS = "/api/products"
REGISTER, SESSION, ME = "/auth/register", "/auth/session", "/api/me"
NOBODY_HAS = 9_000_000_000_000
CROWD = 100
TIMEOUT_S = 1
ANSWERED_WITHIN_S = 4
BACK_WITHIN_S = 10
LIMIT = 5
WINDOW_S = 2
SHORT_TTL_S = 20
SESSION_S = 8 * 3600

LESSON_1 = Path(__file__).with_name("test_lesson01_rest_crud.py")
globals().update(reuse(LESSON_1, step="invalidate", of=("create", "read", "replace", "patch", "delete")))


class Reads:
    """Counts the statements that read the table of products, at the database, and can hold one of them up.

    A view takes the table's place, through which it can be written as before. Each statement that reads it asks a
    function once, whatever it finds. The function counts, and waits while somebody holds a lock if its statement is
    the first since the count began: that one has its snapshot then, and finds what was there before, however long
    it takes.
    """

    LOCK = 808_000_001
    SETUP = f"""
        CREATE SEQUENCE reads;
        CREATE FUNCTION read_is_counted() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
        BEGIN
            IF nextval('reads') = 1 THEN
                PERFORM pg_advisory_lock_shared({LOCK});
                PERFORM pg_advisory_unlock_shared({LOCK});
            END IF;
            RETURN true;
        END $$;
        ALTER TABLE products RENAME TO products_kept;
        CREATE VIEW products AS SELECT * FROM products_kept WHERE read_is_counted();
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute(self.SETUP)

    def begin(self) -> None:
        """Count from zero."""
        self._connection.execute("ALTER SEQUENCE reads RESTART")

    def count(self) -> int:
        """How many there were since."""
        query = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM reads"
        return int(self._one(query))

    @contextmanager
    def first_held(self) -> Iterator[None]:
        """Count from zero, and hold the first read up as long as the context lasts."""
        self._connection.execute("SELECT pg_advisory_lock(%s)", [self.LOCK])
        try:
            self.begin()
            yield
        finally:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", [self.LOCK])

    def waits(self) -> bool:
        """Whether the first read has come, and is held up."""
        # pg_locks tells of all databases, and another run's reads may be held up in theirs.
        ours = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        query = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted AND {ours}"
        return bool(self._one(query, [self.LOCK]))

    def _one(self, query: Any, values: Any = None) -> Any:
        row = self._connection.execute(query, values).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture(scope="module")
def reads(bench: Bench, services: dict[str, Service]) -> Iterator[Reads]:
    """The statements that read products, counted."""
    bench.mend()
    with psycopg.connect(services["postgresql"].url, autocommit=True) as connection:
        yield Reads(connection)


@pytest.fixture
def redis(services: dict[str, Service]) -> Iterator[Redis]:
    """A client of the Redis that the submission has."""
    with Redis.from_url(services["redis"].url) as client:
        yield client


@pytest.fixture
def other(system: System) -> Iterator[Client]:
    """A client of the second process ``web``."""
    with closing(Client(system.processes("web")[1].url)) as client:
        yield client


@dataclass(frozen=True)
class Newcomers:
    """Processes that started later, and what an older one said then of a session that was there before."""

    processes: list[Process]
    of_a_session: Answer | Unmet


@pytest.fixture(scope="module")
def newcomers(request: pytest.FixtureRequest, bench: Bench, services: dict[str, Service]) -> Newcomers:
    """Two more processes that allow each client very little, and forget products sooner."""
    variables = {"RATE_LIMIT": str(LIMIT), "RATE_WINDOW_S": str(WINDOW_S), "CACHE_TTL_S": str(SHORT_TTL_S)}
    draw = Draw(request.config.option.seed, "newcomers")
    bench.mend()
    with Redis.from_url(services["redis"].url) as redis, closing(Client(bench.system.url("web"))) as web:
        # Whoever has not come to sessions yet is told so in that step alone.
        headers: dict[str, str] | Unmet
        try:
            headers = log_in(redis, draw, web).headers
        except Unmet as unmet:
            headers = unmet
        processes = [bench.system.launch("web", variables) for _ in range(2)]
        for process in processes:
            # A process may empty the cache when it starts: not in the midst of other tests.
            process.await_ready()
        return Newcomers(processes, headers if isinstance(headers, Unmet) else web.get(ME, headers=headers))


@pytest.fixture(scope="module")
def limited(newcomers: Newcomers) -> list[Process]:
    """The processes that allow little."""
    return newcomers.processes


@pytest.fixture(scope="module")
def misled_about_redis(request: pytest.FixtureRequest, bench: Bench) -> tuple[Process, str, str]:
    """A process that was told a URL that leads to no Redis, the URL, and the password in it."""
    draw = Draw(request.config.option.seed, "misled about redis")
    password = draw.token()
    somewhere = f"ana:{password}@127.0.0.1"
    url = draw.choice([f"{somewhere}:6379", f"http://{somewhere}/0", f"mysql://{somewhere}/shop", f"={password}"])
    return bench.system.launch("web", {"REDIS_URL": url}), url, password


def create(web: Client, name: str = "Lamp", price: Decimal | str = "19.99") -> str:
    """Create a product; its path."""
    answer = web.post(PRODUCTS, json={"name": name, "price": Decimal(price)}).has_status(201)
    return f"{PRODUCTS}/{answer.field('id', int)}"


def hit(client: Client, path: str, within: float = 2) -> Answer:
    """The answer from the cache: nearly always the next one, but a program may doubt its cache for a moment."""
    return eventually(lambda: came_by(client.get(path), "HIT"), within=within)


def cached(web: Client, price: Decimal | str = "19.99") -> str:
    """Create a product and have it remembered; its path."""
    path = create(web, price=price)
    web.get(path).has_status(200)
    hit(web, path)
    return path


def key_of(path: str) -> str:
    """The key in Redis of the product with that path."""
    return f"product:{path.rpartition('/')[2]}"


def came_by(answer: Answer, *sources: str) -> Answer:
    """The answer says that its product came by one of these ways."""
    answer.header("X-Cache", "|".join(sources))
    return answer


def costs(answer: Answer, price: Decimal | str) -> Answer:
    """The product in the answer has this price."""
    answer.has_status(200)
    got = f"{answer.got}\nX-Cache: {answer.headers.get('X-Cache')}"
    expect(answer.field("price", Decimal) == Decimal(price), f"the price {price}", got, answer.sent)
    return answer


def lifetime(redis: Redis, path: str) -> float:
    """How many seconds a product will still be kept in Redis."""
    key = key_of(path)
    left = redis.pttl(key)
    got = {-2: "there is no such key", -1: "it stays for ever"}.get(left, f"{left} ms")
    expect(left > 0, f"the key {key} in Redis, with a time to live", got, f"GET {path}, then PTTL {key} in Redis")
    return float(left) / 1000


# read-through


@pytest.mark.step("read-through")
@pytest.mark.usefixtures("misled_about_redis", "limited")  # they start now, while nothing is cached
def test_the_second_read_of_a_product_comes_from_redis(web: Client, redis: Redis, reads: Reads, draw: Draw) -> None:
    path = create(web, draw.name(), draw.price())
    reads.begin()
    first = came_by(web.get(path).has_status(200), "MISS")
    lifetime(redis, path)
    second = came_by(web.get(path).has_status(200), "HIT")
    second.is_json(first.json)
    sent = f"GET {path} twice"
    expect(reads.count() == 1, "one statement that reads products", f"{reads.count()} statements", sent)


@pytest.mark.step("read-through")
def test_what_one_process_has_read_another_finds_in_redis(web: Client, other: Client, draw: Draw) -> None:
    price = draw.price()
    path = cached(web, price)
    costs(hit(other, path), price)


@pytest.mark.step("read-through")
@pytest.mark.parametrize("price", ["0", "0.1", "0.07", "19.99", "1234567.89", "9999999999.99"])
def test_a_product_survives_the_cache_unchanged(web: Client, draw: Draw, price: str) -> None:
    name = f'{draw.name()} "é" \\ 🛋 \u2028 </b> \x7f'
    path = create(web, name, price)
    first = web.get(path).has_status(200)
    again = hit(web, path)
    costs(again, price)
    expect(again.field("name", str) == name, f"the name {name!r}", again.got, again.sent)
    expect(again.content == first.content, f"what a MISS has answered: {first.text}", again.got, again.sent)


@pytest.mark.step("read-through")
def test_a_product_is_kept_for_about_a_minute_and_not_all_equally_long(web: Client, redis: Redis) -> None:
    lives = []
    for path in [create(web) for _ in range(20)]:
        began = time.monotonic()
        web.get(path).has_status(200)
        left = lifetime(redis, path)
        took = time.monotonic() - began
        expect(54 - took <= left <= 66, f"a time to live of 54 to 66 s for {key_of(path)}", f"{left:.1f} s", "PTTL")
        lives.append(left)
    spread = max(lives) - min(lives)
    sent = "GET of 20 products, PTTL of each key in Redis right after its GET"
    expect(spread > 2, "times to live that are seconds apart", f"all within {spread:.2f} s", sent)


@pytest.mark.step("read-through")
def test_how_long_a_product_is_kept_can_be_set(redis: Redis, limited: list[Process], draw: Draw) -> None:
    with closing(Client(limited[0].url, visitor(draw))) as web:
        path = create(web)
        web.get(path).has_status(200)
        left = lifetime(redis, path)
    sent = f"GET {path} from a process with CACHE_TTL_S={SHORT_TTL_S}"
    expect(left <= SHORT_TTL_S * 1.1, f"a time to live of {SHORT_TTL_S} s, 10 % more or less", f"{left:.1f} s", sent)


@pytest.mark.step("read-through")
def test_only_one_product_is_answered_from_the_cache(web: Client) -> None:
    path = cached(web)
    answers = [
        web.get(PRODUCTS),
        web.get(f"{path}/stock"),
        web.put(f"{path}/stock", json={"quantity": 7}),
        web.get(f"{path}/stock").is_json({"quantity": 7}),
        web.get("/health"),
    ]
    for answer in answers:
        answer.has_status(200)
        expect("X-Cache" not in answer.headers, "no header X-Cache", answer.headers.get("X-Cache"), answer.sent)


@pytest.mark.step("read-through")
def test_a_redis_url_that_makes_no_sense_ends_the_process_with_status_2(
    misled_about_redis: tuple[Process, str, str],
) -> None:
    process, url, password = misled_about_redis
    refuses_to_start(process, "REDIS_URL", url, hides=password)


# invalidate: lesson 1's tests of what reads and writes one product are above


@pytest.mark.step("invalidate")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_is_seen_at_once_by_all_processes(web: Client, other: Client, draw: Draw, method: str) -> None:
    path = cached(web)
    for writer, reader in ((web, other), (other, web), (web, web)):
        name, price = draw.name(), draw.price()
        answer = writer.request(method, path, json={"name": name, "price": price}).has_status(200)
        costs(reader.get(path), price).is_json(answer.json)
        costs(hit(reader, path), price)


@pytest.mark.step("invalidate")
def test_a_product_that_is_deleted_is_gone_at_once_for_all_processes(web: Client, other: Client) -> None:
    path = cached(web)
    other.delete(path).has_status(204)
    web.get(path).has_status(404)
    other.get(path).has_status(404)


# missing


@pytest.mark.step("missing")
def test_that_there_is_no_such_product_is_remembered_briefly(
    web: Client, other: Client, redis: Redis, reads: Reads, draw: Draw
) -> None:
    path = f"{PRODUCTS}/{NOBODY_HAS + draw.integer(1, 10**9)}"
    reads.begin()
    came_by(web.get(path).has_status(404), "MISS")
    left = lifetime(redis, path)
    for client in (web, other):
        hit(client, path).has_status(404)
    sent = f"GET {path} three times; there is no such product"
    expect(reads.count() == 1, "one statement that reads products", f"{reads.count()} statements", sent)
    expect(left <= 5.5, f"a time to live of 5 s, 10 % more or less, for {key_of(path)}", f"{left:.1f} s", sent)


def next_path(web: Client) -> str:
    """The path that the product created next will have."""
    return f"{PRODUCTS}/{int(create(web).rpartition('/')[2]) + 1}"


@pytest.mark.step("missing")
def test_a_product_that_was_missing_is_seen_as_soon_as_it_is_created(web: Client, other: Client, draw: Draw) -> None:
    path, price = next_path(web), draw.price()
    web.get(path).has_status(404)
    hit(web, path).has_status(404)
    made = create(other, price=price)
    expect(made == path, f"the next id, {path}", made, f"POST {PRODUCTS}")
    costs(web.get(path), price)


# garbage


def put_text(text: bytes) -> Callable[[Redis, str], object]:
    """Writes this under a key."""
    return lambda redis, key: redis.set(key, text)


GARBAGE: dict[str, Callable[[Redis, str], object]] = {
    "a list": lambda redis, key: redis.rpush(key, "x"),
    "a hash": lambda redis, key: redis.hset(key, "name", "Lamp"),
    "a sorted set": lambda redis, key: redis.zadd(key, {"x": 1}),
    "a stream": lambda redis, key: redis.xadd(key, {"x": "1"}),
    "no JSON": put_text(b"}{"),
    "no text": put_text(b"\xff\x00\xfe"),
    "half of JSON": put_text(b'{"id": 1, "name": "La'),
    "null": put_text(b"null"),
    "a number": put_text(b"17"),
    "a JSON list": put_text(b"[]"),
    "an empty object": put_text(b"{}"),
    "a product without a price": put_text(b'{"id": 1, "name": "Lamp"}'),
    "a product with a price that is none": put_text(b'{"id": 1, "name": "Lamp", "price": {"x": 1}}'),
    "JSON nested very deeply": put_text(b"[" * 100_000),
    "50 MB": lambda redis, key: redis.setrange(key, 50_000_000, "x"),
}


@pytest.mark.step("garbage")
@pytest.mark.parametrize("kind", list(GARBAGE))
def test_garbage_in_redis_is_a_miss_and_is_replaced(web: Client, redis: Redis, draw: Draw, kind: str) -> None:
    price = draw.price()
    path = cached(web, price)
    redis.delete(key_of(path))
    GARBAGE[kind](redis, key_of(path))
    answer = web.get(path)
    answer.sent += f"\nwith {kind} under {key_of(path)} in Redis"
    came_by(costs(answer, price), "MISS")
    costs(hit(web, path), price)
    lifetime(redis, path)


@pytest.mark.step("garbage")
def test_what_belongs_to_another_product_is_not_believed(web: Client, redis: Redis) -> None:
    path, another = cached(web, "1.11"), cached(web, "2.22")
    redis.copy(key_of(another), key_of(path), replace=True)
    answer = web.get(path)
    answer.sent += f"\nwith a copy of {key_of(another)} under {key_of(path)} in Redis"
    costs(came_by(answer, "MISS"), "1.11")
    costs(hit(web, path), "1.11")


@pytest.mark.step("garbage")
def test_a_redis_that_was_emptied_is_filled_again(web: Client, other: Client, redis: Redis) -> None:
    path = cached(web)
    redis.flushdb()
    for client in (web, other):
        costs(client.get(path), "19.99")
    hit(other, path, within=BACK_WITHIN_S)


# stampede


def crowd_for(path: str, clients: Sequence[Client], reads: Reads) -> list[Answer]:
    """The answers to a hundred requests at once for what is not in Redis, while the first read is held up."""
    with ThreadPoolExecutor(CROWD) as pool:
        with reads.first_held():
            asked = [pool.submit(clients[number % len(clients)].get, path) for number in range(CROWD)]
            eventually(reads.waits, expected="a read of the table of products")
            # Whoever comes a second time to the database comes now, or finds the answer.
            with suppress(Unmet):
                eventually(lambda: reads.count() > 1, within=0.3)
        return [future.result() for future in asked]


@pytest.mark.step("stampede")
def test_a_hundred_requests_for_a_cold_key_reach_the_database_once(
    web: Client, other: Client, reads: Reads, draw: Draw
) -> None:
    price = draw.price()
    path = create(web, price=price)
    for answer in crowd_for(path, (web, other), reads):
        costs(came_by(answer, "MISS", "HIT"), price)
    sent = f"{CROWD} times GET {path} at once, half to each of two processes, nothing in Redis"
    expect(reads.count() == 1, "one statement that reads products", f"{reads.count()} statements", sent)


@pytest.mark.step("stampede")
def test_a_hundred_requests_for_what_is_not_there_reach_the_database_once(
    web: Client, other: Client, reads: Reads, draw: Draw
) -> None:
    path = f"{PRODUCTS}/{NOBODY_HAS + draw.integer(1, 10**9)}"
    for answer in crowd_for(path, (web, other), reads):
        answer.has_status(404)
    sent = f"{CROWD} times GET {path} at once, half to each of two processes; there is no such product"
    expect(reads.count() == 1, "one statement that reads products", f"{reads.count()} statements", sent)


@pytest.mark.step("stampede")
def test_who_wants_another_product_does_not_wait(web: Client, reads: Reads) -> None:
    slow, quick = create(web), create(web, price="3.50")
    with ThreadPoolExecutor(1) as pool, reads.first_held():
        asked = pool.submit(web.get, slow)
        eventually(reads.waits, expected="a read of the table of products")
        costs(web.get(quick), "3.50")
        expect(not asked.done(), "the first read to be held up still", "it was answered", f"GET {slow}")
    asked.result().has_status(200)


@pytest.mark.step("stampede")
def test_a_process_that_dies_while_it_fetches_keeps_nobody_waiting_for_long(
    web: Client, other: Client, system: System, reads: Reads
) -> None:
    path = create(web)
    with ThreadPoolExecutor(1) as pool, reads.first_held():
        asked = pool.submit(other.get, path)
        eventually(reads.waits, expected="a read of the table of products")
        victim = system.processes("web")[1]
        victim.kill()
        with suppress(Unmet):
            asked.result()
        # It starts while the other one waits: what it does then concerns no lease.
        victim.launch()
        costs(web.get(path), "19.99")


# race


@contextmanager
def slow_read(client: Client, path: str, reads: Reads) -> Iterator[None]:
    """A GET that has read the database, and is held up before it is told what it has read; it ends after the context.

    It may answer with what was there when it came, but not put that into the cache.
    """
    with ThreadPoolExecutor(1) as pool:
        with reads.first_held():
            asked = pool.submit(client.get, path)
            eventually(reads.waits, expected="a read of the table of products")
            yield
        asked.result()


@pytest.mark.step("race")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("writes", ["the same process", "another process"])
def test_a_slow_read_does_not_put_back_what_was_changed_meanwhile(
    web: Client, other: Client, reads: Reads, draw: Draw, method: str, writes: str
) -> None:
    path, price = create(web), draw.price(5000)
    writer = web if writes == "the same process" else other
    with slow_read(web, path, reads):
        writer.request(method, path, json={"name": "Lamp", "price": price}).has_status(200)
        costs(web.get(path), price)
    for client in (web, other):
        answer = client.get(path)
        answer.sent = f"GET {path}, slow; {method} of the price {price} by {writes} before it ends; then {answer.sent}"
        costs(answer, price)


@pytest.mark.step("race")
def test_a_slow_read_does_not_put_back_when_nobody_reads_in_between(
    web: Client, other: Client, reads: Reads, draw: Draw
) -> None:
    path, price = create(web), draw.price(5000)
    with slow_read(web, path, reads):
        other.patch(path, json={"price": price}).has_status(200)
    answer = web.get(path)
    answer.sent = f"GET {path}, slow; PATCH of the price {price} before it ends; then {answer.sent}"
    costs(answer, price)


@pytest.mark.step("race")
def test_a_slow_read_does_not_bring_back_what_was_deleted(web: Client, other: Client, reads: Reads) -> None:
    path = create(web)
    with slow_read(web, path, reads):
        other.delete(path).has_status(204)
    answer = web.get(path)
    answer.sent = f"GET {path}, slow; DELETE before it ends; then {answer.sent}"
    answer.has_status(404)


@pytest.mark.step("race")
def test_a_slow_read_of_nothing_does_not_hide_what_was_created(
    web: Client, other: Client, reads: Reads, draw: Draw
) -> None:
    path, price = next_path(web), draw.price()
    with slow_read(web, path, reads):
        create(other, price=price)
    answer = web.get(path)
    answer.sent = f"GET {path}, slow; POST {PRODUCTS} of that product before it ends; then {answer.sent}"
    costs(answer, price)


# outage


def read_until(stop: Event, url: str, path: str) -> list[Answer]:
    """Read a product again and again, and keep the answers."""
    answers = []
    with closing(Client(url)) as web:
        while not stop.is_set():
            answers.append(web.get(path, timeout=ANSWERED_WITHIN_S))
    return answers


@contextmanager
def readers(clients: Sequence[Client], path: str) -> Iterator[list[Answer]]:
    """Read a product without pause as long as the context lasts; the answers are there when it has ended."""
    stop = Event()
    answers: list[Answer] = []
    with ThreadPoolExecutor(len(clients)) as pool:
        reading = [pool.submit(read_until, stop, client.url, path) for client in clients]
        try:
            yield answers
        finally:
            stop.set()
        for future in reading:
            answers += future.result()


def is_back(path: str, price: Decimal, clients: Sequence[Client], sent: str) -> None:
    """Every client gets the new price from the first answer on, and before long from the cache again."""

    def read(client: Client) -> Answer:
        answer = client.get(path)
        answer.sent = f"{sent}; {answer.sent}"
        return costs(answer, price)

    for client in [*clients] * 5:
        read(client)
    eventually(lambda: all(came_by(read(client), "HIT") for client in clients), within=BACK_WITHIN_S)


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_redis_is_killed_and_comes_back_with_what_it_held(
    web: Client, other: Client, system: System, services: dict[str, Service], redis: Redis, draw: Draw
) -> None:
    server, price = services["redis"].server, draw.price(5000)
    path, untouched, doomed = cached(web), cached(web, "4.44"), cached(web)
    with readers((web, other), untouched) as answers:
        server.kill()
        try:
            late = system.launch("web")
            for client in (web, other):
                came_by(costs(client.get(path), "19.99"), "BYPASS", "MISS")
            other.patch(path, json={"price": price}).has_status(200)
            web.delete(doomed).has_status(204)
            created = create(web)
            web.get("/health").has_status(200)
            # Started while there is no Redis, it serves all the same.
            late.await_ready()
            newcomer = Client(late.url)
            costs(newcomer.get(path), price)
        finally:
            server.start_again()
        sent = f"kill -9 of Redis, PATCH {path} to {price}, start of Redis with its old keys"
        is_back(path, price, (web, other, newcomer), sent)
        for client in (web, other):
            client.get(doomed).has_status(404)
            client.get(created).has_status(200)
    newcomer.close()
    for answer in answers:
        costs(answer, "4.44")


# rate-limit


def visitor(draw: Draw) -> str:
    """An address of this machine that nobody has used before."""
    return f"127.{draw.integer(1, 250)}.{draw.integer(1, 250)}.{draw.integer(2, 250)}"


@pytest.fixture(scope="module")
def counting(limited: list[Process]) -> list[Process]:
    """The processes that allow little; they count again, should Redis have been away before."""
    for process in limited:
        with closing(Client(process.url, "127.252.0.1")) as scout, suppress(Unmet):
            eventually(lambda scout=scout: "RateLimit" in scout.get(PRODUCTS).headers)  # type: ignore[misc]
    return limited


@pytest.fixture
def guests(counting: list[Process], draw: Draw) -> Iterator[list[Client]]:
    """Clients of the two processes that allow little, from one new address."""
    address = visitor(draw)
    clients = [Client(process.url, address) for process in counting]
    yield clients
    for client in clients:
        client.close()


def policy(answer: Answer) -> None:
    """The answer tells the limit."""
    answer.header("RateLimit-Policy", rf'"[^"]+";\s*q={LIMIT};\s*w={WINDOW_S}')


def has_left(answer: Answer, remaining: int) -> None:
    """The answer tells the limit, how many requests are left, and when there will be more."""
    policy(answer)
    seconds = "|".join(str(second) for second in range(1, WINDOW_S + 1))
    answer.header("RateLimit", rf'"[^"]+";\s*r={remaining};\s*t=({seconds})')


def is_too_much(answer: Answer) -> int:
    """The answer is 429, as it was promised; how many seconds to wait."""
    answer.has_status(429)
    answer.header("Content-Type", r"application/problem\+json.*")
    has_left(answer, 0)
    return int(answer.header("Retry-After", "|".join(str(second) for second in range(1, WINDOW_S + 1))))


@pytest.mark.step("rate-limit")
def test_each_answer_tells_what_is_left_and_what_goes_beyond_is_refused(guests: list[Client], redis: Redis) -> None:
    guest, before = guests[0], set(redis.scan_iter())
    for number in range(LIMIT):
        has_left(guest.get(PRODUCTS).has_status(200), LIMIT - 1 - number)
    for answer in (guest.get(PRODUCTS), guest.post(PRODUCTS, json={}), guest.get(f"{PRODUCTS}/1")):
        is_too_much(answer)
    for_ever = [key for key in set(redis.scan_iter()) - before if redis.pttl(key) == -1]
    expect(not for_ever, "what is counted to end by itself: keys with a time to live", for_ever, "PTTL in Redis")
    guest.get("/health").has_status(200)


@pytest.mark.step("rate-limit")
def test_any_window_of_that_length_has_no_more_than_the_limit(guests: list[Client]) -> None:
    guest = guests[0]
    began = time.monotonic()
    guest.get(PRODUCTS).has_status(200)
    counted = time.monotonic()
    eventually(lambda: time.monotonic() > began + WINDOW_S / 2)
    for answer in at_once([partial(guest.get, PRODUCTS)] * (LIMIT - 1)):
        answer.has_status(200)
    asked = time.monotonic()
    answer = guest.get(PRODUCTS)
    least, most = began + WINDOW_S - time.monotonic(), counted + WINDOW_S - asked
    sent = f"1 request, {LIMIT - 1} more after {WINDOW_S / 2:g} s, and one too many"
    answer.sent = f"{sent}: {answer.sent}"
    wait = is_too_much(answer)
    expected = f"Retry-After: {ceil(least)}, when the first of them leaves the window"
    expect(ceil(least) <= wait <= ceil(most), expected, wait, answer.sent)
    # What was refused does not count, so asking again and again does no harm.
    eventually(lambda: guest.get(PRODUCTS).has_status(200))
    early = began + WINDOW_S - time.monotonic()
    expect(early <= 0, f"nothing allowed before {WINDOW_S} s are over", f"allowed {early:.2f} s earlier", answer.sent)
    answer = guest.get(PRODUCTS)
    answer.sent = f"{sent}, again and again until one is allowed, as only the first has left the window: {answer.sent}"
    is_too_much(answer)


@pytest.mark.step("rate-limit")
def test_the_limit_holds_for_many_requests_at_once_at_two_processes(guests: list[Client]) -> None:
    answers = at_once([partial(guest.get, PRODUCTS) for guest in guests * 15])
    got = statuses(answers)
    sent = f"30 times GET {PRODUCTS} at once from one address, half to each of two processes"
    expected = {200: LIMIT, 429: 30 - LIMIT}
    expect(got == expected, f"{LIMIT} times 200, {30 - LIMIT} times 429", got, sent)


@pytest.mark.step("rate-limit")
def test_each_address_has_a_limit_of_its_own_and_cannot_pretend_another(guests: list[Client], draw: Draw) -> None:
    for _ in range(LIMIT):
        guests[0].get(PRODUCTS).has_status(200)
    forged = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    is_too_much(guests[0].get(PRODUCTS, headers=forged))
    with closing(Client(guests[0].url, f"127.251.{draw.integer(1, 250)}.{draw.integer(2, 250)}")) as neighbour:
        has_left(neighbour.get(PRODUCTS).has_status(200), LIMIT - 1)


@pytest.mark.step("rate-limit")
@pytest.mark.breaks_services
def test_without_redis_everybody_is_let_in(guests: list[Client], services: dict[str, Service]) -> None:
    server = services["redis"].server
    server.kill()
    try:
        for _ in range(LIMIT + 3):
            guests[0].get(PRODUCTS).has_status(200)
    finally:
        server.start_again()

    def refused() -> bool:
        return guests[0].get(PRODUCTS).status == 429

    eventually(refused, within=BACK_WITHIN_S, expected="the limit to hold again")


# sessions: what a session is, and what its cookie is like, lesson 7's suite has asked


@dataclass(frozen=True)
class Visit:
    """A session of a new customer: who and by what password, the cookie, and the key in Redis."""

    id: str
    claim: dict[str, str]
    cookie: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request says that belongs to it."""
        return carrying(self.cookie)


LogIn = Callable[[Client], Visit]


def carrying(cookie: str) -> dict[str, str]:
    """The header that carries a cookie of that value."""
    return {"Cookie": f"session={cookie}"}


def session_keys(redis: Redis) -> set[str]:
    """The keys of all sessions."""
    return {key.decode() for key in redis.scan_iter("session:*")}


def log_in(redis: Redis, draw: Draw, web: Client) -> Visit:
    """Register somebody, and log them in for a cookie."""
    claim = {"email": f"{draw.token(16)}@shop.test", "password": draw.token(20)}
    customer = web.post(REGISTER, json={"name": draw.name(), **claim}).has_status(201).field("id", str)
    before = session_keys(redis)
    with closing(Client(web.url)) as browser:
        answer = browser.post(SESSION, json=claim).has_status(204)
    cookie = answer.header("Set-Cookie", "session=[^;]+;.*").partition(";")[0].removeprefix("session=")
    keys = list(session_keys(redis) - before)
    expect(len(keys) == 1, "one new key in Redis that begins with session:", f"{len(keys)} new keys", answer.sent)
    return Visit(customer, claim, cookie, keys[0])


@pytest.fixture
def visit(web: Client, other: Client, redis: Redis, draw: Draw) -> LogIn:
    """Logs a new customer in at a process; both have Redis again, should a test before have broken it."""
    path = create(web)
    for client in (web, other):
        hit(client, path, within=BACK_WITHIN_S)
    return partial(log_in, redis, draw)


def knows(client: Client, *visits: Visit) -> None:
    """The process knows these sessions."""
    for each in visits:
        client.get(ME, headers=each.headers).has_status(200).is_json({"id": each.id, "role": "customer"})


def is_over(client: Client, who: Visit, what_was: str) -> None:
    """The process does not know a session any more, because of what was."""
    answer = client.get(ME, headers=who.headers)
    answer.sent += f"\n{what_was}"
    answer.has_status(401)


def log_out(client: Client, who: Visit) -> Answer:
    """The answer to a log-out, as a browser asks for it."""
    return client.delete(SESSION, headers={**who.headers, "Origin": client.url}, timeout=ANSWERED_WITHIN_S)


def cannot_tell(answer: Answer) -> None:
    """The answer is 503, and says when to ask again."""
    answer.has_status(503).header("Retry-After", r"\d+")
    answer.header("Content-Type", r"application/problem\+json.*")


def knows_again(client: Client, who: Visit) -> None:
    """Before long the process knows a session again; until then it says that it cannot tell."""

    def can_tell() -> bool:
        return client.get(ME, headers=who.headers, timeout=ANSWERED_WITHIN_S).status != 503

    eventually(can_tell, within=BACK_WITHIN_S, expected="sessions to be known again once Redis is back")
    knows(client, who)


@pytest.mark.step("sessions")
def test_who_logs_in_at_one_process_is_known_to_the_other(web: Client, other: Client, visit: LogIn) -> None:
    ana, ben = visit(web), visit(other)
    knows(web, ana, ben)
    knows(other, ana, ben)
    web.get(ME).has_status(401)


@pytest.mark.step("sessions")
def test_who_logs_out_at_one_process_is_out_at_the_other(
    web: Client, other: Client, redis: Redis, visit: LogIn
) -> None:
    ana, ben = visit(web), visit(web)
    knows(web, ana)
    answer = log_out(other, ana).has_status(204)
    for client in (web, other):
        is_over(client, ana, f"after {answer.sent}")
        knows(client, ben)
    expect(not redis.exists(ana.key), "no key for that session in Redis any more", ana.key, answer.sent)


@pytest.mark.step("sessions")
def test_redis_ends_a_session_by_itself(web: Client, other: Client, redis: Redis, visit: LogIn) -> None:
    ana = visit(web)
    knows(other, ana)
    left = redis.ttl(ana.key)
    got = "it stays for ever" if left == -1 else f"{left} s"
    expect(SESSION_S - 60 <= left <= SESSION_S, f"a time to live of {SESSION_S} s", got, f"TTL {ana.key} in Redis")
    redis.pexpire(ana.key, 1)
    eventually(lambda: not redis.exists(ana.key))
    for client in (web, other):
        is_over(client, ana, f"after {ana.key} has ended in Redis")


@pytest.mark.step("sessions")
def test_what_is_in_redis_gives_neither_password_nor_cookie_away(
    web: Client, redis: Redis, visit: LogIn, draw: Draw
) -> None:
    ana = visit(web)
    read = redis.hgetall if redis.type(ana.key) == b"hash" else redis.get
    held = f"{ana.key}: {read(ana.key)!r}"
    for what, secret in (("password", ana.claim["password"]), ("whole cookie", ana.cookie)):
        expect(secret not in held, f"nothing in Redis with the {what} in it", held, f"POST {SESSION}")
    name = ana.key.removeprefix("session:")
    for forged in (name, f"{name}.", f".{name}", f"{name}.{name}", f"{name}.{draw.token(64)}", ana.key):
        web.get(ME, headers=carrying(forged)).has_status(401)
    knows(web, ana)


@pytest.mark.step("sessions")
def test_garbage_in_redis_is_no_session(web: Client, redis: Redis, visit: LogIn) -> None:
    ana, ben = visit(web), visit(web)
    for kind in ("a list", "a hash", "no JSON", "no text", "null", "a number", "an empty object"):
        redis.delete(ana.key)
        GARBAGE[kind](redis, ana.key)
        answer = web.get(ME, headers=ana.headers)
        answer.sent += f"\nwith {kind} under {ana.key} in Redis"
        answer.has_status(401, 503)
        knows(web, ben)


@pytest.mark.step("sessions")
def test_a_process_that_starts_leaves_sessions_alone(newcomers: Newcomers) -> None:
    answer = newcomers.of_a_session
    if isinstance(answer, Unmet):
        raise answer
    answer.sent += "\nafter another process web has started"
    answer.has_status(200)


@pytest.mark.step("sessions")
@pytest.mark.breaks_services
def test_without_redis_nobody_can_tell_who_has_logged_in(
    web: Client, other: Client, services: dict[str, Service], visit: LogIn
) -> None:
    server = services["redis"].server
    path, ana, ben = cached(web), visit(web), visit(other)
    log_out(web, ben).has_status(204)
    server.kill()
    try:
        for client in (web, other):
            cannot_tell(client.get(ME, headers=ana.headers))
            cannot_tell(log_out(client, ana))
            cannot_tell(client.post(SESSION, json=ana.claim))
            costs(client.get(path), "19.99")
    finally:
        server.start_again()
    for client in (web, other):
        knows_again(client, ana)
        is_over(client, ben, "after a log-out, kill -9 of Redis and its start with its old keys")


@pytest.mark.step("sessions")
@pytest.mark.breaks_services
def test_a_redis_that_says_nothing_keeps_nobody_waiting_for_a_session(
    web: Client, services: dict[str, Service], visit: LogIn
) -> None:
    server, ana = services["redis"].server, visit(web)
    server.pause()
    try:
        cannot_tell(web.get(ME, headers=ana.headers, timeout=ANSWERED_WITHIN_S))
    finally:
        server.resume()
    knows_again(web, ana)


# outage, once more: a process that is killed at the end of a step is there again before it is needed


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_redis_says_nothing_for_a_while(
    web: Client, other: Client, system: System, services: dict[str, Service], draw: Draw
) -> None:
    server, price = services["redis"].server, draw.price(5000)
    path, second = cached(web), cached(web, "4.44")
    writer = system.processes("web")[0]
    # What a process sends over an open connection would be done when Redis goes on. So the writer's are closed, and it
    # has no time to open others before Redis says nothing.
    writer.signal(SIGSTOP)
    try:
        with Redis.from_url(server.admin_url) as admin:
            admin.client_kill_filter(_type="normal", skipme=True)
        costs(hit(other, path, within=BACK_WITHIN_S), "19.99")
        server.pause()
    finally:
        writer.signal(SIGCONT)
    try:
        bound = {"timeout": ANSWERED_WITHIN_S}
        # The other process has nothing to do meanwhile, so no failure of its own tells it.
        web.patch(path, json={"price": price}, **bound).has_status(200)
        for answer in at_once([partial(web.get, second, **bound)] * 20):
            came_by(costs(answer, "4.44"), "BYPASS", "MISS")
        began = time.monotonic()
        for _ in range(10):
            costs(web.get(path, **bound), price)
        took = time.monotonic() - began
        sent = "10 times GET, one after the other, while Redis says nothing (SIGSTOP)"
        expect(took < 5 * TIMEOUT_S, "not to wait for Redis at each of them", f"{took:.1f} s in all", sent)
        # Nor does the one that knows.
        writer.kill()
    finally:
        server.resume()
    sent = f"Redis stopped (SIGSTOP), PATCH {path} to {price} at one process, kill -9 of that, Redis continued"
    is_back(path, price, [other], sent)
    # Whoever needs it next is in another step, after one that has to wait for its window.
    writer.launch()
