"""Lesson 5: data that stays. Each test is one promise of the contract, over HTTP and in the database."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest

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
ORDERS = "/api/orders"
NOBODY_HAS = 9_000_000_000_000
MOST_CONNECTIONS = 20
BUYERS = 50
LEFT = 10
UNAVAILABLE_WITHIN_S = 5
BACK_WITHIN_S = 10

Item = dict[str, int]

globals().update(reuse(Path(__file__).with_name("test_lesson01_rest_crud.py"), step="products"))


def create(web: Client, name: str = "Lamp", price: Decimal | str = "19.99") -> int:
    """Create a product; its id."""
    return int(web.post(PRODUCTS, json={"name": name, "price": Decimal(price)}).has_status(201).field("id", int))


def stock_of(product: int) -> str:
    """The path of a product's stock."""
    return f"{PRODUCTS}/{product}/stock"


def stocked(web: Client, quantity: int, price: Decimal | str = "19.99") -> int:
    """Create a product of which there are so many; its id."""
    product = create(web, price=price)
    web.put(stock_of(product), json={"quantity": quantity}).has_status(200)
    return product


def left(web: Client, product: int) -> int:
    """How many there are of a product."""
    return int(web.get(stock_of(product)).has_status(200).field("quantity", int))


def has_left(web: Client, product: int, quantity: int, sent: str) -> None:
    """There are so many of a product."""
    got = left(web, product)
    expect(got == quantity, f"{quantity} in stock after that", f"{got} in stock", sent)


def item(product: int, quantity: int = 1) -> Item:
    """One item of an order."""
    return {"productId": product, "quantity": quantity}


def order(web: Client, *items: Item, **options: Any) -> Answer:
    """Try to buy."""
    return web.post(ORDERS, json={"items": list(items)}, **options)


def is_unavailable(answer: Answer) -> None:
    """The answer is 503 and says when to come back."""
    answer.has_status(503).header("Retry-After", r"\d+")


# configure


@dataclass(frozen=True)
class Misled:
    """A process that was told a URL with a password, and that leads to no PostgreSQL."""

    process: Process
    url: str
    password: str


@pytest.fixture(scope="module")
def misled_about_the_database(request: pytest.FixtureRequest, bench: Bench) -> Misled:
    """One, already on its way."""
    draw = Draw(request.config.option.seed, "misled about the database")
    password = draw.token()
    somewhere = f"ana:{password}@127.0.0.1"
    url = draw.choice([f"{somewhere}:5432", f"http://{somewhere}/shop", f"mysql://{somewhere}/shop", f"={password}"])
    return Misled(bench.system.launch("web", {"DATABASE_URL": url}), url, password)


@pytest.mark.step("configure")
@pytest.mark.usefixtures("misled_about_the_database")  # it starts now, and the next test waits for less
def test_it_starts_with_the_database_that_it_is_told(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("configure")
def test_a_database_url_that_makes_no_sense_ends_the_process_with_status_2(
    misled_about_the_database: Misled,
) -> None:
    misled = misled_about_the_database
    refuses_to_start(misled.process, "DATABASE_URL", misled.url, hides=misled.password)


# migrate


@contextmanager
def nobody_can_create(url: str) -> Iterator[None]:
    """Hold up whoever wants to create something in a database, as long as the context lasts."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE pg_class IN SHARE MODE")
        yield


def held_up(admin: psycopg.Connection, database: str) -> int:
    """How many connections to a database wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    row = admin.execute(query, [database]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def two_at_once(bench: Bench, services: dict[str, Service]) -> tuple[str, list[Process]]:
    """The URL of a new database, and two processes that have met there while it was empty."""
    server = services["postgresql"].server
    url = server.allocate().url
    database = urlsplit(url).path[1:]
    # Both get as far as they can before either can go on: nothing is left to the luck of who comes first.
    with (
        psycopg.connect(server.admin_url, autocommit=True) as admin,
        nobody_can_create(urlsplit(server.admin_url)._replace(path=f"/{database}").geturl()),
    ):
        processes = [bench.system.launch("web", {"DATABASE_URL": url}) for _ in range(2)]
        with suppress(Unmet):
            eventually(lambda: held_up(admin, database) == 2, within=5)
    return url, processes


@pytest.mark.step("migrate")
def test_two_processes_that_start_together_migrate_once(two_at_once: tuple[str, list[Process]]) -> None:
    url, processes = two_at_once
    sent = "two processes started at the same time on an empty database"
    for process in processes:
        process.await_ready()
    with psycopg.connect(url) as connection:
        applied = history(connection)
    expected = "schema_migrations with the numbers 1, 2, 3 and so on, each once"
    expect(applied == list(range(1, len(applied) + 1)), expected, applied, sent)


def history(connection: psycopg.Connection) -> list[int]:
    """The numbers of the migrations that have been applied, as the database tells them."""
    try:
        rows = connection.execute("SELECT number FROM schema_migrations ORDER BY number").fetchall()
    except psycopg.Error as error:
        raise Unmet("a table schema_migrations with a column number", str(error)) from None
    expect(rows, "schema_migrations to tell what was applied", "it is empty")
    return [row[0] for row in rows]


# products: lesson 1's tests are above


@pytest.mark.step("products")
def test_products_are_still_there_after_a_restart(
    web: Client, system: System, services: dict[str, Service], draw: Draw
) -> None:
    product = create(web, draw.name(), draw.price())
    before = web.get(f"{PRODUCTS}/{product}").has_status(200)
    gone = create(web)
    web.delete(f"{PRODUCTS}/{gone}").has_status(204)
    with psycopg.connect(services["postgresql"].url, autocommit=True) as connection:
        applied = history(connection)
        system.processes("web")[0].restart()
        answer = web.get(f"{PRODUCTS}/{product}")
        sent = f"POST {PRODUCTS}, a restart of web, {answer.sent}"
        expect(answer.status == 200 and answer.json == before.json, before.got, answer.got, sent)
        expect(history(connection) == applied, f"schema_migrations as it was, {applied}", history(connection), sent)
    again = create(web)
    expected = f"an id that was never given out, so above {gone}"
    expect(again > gone, expected, again, f"DELETE {PRODUCTS}/{gone}, a restart of web, POST {PRODUCTS}")


@pytest.mark.step("products")
def test_what_one_process_writes_another_reads(web: Client, two_at_once: tuple[str, list[Process]]) -> None:
    for process in two_at_once[1]:
        process.await_ready()
    first, second = (Client(process.url) for process in two_at_once[1])
    product = create(first)
    answer = second.get(f"{PRODUCTS}/{product}")
    sent = f"POST {PRODUCTS} to one process, GET {PRODUCTS}/{product} from another"
    expect(answer.status == 200, "200 OK", answer.got, sent)


# text


@pytest.mark.step("text")
@pytest.mark.parametrize(
    "name",
    [
        "O'Brien",
        "'; DROP TABLE products; --",
        "x', 0) --",
        '"; DELETE FROM products; --',
        "%s %(name)s %",
        "$1 $$ :name ?",
        "\\'; \\x00 E'\\'",
        "{0} {name}",
        "/* lamp",
    ],
)
def test_what_means_something_in_sql_is_text_here(web: Client, draw: Draw, name: str) -> None:
    other = create(web)
    product = web.post(PRODUCTS, json={"name": name, "price": draw.price()}).has_status(201)
    path = f"{PRODUCTS}/{product.field('id', int)}"
    keeps(web.get(path), name)
    keeps(web.patch(path, json={"name": f"{name} 2"}), f"{name} 2")
    keeps(web.put(path, json={"name": name, "price": 1}), name)
    keeps(web.get(path), name)
    keeps(web.get(f"{PRODUCTS}/{other}"), "Lamp")


def keeps(answer: Answer, name: str) -> None:
    """The product in an answer has this name."""
    answer.has_status(200)
    expect(answer.field("name", str) == name, f"the name {name!r}", answer.got, answer.sent)


@pytest.mark.step("text")
@pytest.mark.parametrize("name", ["\0", "Lamp\0", "La\0mp"])
def test_a_name_with_a_nul_character_is_refused_by_name(web: Client, name: str) -> None:
    web.post(PRODUCTS, json={"name": name, "price": 1}).is_refused("name")
    path = f"{PRODUCTS}/{create(web)}"
    web.put(path, json={"name": name, "price": 1}).is_refused("name")
    web.patch(path, json={"name": name}).is_refused("name")
    keeps(web.get(path), "Lamp")


# stock


@pytest.mark.step("stock")
def test_a_new_product_is_out_of_stock(web: Client) -> None:
    web.get(stock_of(create(web))).has_status(200).is_json({"quantity": 0})


@pytest.mark.step("stock")
def test_stock_is_what_was_put(web: Client, draw: Draw) -> None:
    first, second = create(web), create(web)
    quantity = draw.integer(1, 1_000_000)
    web.put(stock_of(first), json={"quantity": quantity}).has_status(200).is_json({"quantity": quantity})
    web.get(stock_of(first)).has_status(200).is_json({"quantity": quantity})
    web.get(stock_of(second)).has_status(200).is_json({"quantity": 0})


@pytest.mark.step("stock")
def test_changing_a_product_leaves_its_stock(web: Client, draw: Draw) -> None:
    product = stocked(web, 7)
    web.patch(f"{PRODUCTS}/{product}", json={"price": draw.price()}).has_status(200)
    answer = web.put(f"{PRODUCTS}/{product}", json={"name": draw.name(), "price": 1}).has_status(200)
    has_left(web, product, 7, f"PATCH, then {answer.sent}")


@pytest.mark.step("stock")
def test_stock_of_an_unknown_product_is_a_404(web: Client) -> None:
    web.get(stock_of(NOBODY_HAS)).has_status(404)
    web.put(stock_of(NOBODY_HAS), json={"quantity": 1}).has_status(404)


@pytest.mark.step("stock")
@pytest.mark.parametrize("quantity", [-1, 1_000_001, 10**30, 1.5, "5", True, None])
def test_a_stock_that_makes_no_sense_is_refused_by_name(web: Client, quantity: object) -> None:
    product = stocked(web, 3)
    wanted = float(quantity) if isinstance(quantity, float) else quantity
    answer = web.put(stock_of(product), json={"quantity": wanted}).is_refused("quantity")
    has_left(web, product, 3, answer.sent)


# orders


@pytest.mark.step("orders")
def test_an_order_takes_stock_and_can_be_read(web: Client, draw: Draw) -> None:
    price = draw.price()
    first, second = stocked(web, 5, price), stocked(web, 9, "0.10")
    answer = order(web, item(second, 3), item(first, 2)).has_status(201)
    placed = answer.field("id", int)
    expect(placed > 0, "a positive id", answer.got, answer.sent)
    items = [{**item(second, 3), "price": Decimal("0.10")}, {**item(first, 2), "price": price}]
    total = price * 2 + Decimal("0.30")
    created = answer.field("createdAt", str)
    is_utc = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", created)
    expect(is_utc, "createdAt in UTC, such as 2026-01-31T12:00:00Z", answer.got, answer.sent)
    answer.is_json({"id": placed, "createdAt": created, "items": items, "total": total})
    where = urlsplit(urljoin(ORDERS, answer.header("Location"))).path
    expect(where == f"{ORDERS}/{placed}", f"Location: {ORDERS}/{placed}", answer.header("Location"), answer.sent)
    web.get(where).has_status(200).is_json(answer.json)
    has_left(web, first, 3, answer.sent)
    has_left(web, second, 6, answer.sent)


@pytest.mark.step("orders")
def test_an_order_keeps_its_prices_whatever_becomes_of_the_products(web: Client) -> None:
    product = stocked(web, 5, "10.50")
    placed = order(web, item(product, 2)).has_status(201)
    path = f"{ORDERS}/{placed.field('id', int)}"
    web.patch(f"{PRODUCTS}/{product}", json={"price": 99}).has_status(200)
    web.get(path).has_status(200).is_json(placed.json)
    web.delete(f"{PRODUCTS}/{product}").has_status(204)
    web.get(path).has_status(200).is_json(placed.json)


@pytest.mark.step("orders")
def test_an_order_that_cannot_be_had_whole_takes_nothing(web: Client) -> None:
    plenty, few, plenty_too = stocked(web, 100), stocked(web, 1), stocked(web, 100)
    answer = order(web, item(plenty), item(few, 2), item(plenty_too)).has_status(409)
    for product, quantity in ((plenty, 100), (few, 1), (plenty_too, 100)):
        has_left(web, product, quantity, answer.sent)
    answer = order(web, item(plenty), item(NOBODY_HAS)).is_refused("productId")
    has_left(web, plenty, 100, answer.sent)


@pytest.mark.step("orders")
def test_fifty_buyers_of_the_last_ten(web: Client) -> None:
    product = stocked(web, LEFT)
    answers = at_once([lambda: order(web, item(product))] * BUYERS)
    got = statuses(answers)
    sent = f"{BUYERS} times POST {ORDERS} at once, one piece each, {LEFT} in stock"
    expect(got == {201: LEFT, 409: BUYERS - LEFT}, f"{LEFT} times 201, {BUYERS - LEFT} times 409", got, sent)
    ids = {answer.field("id", int) for answer in answers if answer.status == 201}
    expect(len(ids) == LEFT, f"{LEFT} different orders", sorted(ids), sent)
    has_left(web, product, 0, sent)


@pytest.mark.step("orders")
def test_orders_that_want_the_same_products_in_another_order_all_succeed(web: Client) -> None:
    products = [stocked(web, 100) for _ in range(4)]

    def buy(number: int) -> Answer:
        turn = products if number % 2 else products[::-1]
        return order(web, *(item(product) for product in turn))

    got = statuses(at_once([partial(buy, number) for number in range(30)]))
    sent = f"30 times POST {ORDERS} at once for the products {products}, half of them in reverse; 100 of each in stock"
    expect(got == {201: 30}, "30 times 201", got, sent)
    for product in products:
        has_left(web, product, 70, sent)


@pytest.mark.step("orders")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        ({"items": None}, "items"),
        ({"items": {}}, "items"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_by_name(web: Client, change: dict[str, Any], field: str) -> None:
    body = {"items": [item(stocked(web, 1))], **change}
    web.post(ORDERS, json=body).is_refused(field)


@pytest.mark.step("orders")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1001}, "quantity"),
        ({"quantity": "2"}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"productId": 0}, "productId"),
        ({"productId": 10**30}, "productId"),
        ({"productId": "1; DROP TABLE orders"}, "productId"),
        ({"price": 0}, "price"),
    ],
)
def test_an_item_that_makes_no_sense_is_refused_and_takes_nothing(
    web: Client, change: dict[str, Any], field: str
) -> None:
    product = stocked(web, 5)
    answer = order(web, {**item(product), **change}).is_refused(field)
    has_left(web, product, 5, answer.sent)


@pytest.mark.step("orders")
def test_a_product_may_be_in_an_order_once(web: Client) -> None:
    product = stocked(web, 5)
    answer = order(web, item(product, 3), item(product, 1)).is_refused("productId")
    has_left(web, product, 5, answer.sent)


@pytest.mark.step("orders")
def test_an_order_that_costs_too_much_is_refused_and_takes_nothing(web: Client) -> None:
    product = stocked(web, 5, "9999999999.99")
    answer = order(web, item(product, 2)).is_refused("items")
    has_left(web, product, 5, answer.sent)
    order(web, item(product)).has_status(201)


@pytest.mark.step("orders")
@pytest.mark.parametrize("order_id", ["abc", "0", "9" * 30, "1%27--"])
def test_what_is_no_id_of_an_order_is_refused(web: Client, order_id: str) -> None:
    web.get(f"{ORDERS}/{order_id}").is_refused()


@pytest.mark.step("orders")
def test_an_unknown_order_is_a_404(web: Client) -> None:
    web.get(f"{ORDERS}/{NOBODY_HAS}").has_status(404)


# pages


@pytest.fixture
def placed(web: Client) -> list[Any]:
    """Seven orders of two items each, the newest first, as they were answered."""
    first, second = stocked(web, 100), stocked(web, 100)
    answers = [order(web, item(first), item(second, 2)).has_status(201) for _ in range(7)]
    return [answer.json for answer in reversed(answers)]


def next_page(answer: Answer) -> str | None:
    """The path that the header Link gives for the next page (RFC 8288); None if it gives none."""
    match = re.search(r'<([^>]+)>\s*;\s*rel="?next"?', answer.headers.get("Link", ""))
    if match is None:
        return None
    target = urlsplit(urljoin(ORDERS, match[1]))
    return f"{target.path}?{target.query}"


@pytest.mark.step("pages")
def test_a_page_has_the_newest_orders_first(web: Client, placed: list[Any], draw: Draw) -> None:
    limit = draw.integer(2, 6)
    answer = web.get(ORDERS, params={"limit": limit}).has_status(200)
    ids = [entry["id"] for entry in placed[:limit]]
    expect(answer.json == placed[:limit], f"the orders {ids}, each with its items", answer.got, answer.sent)


@pytest.mark.step("pages")
def test_link_leads_from_page_to_page_although_new_orders_come_in(web: Client, placed: list[Any]) -> None:
    product = stocked(web, 10)
    answer = web.get(ORDERS, params={"limit": 3}).has_status(200)
    listed: list[Any] = list(answer.items())
    for _ in range(2):
        order(web, item(product)).has_status(201)
        path = next_page(answer)
        expect(path, "the header Link with the next page, rel=next", answer.headers.get("Link"), answer.sent)
        answer = web.get(str(path)).has_status(200)
        listed += answer.items()
    ids = [entry["id"] for entry in listed[:7]]
    expected = f"the orders {[entry['id'] for entry in placed]} without gap or repetition"
    sent = f"GET {ORDERS}?limit=3 and two pages on by Link, with a new order before each"
    expect(listed[:7] == placed, expected, ids, sent)


@pytest.mark.step("pages")
def test_after_gives_the_orders_that_are_older_than_that(web: Client, placed: list[Any], draw: Draw) -> None:
    number = draw.integer(0, 4)
    answer = web.get(ORDERS, params={"limit": 2, "after": placed[number]["id"]}).has_status(200)
    wanted = placed[number + 1 : number + 3]
    expect(answer.json == wanted, f"the orders {[entry['id'] for entry in wanted]}", answer.got, answer.sent)


@pytest.mark.step("pages")
def test_the_last_page_has_no_link_to_a_next_one(web: Client, placed: list[Any]) -> None:
    answer = web.get(ORDERS, params={"limit": 100}).has_status(200)
    while path := next_page(answer):
        answer = web.get(path).has_status(200)
    expect(answer.items(), "a last page that is not empty", answer.got, answer.sent)
    count = len(answer.items())
    if count >= 2:
        whole = web.get(ORDERS, params={"limit": count - 1, "after": answer.items()[0]["id"]}).has_status(200)
        expect(next_page(whole) is None, "no Link when nothing is older", whole.headers.get("Link"), whole.sent)
    oldest = answer.items()[-1]["id"]
    web.get(ORDERS, params={"after": oldest}).has_status(200).is_json([])


@pytest.mark.step("pages")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"after": "0"}, "after"),
        ({"after": "newest"}, "after"),
        ({"after": "1 OR 1=1"}, "after"),
        ({"after": "9" * 30}, "after"),
    ],
)
def test_a_page_of_orders_that_makes_no_sense_is_refused_by_name(
    web: Client, query: dict[str, str], field: str
) -> None:
    web.get(ORDERS, params=query).is_refused(field)


# outage


def buy_until(stop: Event, url: str, product: int) -> list[Answer]:
    """Buy one piece after the other, and keep the answers."""
    answers = []
    with closing(Client(url)) as web:
        while not stop.is_set():
            answers.append(order(web, item(product)))
    return answers


@pytest.fixture
def buyers(web: Client) -> Iterator[Callable[[int], tuple[Event, list[Future[list[Answer]]]]]]:
    """Starts four clients that buy a product without pause, until the event is set."""
    stop = Event()
    with ThreadPoolExecutor(4) as pool:

        def start(product: int) -> tuple[Event, list[Future[list[Answer]]]]:
            return stop, [pool.submit(buy_until, stop, web.url, product) for _ in range(4)]

        try:
            yield start
        finally:
            stop.set()


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_database_that_is_killed_and_comes_back_has_lost_nothing_that_was_acknowledged(
    web: Client,
    system: System,
    services: dict[str, Service],
    buyers: Callable[[int], tuple[Event, list[Future[list[Answer]]]]],
) -> None:
    server = services["postgresql"].server
    product = stocked(web, 1_000_000)
    stop, buying = buyers(product)
    eventually(lambda: left(web, product) <= 1_000_000 - 20, expected="orders to be placed")
    server.kill()
    try:
        late = system.launch("web")
        for answer in at_once([lambda: order(web, item(product)), lambda: web.get(PRODUCTS)]):
            is_unavailable(answer)
        web.get("/health").has_status(200)
        # Started while there is no database, it serves as far as it can.
        late.await_ready()
    finally:
        server.start_again()
    eventually(lambda: order(web, item(product)).has_status(201), within=BACK_WITHIN_S)
    eventually(lambda: order(Client(late.url), item(product)).has_status(201), within=BACK_WITHIN_S)
    stop.set()
    answers = [answer for buyer in buying for answer in buyer.result()]
    sent = f"POST {ORDERS} again and again, kill -9 of the database in the midst of it, and its start"
    got = statuses(answers)
    expect(set(got) == {201, 503}, "201, and 503 while the database is away, and nothing else", got, sent)
    for answer in answers:
        if answer.status == 503:
            is_unavailable(answer)
    acknowledged = {int(answer.field("id", int)) for answer in answers if answer.status == 201}
    lost = acknowledged - kept(web, min(acknowledged))
    expected = f"all {len(acknowledged)} orders that were answered 201"
    expect(not lost, expected, f"{len(lost)} are lost: {sorted(lost)[:5]}", sent)
    sold = 1_000_000 - left(web, product)
    there = sum(1 for entry in orders_since(web, min(acknowledged)) if entry["items"][0]["productId"] == product)
    expect(sold == there, f"as many orders as pieces were taken out of stock, {sold}", there, sent)


def kept(web: Client, oldest: int) -> set[int]:
    """The ids of all orders that are there, from the newest back to that one."""
    return {entry["id"] for entry in orders_since(web, oldest)}


def orders_since(web: Client, oldest: int) -> list[Any]:
    """All orders from the newest back to that one."""
    found: list[Any] = []
    path: str | None = f"{ORDERS}?limit=100"
    while path and (not found or found[-1]["id"] > oldest):
        answer = web.get(path).has_status(200)
        found += answer.items()
        path = next_page(answer)
    return [entry for entry in found if entry["id"] >= oldest]


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_database_that_says_nothing_holds_up_nobody_for_long(web: Client, services: dict[str, Service]) -> None:
    server = services["postgresql"].server
    product = stocked(web, 100)
    answers = at_once([lambda: web.get(f"{PRODUCTS}/{product}")] * 10)
    expect(statuses(answers) == {200: 10}, "10 times 200", statuses(answers), "10 times GET of a product at once")
    server.pause()
    try:
        with ThreadPoolExecutor(12) as pool:
            bound = {"timeout": UNAVAILABLE_WITHIN_S + 1}
            asked = [pool.submit(order, web, item(product), **bound) for _ in range(6)]
            asked += [pool.submit(web.get, f"{PRODUCTS}/{product}", **bound) for _ in range(6)]
            slowest = 0.0
            while not all(future.done() for future in asked):
                slowest = max(slowest, seconds_of(web, "/health"))
    finally:
        server.resume()
    sent = "12 requests at once while the database is stopped in mid-work (SIGSTOP)"
    for future in asked:
        is_unavailable(future.result())
    expect(slowest < 2, "/health to be answered at once meanwhile", f"after {slowest:.1f} s", sent)
    eventually(lambda: order(web, item(product)).has_status(201), within=BACK_WITHIN_S)


def seconds_of(web: Client, path: str) -> float:
    """How long an answer takes."""
    began = time.monotonic()
    web.get(path).has_status(200)
    return time.monotonic() - began


@pytest.mark.step("outage")
def test_no_connection_leaks(web: Client, services: dict[str, Service]) -> None:
    product = stocked(web, 5)
    requests: list[Callable[[], Answer]] = [
        lambda: order(web, item(product)),
        lambda: order(web, item(product, 1000)),
        lambda: order(web, item(product), item(NOBODY_HAS)),
        lambda: web.post(PRODUCTS, json={"name": "\0", "price": 1}),
        lambda: web.get(f"{PRODUCTS}/{NOBODY_HAS}"),
    ]
    at_once(requests * (BUYERS // len(requests)))
    with psycopg.connect(services["postgresql"].url, autocommit=True) as connection:

        def settled() -> bool:
            query = "SELECT coalesce(state, ''), count(*) FROM pg_stat_activity WHERE usename = current_user"
            found = connection.execute(f"{query} AND pid <> pg_backend_pid() GROUP BY 1").fetchall()
            states = {str(state): int(count) for state, count in found}
            sent = f"{BUYERS} requests at once, most of them refused; then pg_stat_activity"
            expected = f"at most {MOST_CONNECTIONS} connections, all of them idle"
            expect(set(states) <= {"idle"} and states.get("idle", 0) <= MOST_CONNECTIONS, expected, states, sent)
            return True

        eventually(settled)
