"""Lesson 1: a REST API from nothing. Each test is one promise of the lesson's contract."""

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from signal import SIGTERM
from typing import Any
from urllib.parse import urljoin, urlsplit

import jsonschema
import pytest
import referencing.exceptions

from taller.grading import Answer, Client, Draw, Unmet, expect, refuses_to_start
from taller.grading.bench import Bench
from taller.runner import Process, System

PRODUCTS = "/api/products"
ONE_MEGABYTE = 1_000_000
METHODS_OF_LIST = {"GET", "HEAD", "OPTIONS", "POST"}
METHODS_OF_ONE = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"}


@pytest.fixture
def draft(draw: Draw) -> dict[str, Any]:
    """What a client says of a product that it wants created."""
    return {"name": draw.name(), "price": draw.price()}


def create(web: Client, draft: dict[str, Any]) -> dict[str, Any]:
    """Create a product and return it as the server answered it."""
    answer = web.post(PRODUCTS, json=draft).has_status(201)
    return {"id": answer.field("id", int), "name": answer.field("name", str), "price": answer.field("price", Decimal)}


def at(product: dict[str, Any]) -> str:
    """The path of a product."""
    return f"{PRODUCTS}/{product['id']}"


def is_product(answer: Answer, product: dict[str, Any]) -> None:
    """The answer is 200 with exactly this product, its price exact to the cent."""
    answer.has_status(200).is_json(product)


def total(web: Client) -> int:
    """How many products there are, by the header."""
    return int(web.get(PRODUCTS).has_status(200).header("X-Total-Count", r"\d+"))


def connect(url: str) -> socket.socket:
    """A bare connection, for requests that no well-behaved client makes."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=5)


# health


@pytest.fixture(scope="module")
def misled(request: pytest.FixtureRequest, bench: Bench) -> tuple[str, Process]:
    """A port that makes no sense, and a process that was told it."""
    port = Draw(request.config.option.seed, "misled").choice(["", "eighty", "0", "65536", "-1", "80.5"])
    return port, bench.system.launch("web", {"PORT": port})


@pytest.mark.step("health")
@pytest.mark.usefixtures("misled")  # it starts with the first test and is judged by the last, so nobody waits for it
def test_health_answers_ok(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


# create


@pytest.mark.step("create")
def test_a_new_product_is_answered_with_201_and_its_id(web: Client, draft: dict[str, Any]) -> None:
    answer = web.post(PRODUCTS, json=draft).has_status(201)
    expect(answer.field("id", int) > 0, "a positive id", answer.got, answer.sent)
    answer.is_json({"id": answer.json["id"], **draft})


@pytest.mark.step("create")
def test_location_points_at_the_new_product(web: Client, draft: dict[str, Any]) -> None:
    answer = web.post(PRODUCTS, json=draft).has_status(201)
    location = answer.header("Location")
    path = urlsplit(urljoin(PRODUCTS, location)).path
    expected = f"Location: {PRODUCTS}/{answer.field('id', int)}"
    expect(path == f"{PRODUCTS}/{answer.json['id']}", expected, f"Location: {location}", answer.sent)


@pytest.mark.step("create")
def test_every_new_product_has_an_id_of_its_own(web: Client, draft: dict[str, Any]) -> None:
    ids = [create(web, draft)["id"] for _ in range(5)]
    expect(len(set(ids)) == 5, "five different ids", ids, f"five times POST {PRODUCTS}")


@pytest.mark.step("create")
def test_products_created_at_the_same_time_have_ids_of_their_own(web: Client, draft: dict[str, Any]) -> None:
    with ThreadPoolExecutor(10) as clients:
        ids = [product["id"] for product in clients.map(lambda _: create(web, draft), range(10))]
    expect(len(set(ids)) == 10, "ten different ids", sorted(ids), f"ten times POST {PRODUCTS} at once")


@pytest.mark.step("create")
@pytest.mark.parametrize("price", ["0", "0.01", "0.1", "0.29", "1.10", "19.99", "1234567.89"])
def test_a_price_comes_back_exact_to_the_cent(web: Client, draft: dict[str, Any], price: str) -> None:
    answer = web.post(PRODUCTS, json={**draft, "price": Decimal(price)}).has_status(201)
    expect(answer.field("price", Decimal) == Decimal(price), f"a price of exactly {price}", answer.got, answer.sent)


@pytest.mark.step("create")
@pytest.mark.parametrize("name", ["x", "Ñandú 🪶", "'; DROP TABLE products; --", "<b>bold</b>", "n" * 200])
def test_a_name_is_kept_as_it_was_sent(web: Client, draft: dict[str, Any], name: str) -> None:
    answer = web.post(PRODUCTS, json={**draft, "name": name}).has_status(201)
    expect(answer.field("name", str) == name, f"the name {name!r}", answer.got, answer.sent)


# read


@pytest.mark.step("read")
def test_a_product_can_be_read_at_its_path(web: Client, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    is_product(web.get(at(product)), product)


@pytest.mark.step("read")
def test_each_path_leads_to_its_own_product(web: Client, draw: Draw) -> None:
    products = [create(web, {"name": draw.name(), "price": draw.price()}) for _ in range(3)]
    for product in draw.shuffled(products):
        is_product(web.get(at(product)), product)


@pytest.mark.step("read")
def test_an_id_that_was_never_given_out_is_a_404(web: Client, draft: dict[str, Any]) -> None:
    web.get(f"{PRODUCTS}/{create(web, draft)['id'] + 1_000_000}").has_status(404)


@pytest.mark.step("read")
@pytest.mark.parametrize("no_id", ["abc", "1.5", "-1", "0", "9" * 30, "9223372036854775808", "%00", "1%20OR%201=1"])
def test_what_is_no_id_is_refused(web: Client, no_id: str) -> None:
    web.get(f"{PRODUCTS}/{no_id}").is_refused()


# list


@pytest.mark.step("list")
def test_a_new_product_appears_in_the_list(web: Client, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    answer = web.get(PRODUCTS, params={"limit": 1, "offset": total(web) - 1}).has_status(200)
    expect(answer.items() == [product], f"a list of the newest product alone: {product}", answer.got, answer.sent)


@pytest.mark.step("list")
def test_x_total_count_tells_how_many_there_are(web: Client, draft: dict[str, Any]) -> None:
    before = total(web)
    create(web, draft)
    expect(total(web) == before + 1, f"X-Total-Count: {before + 1}", total(web), f"POST, then GET {PRODUCTS}")


@pytest.mark.step("list")
def test_limit_bounds_the_page(web: Client, draft: dict[str, Any], draw: Draw) -> None:
    for _ in range(6):
        create(web, draft)
    limit = draw.integer(2, 5)
    answer = web.get(PRODUCTS, params={"limit": limit}).has_status(200)
    expect(len(answer.items()) == limit, f"{limit} products", f"{len(answer.items())} products", answer.sent)
    expect(
        int(answer.header("X-Total-Count")) == total(web), "the total, not the page's length", answer.got, answer.sent
    )


@pytest.mark.step("list")
def test_a_page_may_have_a_hundred_products(web: Client) -> None:
    web.get(PRODUCTS, params={"limit": 100}).has_status(200)


@pytest.mark.step("list")
def test_pages_follow_each_other_without_gap_or_overlap(web: Client, draw: Draw) -> None:
    start = total(web)
    made = [create(web, {"name": draw.name(), "price": draw.price()}) for _ in range(7)]
    pages = [web.get(PRODUCTS, params={"limit": 3, "offset": start + offset}) for offset in (0, 3, 6)]
    listed = [product for page in pages for product in page.has_status(200).items()]
    expected = f"the products {[product['id'] for product in made]} in the order of their ids"
    expect(listed == made, expected, listed, f"three pages from offset {start} on")


@pytest.mark.step("list")
def test_a_page_beyond_the_end_is_empty(web: Client) -> None:
    before = total(web)
    answer = web.get(PRODUCTS, params={"offset": before + 1000}).has_status(200).is_json([])
    count = int(answer.header("X-Total-Count", r"\d+"))
    expect(count == before, f"X-Total-Count: {before}, as on every page", count, answer.sent)


@pytest.mark.step("list")
@pytest.mark.parametrize(
    "query", [{"limit": "101"}, {"limit": "-1"}, {"limit": "many"}, {"offset": "-1"}, {"offset": "far"}]
)
def test_a_page_that_makes_no_sense_is_refused(web: Client, query: dict[str, str]) -> None:
    web.get(PRODUCTS, params=query).is_refused()


# replace


@pytest.mark.step("replace")
def test_put_replaces_all_but_the_id(web: Client, draw: Draw, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    other = {"name": draw.name(), "price": draw.price()}
    is_product(web.put(at(product), json=other), {"id": product["id"], **other})
    is_product(web.get(at(product)), {"id": product["id"], **other})


@pytest.mark.step("replace")
@pytest.mark.parametrize("missing", ["name", "price"])
def test_put_needs_every_field(web: Client, draft: dict[str, Any], missing: str) -> None:
    product = create(web, draft)
    web.put(at(product), json={key: value for key, value in draft.items() if key != missing}).is_refused()
    is_product(web.get(at(product)), product)


@pytest.mark.step("replace")
def test_put_creates_nothing_where_there_is_nothing(web: Client, draft: dict[str, Any]) -> None:
    unknown = f"{PRODUCTS}/{create(web, draft)['id'] + 1_000_000}"
    web.put(unknown, json=draft).has_status(404)
    web.get(unknown).has_status(404)


# patch


@pytest.mark.step("patch")
def test_patch_of_a_price_leaves_the_name(web: Client, draw: Draw, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    price = draw.price()
    is_product(web.patch(at(product), json={"price": price}), {**product, "price": price})
    is_product(web.get(at(product)), {**product, "price": price})


@pytest.mark.step("patch")
def test_patch_of_a_name_leaves_the_price(web: Client, draw: Draw, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    name = draw.name()
    is_product(web.patch(at(product), json={"name": name}), {**product, "name": name})
    is_product(web.get(at(product)), {**product, "name": name})


@pytest.mark.step("patch")
def test_a_patch_that_names_nothing_changes_nothing(web: Client, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    answer = web.patch(at(product), json={})
    expect(answer.status == 200 or 400 <= answer.status < 500, "200 and the product, or a 4xx", answer.got, answer.sent)
    is_product(web.get(at(product)), product)


@pytest.mark.step("patch")
def test_a_patch_that_is_half_wrong_changes_nothing(web: Client, draw: Draw, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    web.patch(at(product), json={"name": draw.name(), "price": "much"}).is_refused()
    is_product(web.get(at(product)), product)


@pytest.mark.step("patch")
def test_patch_of_an_unknown_id_is_a_404(web: Client, draft: dict[str, Any]) -> None:
    web.patch(f"{PRODUCTS}/{create(web, draft)['id'] + 1_000_000}", json={"price": 1}).has_status(404)


# delete


@pytest.mark.step("delete")
def test_a_deleted_product_is_gone(web: Client, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    before = total(web)
    answer = web.delete(at(product)).has_status(204)
    expect(answer.content == b"", "204 without a body", answer.got, answer.sent)
    web.get(at(product)).has_status(404)
    expect(total(web) == before - 1, f"X-Total-Count: {before - 1}", total(web), answer.sent)


@pytest.mark.step("delete")
def test_deleting_twice_is_a_404(web: Client, draft: dict[str, Any]) -> None:
    product = create(web, draft)
    web.delete(at(product)).has_status(204)
    web.delete(at(product)).has_status(404)


@pytest.mark.step("delete")
@pytest.mark.parametrize("no_id", ["abc", "0", "9" * 30])
def test_deleting_what_is_no_id_is_refused(web: Client, no_id: str) -> None:
    web.delete(f"{PRODUCTS}/{no_id}").is_refused()


@pytest.mark.step("delete")
@pytest.mark.parametrize("which", [0, 1, 2])
def test_the_id_of_a_deleted_product_is_never_given_out_again(web: Client, draft: dict[str, Any], which: int) -> None:
    ids = [create(web, draft)["id"] for _ in range(3)]
    web.delete(f"{PRODUCTS}/{ids[which]}").has_status(204)
    after = [create(web, draft)["id"] for _ in range(2)]
    again = set(after) & set(ids)
    sent = f"POST three products (ids {ids}), DELETE {PRODUCTS}/{ids[which]}, POST two more"
    expect(not again, f"two ids that were never given out before, so none of {ids}", after, sent)


@pytest.mark.step("delete")
def test_deleting_one_product_leaves_the_others(web: Client, draft: dict[str, Any]) -> None:
    first, second, third = (create(web, draft) for _ in range(3))
    web.delete(at(second)).has_status(204)
    is_product(web.get(at(first)), first)
    is_product(web.get(at(third)), third)


# validate


@pytest.mark.step("validate")
@pytest.mark.parametrize("name", ["", " ", "\t\n", "n" * 201, 7, True, None, ["Lamp"], {"en": "Lamp"}])
def test_a_name_that_makes_no_sense_is_refused_by_name(web: Client, draft: dict[str, Any], name: object) -> None:
    before = total(web)
    web.post(PRODUCTS, json={**draft, "name": name}).is_refused("name")
    expect(total(web) == before, "nothing to be created", f"{total(web) - before} more products")


@pytest.mark.step("validate")
@pytest.mark.parametrize(
    "price",
    ["-0.01", "0.001", "12.345", "1e-3", "NaN", "Infinity", "-Infinity", "1e999", '"12.50"', "true", "null", "[1]"],
)
def test_a_price_that_makes_no_sense_is_refused_by_name(web: Client, draft: dict[str, Any], price: str) -> None:
    body = f'{{"name": {json.dumps(draft["name"])}, "price": {price}}}'
    answer = web.post(PRODUCTS, content=body, headers={"Content-Type": "application/json"})
    # NaN and Infinity are no JSON (RFC 8259), so a parser may stop there and know no field.
    is_json = price not in {"NaN", "Infinity", "-Infinity"}
    answer.is_refused(*(["price"] if is_json else []))


@pytest.mark.step("validate")
@pytest.mark.parametrize("field", ["name", "price"])
def test_a_missing_field_is_refused_by_name(web: Client, draft: dict[str, Any], field: str) -> None:
    web.post(PRODUCTS, json={key: value for key, value in draft.items() if key != field}).is_refused(field)


@pytest.mark.step("validate")
@pytest.mark.parametrize("field", ["id", "colour"])
def test_an_unknown_field_is_refused_by_name(web: Client, draft: dict[str, Any], field: str) -> None:
    web.post(PRODUCTS, json={**draft, field: 1}).is_refused(field)


@pytest.mark.step("validate")
@pytest.mark.parametrize(
    "body", ["", "{", "null", "7", '"Lamp"', "[]", "{'name': 'Lamp'}", "[" * 100_000, '{"price":' + "9" * 5000 + "}"]
)
def test_a_body_that_is_no_product_is_refused(web: Client, body: str) -> None:
    web.post(PRODUCTS, content=body, headers={"Content-Type": "application/json"}).is_refused()


@pytest.mark.step("validate")
@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b'{"name": "\xc3\x28", "price": 1}', b'{"name": "\\ud800", "price": 1}']
)
def test_text_that_is_no_unicode_is_refused(web: Client, body: bytes) -> None:
    web.post(PRODUCTS, content=body, headers={"Content-Type": "application/json"}).is_refused()


CHANGES_THAT_MAKE_NO_SENSE = [
    ({"price": None}, "price"),
    ({"price": -1}, "price"),
    ({"name": None}, "name"),
    ({"name": " "}, "name"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.step("validate")
@pytest.mark.parametrize(("change", "field"), CHANGES_THAT_MAKE_NO_SENSE)
def test_put_refuses_what_a_product_cannot_be(
    web: Client, draft: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    product = create(web, draft)
    web.put(at(product), json={**draft, **change}).is_refused(field)
    is_product(web.get(at(product)), product)


@pytest.mark.step("validate")
@pytest.mark.parametrize(("change", "field"), CHANGES_THAT_MAKE_NO_SENSE)
def test_patch_refuses_what_a_product_cannot_be(
    web: Client, draft: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    product = create(web, draft)
    web.patch(at(product), json=change).is_refused(field)
    is_product(web.get(at(product)), product)


@pytest.mark.step("validate")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "101"}, "limit"),
        ({"limit": "9" * 30}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"offset": "1e3"}, "offset"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_name(web: Client, query: dict[str, str], field: str) -> None:
    web.get(PRODUCTS, params=query).is_refused(field)


@pytest.mark.step("validate")
@pytest.mark.parametrize("missing", ["name", "price"])
def test_put_without_a_field_is_refused_by_name(web: Client, draft: dict[str, Any], missing: str) -> None:
    product = create(web, draft)
    web.put(at(product), json={key: value for key, value in draft.items() if key != missing}).is_refused(missing)


# bodies


@pytest.mark.step("bodies")
def test_a_body_over_one_megabyte_is_refused_with_413(web: Client, draft: dict[str, Any]) -> None:
    before = total(web)
    web.post(PRODUCTS, json={**draft, "name": "n" * ONE_MEGABYTE}).has_status(413)
    expect(total(web) == before, "nothing to be created", f"{total(web) - before} more products")


@pytest.mark.step("bodies")
def test_a_body_that_hides_its_length_is_refused_with_413(web: Client) -> None:
    pieces = (b" " * 50_000 for _ in range(30))
    answer = web.post(PRODUCTS, content=pieces, headers={"Content-Type": "application/json"})
    expect(
        answer.status == 413,
        "413 Content Too Large",
        answer.got,
        f"POST {PRODUCTS} with 1.5 MB in chunks, without Content-Length",
    )


@pytest.mark.step("bodies")
def test_a_body_just_under_one_megabyte_is_read(web: Client, draft: dict[str, Any]) -> None:
    body = json.dumps({**draft, "price": float(draft["price"])}).encode()
    padded = body + b" " * (ONE_MEGABYTE - 1 - len(body))
    answer = web.post(PRODUCTS, content=padded, headers={"Content-Type": "application/json"})
    expect(answer.status == 201, "201 Created", answer.got, f"POST {PRODUCTS} with a body of 999,999 bytes")


@pytest.mark.step("bodies")
def test_a_client_that_announces_much_and_leaves_harms_nobody(web: Client, draft: dict[str, Any]) -> None:
    with connect(web.url) as connection:
        connection.sendall(
            f"POST {PRODUCTS} HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
            f"Content-Length: 500000\r\n\r\n{{".encode()
        )
    create(web, draft)


# methods


def allowed(answer: Answer) -> set[str]:
    """The methods in the header Allow."""
    return {method.strip() for method in answer.header("Allow").split(",")}


@pytest.mark.step("methods")
def test_head_is_get_without_the_body(web: Client, draft: dict[str, Any]) -> None:
    for path in (PRODUCTS, at(create(web, draft))):
        get, head = web.get(path).has_status(200), web.head(path).has_status(200)
        expect(head.content == b"", "no body", head.got, head.sent)
        for name in ("Content-Type", "Content-Length", "X-Total-Count"):
            wanted, got = get.headers.get(name), head.headers.get(name)
            expect(wanted == got, f"the header {name}: {wanted}, as GET has it", f"{name}: {got}", head.sent)


@pytest.mark.step("methods")
def test_head_of_an_unknown_product_is_a_404(web: Client, draft: dict[str, Any]) -> None:
    web.head(f"{PRODUCTS}/{create(web, draft)['id'] + 1_000_000}").has_status(404)


@pytest.mark.step("methods")
def test_options_tells_what_is_allowed(web: Client, draft: dict[str, Any]) -> None:
    for path, methods in ((PRODUCTS, METHODS_OF_LIST), (at(create(web, draft)), METHODS_OF_ONE)):
        answer = web.options(path).has_status(200, 204)
        expect(allowed(answer) == methods, f"Allow: {', '.join(sorted(methods))}", answer.header("Allow"), answer.sent)


@pytest.mark.step("methods")
def test_options_of_a_path_that_is_not_there_is_a_404(web: Client, draw: Draw) -> None:
    web.options(f"/api/{draw.token()}").has_status(404)


@pytest.mark.step("methods")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_the_list_has_not_is_a_405_with_allow(web: Client, method: str) -> None:
    answer = web.request(method, PRODUCTS).has_status(405)
    wanted = ", ".join(sorted(METHODS_OF_LIST))
    expect(allowed(answer) == METHODS_OF_LIST, f"405 with Allow: {wanted}", answer.header("Allow"), answer.sent)


@pytest.mark.step("methods")
def test_posting_to_one_product_is_a_405_with_allow(web: Client, draft: dict[str, Any]) -> None:
    answer = web.post(at(create(web, draft)), json=draft).has_status(405)
    wanted = ", ".join(sorted(METHODS_OF_ONE))
    expect(allowed(answer) == METHODS_OF_ONE, f"405 with Allow: {wanted}", answer.header("Allow"), answer.sent)


# docs


@pytest.fixture
def openapi(web: Client) -> dict[str, Any]:
    """The OpenAPI document that belongs to the page at /docs."""
    answer = web.get("/openapi.json").has_status(200)
    answer.field("openapi", str)
    return dict(answer.json)


def operation(openapi: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """What the document says of a method; the name of the path's parameter does not matter."""
    paths = {re.sub(r"\{\w+\}", "{id}", known): item for known, item in openapi["paths"].items()}
    expect(path in paths, f"the path {path} in the OpenAPI document", sorted(paths), "GET /openapi.json")
    expect(method in paths[path], f"{method.upper()} of {path} in it", sorted(paths[path]), "GET /openapi.json")
    return dict(paths[path][method])


def fits_in(openapi: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    """Whether a value fits a schema of the document, with the components that it refers to."""
    alone = {**schema, "components": openapi.get("components", {})}
    try:
        return jsonschema.Draft202012Validator(alone).is_valid(plain(value))
    except referencing.exceptions.Unresolvable as error:
        raise Unmet("a schema for every $ref", f"one that leads nowhere: {error}", "GET /openapi.json") from None


def plain(value: Any) -> Any:
    """JSON with floats for Decimals, as jsonschema knows it."""
    return json.loads(json.dumps(value, default=float))


@pytest.mark.step("docs")
def test_docs_is_a_page_that_needs_no_other_host(web: Client) -> None:
    answer = web.get("/docs").has_status(200)
    answer.header("Content-Type", "text/html.*")
    elsewhere = re.findall(r"""(?:src|href)=["']((?:https?:)?//[^"']+)""", answer.text)
    expect(not elsewhere, "a page that works offline", f"it loads {', '.join(elsewhere)}", answer.sent)
    parts = re.findall(r"""<(?:script|link)[^>]*(?:src|href)=["']([^"']+)""", answer.text)
    for part in parts:
        web.get(urljoin("/docs", part)).has_status(200)


@pytest.mark.step("docs")
@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        (PRODUCTS, "get", {"200"}),
        (PRODUCTS, "post", {"201", "413"}),
        (PRODUCTS + "/{id}", "get", {"200", "404"}),
        (PRODUCTS + "/{id}", "put", {"200", "404", "413"}),
        (PRODUCTS + "/{id}", "patch", {"200", "404", "413"}),
        (PRODUCTS + "/{id}", "delete", {"204", "404"}),
    ],
)
def test_openapi_names_every_answer(openapi: dict[str, Any], path: str, method: str, statuses: set[str]) -> None:
    known = set(operation(openapi, path, method)["responses"])
    missing = statuses - known
    expect(
        not missing, f"the answers {sorted(statuses)} of {method.upper()} {path}", sorted(known), "GET /openapi.json"
    )


@pytest.mark.step("docs")
def test_openapi_describes_a_product_as_it_is(web: Client, openapi: dict[str, Any], draft: dict[str, Any]) -> None:
    answer = web.post(PRODUCTS, json=draft).has_status(201)
    described = operation(openapi, PRODUCTS, "post")["responses"]["201"]["content"]["application/json"]["schema"]
    for value, fits in ((answer.json, True), ({**answer.json, "id": "one"}, False), ({"id": 1}, False)):
        valid = fits_in(openapi, described, value)
        wanted = f"a schema of the answer 201 that {'fits' if fits else 'does not fit'} {plain(value)}"
        expect(valid == fits, wanted, described, "GET /openapi.json")


@pytest.mark.step("docs")
@pytest.mark.parametrize(
    ("change", "fits"),
    [({}, True), ({"name": ""}, False), ({"price": -1}, False), ({"price": "1"}, False), ({"x": 1}, False)],
)
def test_openapi_tells_what_is_accepted(
    openapi: dict[str, Any], draft: dict[str, Any], change: dict[str, Any], fits: bool
) -> None:
    described = operation(openapi, PRODUCTS, "post")["requestBody"]["content"]["application/json"]["schema"]
    value = plain({**draft, **change})
    valid = fits_in(openapi, described, value)
    wanted = f"a schema of the body of POST that {'takes' if fits else 'refuses'} {value}, as the server does"
    expect(valid == fits, wanted, described, "GET /openapi.json")


@pytest.mark.step("docs")
def test_openapi_knows_limit_and_offset_and_the_total(openapi: dict[str, Any]) -> None:
    described = operation(openapi, PRODUCTS, "get")
    limits = {parameter["name"]: parameter.get("schema", {}) for parameter in described.get("parameters", [])}
    expect(limits.keys() >= {"limit", "offset"}, "the parameters limit and offset", sorted(limits), "GET /openapi.json")
    expect(limits["limit"].get("maximum") == 100, "limit with a maximum of 100", limits["limit"], "GET /openapi.json")
    headers = {name.lower() for name in described["responses"]["200"].get("headers", {})}
    expect(
        "x-total-count" in headers, "the header X-Total-Count of the answer 200", sorted(headers), "GET /openapi.json"
    )


# lifecycle


@pytest.mark.step("lifecycle")
def test_a_port_that_makes_no_sense_ends_the_process_with_status_2(misled: tuple[str, Process]) -> None:
    port, process = misled
    refuses_to_start(process, "PORT", port)


@pytest.mark.step("lifecycle")
def test_sigterm_waits_for_the_request_in_hand(system: System) -> None:
    process = system.processes("web")[0]
    sent = f"POST {PRODUCTS}, SIGTERM, and only then the last byte of the body"
    body = b'{"name": "Lamp", "price": 12.5}'
    with connect(process.url) as connection:
        head = f"Host: shop\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(f"POST {PRODUCTS} HTTP/1.1\r\n{head}".encode() + body[:-1])
        # Whoever answers this has read what was sent before it.
        Client(process.url).get("/health").has_status(200)
        process.signal(SIGTERM)
        early = process.wait(0.3)
        expect(early is None, "an answer before the process ends", f"exit status {early}", sent)
        connection.sendall(body[-1:])
        answer = connection.recv(1000).decode(errors="replace")
    expect(" 201 " in answer.partition("\n")[0], "201 Created", answer or "the connection was closed", sent)
    expect(process.wait(10) == 0, "exit status 0 after that", f"{process.exit_status} (None: it still runs)", sent)
