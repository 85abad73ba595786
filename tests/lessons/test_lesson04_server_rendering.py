"""Lesson 4: HTML from the server. Each test is one promise of the contract; pages are parsed as browsers parse them."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from taller.grading import Answer, Client, Draw, expect, refuses_to_start
from taller.grading.bench import Bench
from taller.runner import Process

PRODUCTS = "/api/products"
NEW = "/products/new"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_MORE: Mapping[str, str] = {}
LONGEST_PAGE = 50
XSS = (Path(__file__).parents[1] / "payloads" / "xss.txt").read_text(encoding="utf-8").splitlines()

Product = dict[str, Any]


class Page:
    """An answer that is a page of HTML, as a browser understands it."""

    def __init__(self, answer: Answer, path: str) -> None:
        answer.header("Content-Type", "text/html *; *charset=[\"']?utf-8[\"']?")
        self.answer = answer
        self.path = path
        self.html = BeautifulSoup(answer.text, "html5lib")

    def expect(self, condition: object, expected: str, got: object = "") -> None:
        """Raise ``Unmet`` unless the condition holds."""
        expect(condition, expected, got or self.answer.got, self.answer.sent)

    def all(self, selector: str) -> list[Tag]:
        """Every element that a CSS selector finds."""
        return list(self.html.select(selector))

    def one(self, selector: str, what: str) -> Tag:
        """The only element that a CSS selector finds."""
        found = self.all(selector)
        self.expect(len(found) == 1, f"one {what} on the page", f"{len(found)} of them\n{self.answer.got}")
        return found[0]

    def shape(self) -> list[tuple[str, list[str]]]:
        """Its elements and the names of their attributes, without any text."""
        return [shape(element) for element in self.html.find_all(True)]

    def field(self, name: str) -> Tag:
        """The form's field of that name."""
        return self.one(f'form [name="{name}"]', f"field with the name {name!r}")

    def description(self, field: Tag) -> str:
        """The text that aria-describedby ties to a field."""
        ids = str(field.get("aria-describedby") or "").split()
        return " ".join(text_of(found) for one in ids for found in [self.html.find(id=one)] if found)

    def hidden(self) -> dict[str, str]:
        """What the form sends along without being asked."""
        return {
            str(field["name"]): str(field.get("value", "")) for field in self.all('form input[type="hidden"][name]')
        }


def look(web: Client, path: str, headers: Mapping[str, str] = NO_MORE) -> Answer:
    """Ask for a page, as a browser does."""
    return web.get(path, headers={**HTML, **headers})


def page_at(web: Client, path: str, status: int = 200, headers: Mapping[str, str] = NO_MORE) -> Page:
    """The page of HTML at a path."""
    return Page(look(web, path, headers).has_status(status), path)


def shape(element: Tag) -> tuple[str, list[str]]:
    """An element's name and those of its attributes."""
    return element.name, sorted(element.attrs)


def text_of(element: Tag) -> str:
    """The text that a person reads, blanks as one plain space."""
    return re.sub(r"\s+", " ", element.get_text()).strip()


def attribute(element: Tag, name: str) -> str:
    """The value of an attribute; empty if there is none."""
    return str(element.get(name) or "")


def create(web: Client, name: str, price: Decimal | int = 5) -> Product:
    """Create a product through the API of lesson 1."""
    answer = web.post(PRODUCTS, json={"name": name, "price": price}).has_status(201)
    return {"id": answer.field("id", int), "name": name, "price": answer.field("price", Decimal)}


def of(product: Product) -> str:
    """The path of a product's page."""
    return f"/products/{product['id']}"


def total(web: Client) -> int:
    """How many products there are."""
    return int(web.get(PRODUCTS).has_status(200).header("X-Total-Count", r"\d+"))


def list_pages(web: Client) -> Iterator[Page]:
    """The list, page after page, along the links to the next one."""
    path = "/"
    for _ in range(100):
        page = page_at(web, path)
        yield page
        following = page.all('a[rel~="next"]')
        if not following:
            return
        path = urljoin(path, attribute(following[0], "href"))
    page.expect(False, "a last page, without a link rel=next", "a link to the next one on every page")


def entries(page: Page) -> dict[int, Tag]:
    """The links to products on a page of the list, by id."""
    links = {re.fullmatch(r"/products/(\d+)", urlsplit(attribute(link, "href")).path): link for link in page.all("a")}
    return {int(match[1]): link for match, link in links.items() if match}


def item_of(link: Tag) -> Tag:
    """The item of the list that a link stands in."""
    item = link.find_parent(["li", "tr", "article"])
    expect(item, "each product inside an <li>, a <tr> or an <article>", str(link.parent), "GET /")
    assert item
    return item


def entry(web: Client, product: Product) -> tuple[Page, Tag, Tag]:
    """Where the list has a product: the page, the link, and the item that it is in."""
    for page in list_pages(web):
        link = entries(page).get(product["id"])
        if link:
            return page, link, item_of(link)
    page.expect(False, f"a link to {of(product)} on one of the pages")
    raise AssertionError


def has_price(text: str, price: Decimal) -> bool:
    """Whether a text has this price, with a point before the cents."""
    return f"{price:.2f}" in text or f"{price:,.2f}" in text


def submit(web: Client, page: Page, **typed: str) -> Answer:
    """Fill in the form on a page and press its button."""
    form = page.one('form[method="post" i]', 'form with method="post"')
    action = urlsplit(urljoin(page.path, attribute(form, "action"))).path
    return web.post(action, content=urlencode({**page.hidden(), **typed}), headers={**HTML, **FORM})


def refused_form(web: Client, **typed: str) -> Page:
    """The form as it comes back when it could not be accepted."""
    return Page(submit(web, page_at(web, NEW), **typed).has_status(422), NEW)


@pytest.fixture(scope="module")
def careless(bench: Bench) -> dict[str, Process]:
    """Processes that were given no good secret; they start with the first test, so that nobody waits for them."""
    return {secret: bench.system.launch("web", {"SESSION_SECRET": secret}) for secret in ("", "too-short")}


# list


@pytest.mark.step("list")
@pytest.mark.usefixtures("careless")
def test_the_list_is_a_page_of_html(web: Client) -> None:
    page = page_at(web, "/")
    page.expect(page.answer.text.lstrip().lower().startswith("<!doctype html>"), "<!doctype html> at the beginning")


@pytest.mark.step("list")
def test_each_product_is_listed_with_link_and_price(web: Client, draw: Draw) -> None:
    for product in [create(web, draw.name(), draw.price()) for _ in range(2)]:
        page, link, item = entry(web, product)
        page.expect(text_of(link) == product["name"], f"a link that says {product['name']!r}", str(link))
        page.expect(has_price(text_of(item), product["price"]), f"{product['price']:.2f} beside it", str(item))


@pytest.mark.step("list")
def test_a_long_list_has_pages_that_lead_from_one_to_the_next(web: Client, draw: Draw) -> None:
    made = [create(web, draw.name())["id"] for _ in range(LONGEST_PAGE + 1)]
    pages = list(list_pages(web))
    for page in pages:
        page.expect(len(entries(page)) <= LONGEST_PAGE, f"at most {LONGEST_PAGE} products", f"{len(entries(page))}")
    listed = [product_id for page in pages for product_id in entries(page) if product_id in made]
    page.expect(listed == made, f"each of the products {made} once, by id", listed)
    page.expect(page.all('a[rel~="prev"]'), "a link with rel=prev on the last page")


@pytest.mark.step("list")
@pytest.mark.parametrize("number", ["0", "-1", "two", "9" * 30, "1.5"])
def test_a_page_number_that_makes_no_sense_is_refused(web: Client, number: str) -> None:
    look(web, f"/?page={number}").is_refused()


# product


@pytest.mark.step("product")
def test_a_product_has_a_page_with_name_and_price(web: Client, draw: Draw) -> None:
    for product in [create(web, draw.name(), draw.price()) for _ in range(2)]:
        page = page_at(web, of(product))
        heading = page.one("h1", "h1")
        page.expect(text_of(heading) == product["name"], f"the heading {product['name']!r}", str(heading))
        page.expect(has_price(text_of(page.one("body", "body")), product["price"]), f"{product['price']:.2f} on it")


@pytest.mark.step("product")
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(web: Client, draw: Draw) -> None:
    unknown = f"/products/{create(web, draw.name())['id'] + 1_000_000}"
    for path in (unknown, f"/{draw.token()}"):
        page_at(web, path, 404).one("h1", "h1")
        answer = web.get(path, headers={"Accept": "application/json"}).has_status(404)
        answer.header("Content-Type", "application/problem[+]json.*")


@pytest.mark.step("product")
@pytest.mark.parametrize("no_id", ["abc", "0", "-1", "1.5", "9" * 30, "9" * 5000, "%00", "%3Cb%3E"])
def test_what_is_no_id_is_a_404_page(web: Client, no_id: str) -> None:
    page_at(web, f"/products/{no_id}", 404)


# escape


@pytest.mark.step("escape")
@pytest.mark.parametrize("payload", XSS)
def test_a_name_arrives_as_the_text_that_it_is(web: Client, draw: Draw, payload: str) -> None:
    harmless, attack = create(web, draw.name()), create(web, payload)
    expected, page = page_at(web, of(harmless)), page_at(web, of(attack))
    heading = page.one("h1", "h1")
    page.expect(heading.get_text().strip() == payload, f"the name {payload!r} as text", str(heading))
    page.expect(page.shape() == expected.shape(), "the same elements as on any product's page", "others, by the name")


@pytest.mark.step("escape")
def test_names_in_the_list_are_text_too(web: Client, draw: Draw) -> None:
    create(web, draw.name())
    # The oldest product has a harmless name, whichever test has made it, and the names after it cannot spoil it.
    oldest = next(iter(entries(page_at(web, "/")).values()))
    harmless = shape_of_item(item_of(oldest))
    attacks = {create(web, payload)["id"]: payload for payload in XSS}
    for page in list_pages(web):
        for product_id, link in entries(page).items():
            if product_id in attacks:
                payload = attacks.pop(product_id)
                item = item_of(link)
                page.expect(text_of(link) == payload, f"the name {payload!r} as text", str(link))
                page.expect(shape_of_item(item) == harmless, "the same elements as for any name", str(item))
    missing = "\n".join(list(attacks.values())[:5])
    page.expect(not attacks, "every name in the list, as text", f"{len(attacks)} names that are not there:\n{missing}")


def shape_of_item(item: Tag) -> list[tuple[str, list[str]]]:
    """The elements in an item of the list."""
    return [shape(element) for element in item.find_all(True)]


# policy


def every_page(web: Client, draw: Draw) -> list[Page]:
    """One page of each kind that can be looked at without sending anything."""
    product = create(web, draw.name(), draw.price())
    found = [page_at(web, path) for path in ("/", of(product), NEW)]
    return [*found, page_at(web, f"/{draw.token()}", 404)]


def policy_of(page: Page) -> dict[str, list[str]]:
    """The directives of its Content-Security-Policy."""
    directives = [part.split() for part in page.answer.header("Content-Security-Policy").lower().split(";")]
    return {words[0]: words[1:] for words in reversed(directives) if words}


def allowed_by(policy: dict[str, list[str]], kind: str) -> list[str]:
    """Where things of a kind may come from; what is not named follows default-src."""
    return policy.get(kind, policy.get("default-src", ["*"]))


@pytest.mark.step("policy")
def test_every_page_forbids_what_it_does_not_need(web: Client, draw: Draw) -> None:
    for page in every_page(web, draw):
        policy = policy_of(page)
        got = page.answer.headers["Content-Security-Policy"]
        for kind in ("script-src", "style-src", "object-src"):
            allowed = allowed_by(policy, kind)
            safe = re.compile(r"'none'|'self'|'nonce-.+'|'sha(256|384|512)-.+'|'strict-dynamic'")
            loose = [word for word in allowed if not safe.fullmatch(word)]
            page.expect(
                not loose, f"no more than 'self', hashes and nonces for {kind}", f"{kind} allows {loose}: {got}"
            )
        for kind in ("base-uri", "form-action", "frame-ancestors"):
            page.expect(policy.get(kind) in (["'none'"], ["'self'"]), f"{kind} 'none' or 'self'", got)
        page.answer.header("X-Content-Type-Options", "nosniff")


@pytest.mark.step("policy")
def test_every_page_is_allowed_what_it_needs(web: Client, draw: Draw) -> None:
    for page in every_page(web, draw):
        policy = policy_of(page)
        got = page.answer.headers["Content-Security-Policy"]
        allowed = allowed_by(policy, "style-src")
        page.expect(allowed not in ([], ["'none'"]), "a style-src that allows the page's own style sheet", got)
    page = page_at(web, NEW)
    got = page.answer.headers["Content-Security-Policy"]
    page.expect(
        policy_of(page).get("form-action") == ["'self'"], "form-action 'self', so that the form can be sent", got
    )


@pytest.mark.step("policy")
def test_no_page_has_code_or_style_inside_it(web: Client, draw: Draw) -> None:
    for page in every_page(web, draw):
        inside = page.all("script:not([src]), style, [style]")
        inside += [tag for tag in page.html.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        page.expect(not inside, "no script, style, style= or on…= inside the page", [str(tag) for tag in inside])


@pytest.mark.step("policy")
def test_the_style_sheet_is_our_own_and_may_be_kept(web: Client, draw: Draw) -> None:
    page = page_at(web, "/")
    sheets = [attribute(link, "href") for link in page.all('link[rel~="stylesheet"]')]
    page.expect(sheets, "a style sheet")
    loaded = sheets + [attribute(tag, "src") for tag in page.all("[src]")]
    elsewhere = [url for url in loaded if urlsplit(urljoin(web.url, url)).netloc != urlsplit(web.url).netloc]
    page.expect(not elsewhere, "everything from our own host", elsewhere)
    for sheet in sheets:
        answer = web.get(urljoin("/", sheet)).has_status(200)
        answer.header("Content-Type", "text/css.*")
        age = re.search(r"max-age=(\d+)", answer.header("Cache-Control"))
        expect(age and int(age[1]) >= 3600, "a max-age of an hour or more", answer.header("Cache-Control"), answer.sent)


# form


@pytest.mark.step("form")
def test_there_is_a_form_with_labels_and_a_button(web: Client) -> None:
    page = page_at(web, NEW)
    page.one('form[method="post" i]', 'form with method="post"')
    for name in ("name", "price"):
        field = page.field(name)
        labels = page.all(f'label[for="{attribute(field, "id")}"]') or field.find_parents("label")
        page.expect(labels and text_of(labels[0]), f"a label of the field {name!r}", str(field))
    page.expect(page.all('form button:not([type="button"]), form input[type="submit"]'), "a button that sends the form")


@pytest.mark.step("form")
def test_sending_the_form_leads_to_the_new_product(web: Client, draw: Draw) -> None:
    name, price = draw.name(), draw.price()
    answer = submit(web, page_at(web, NEW), name=name, price=f"{price:.2f}").has_status(303)
    path = urlsplit(urljoin(NEW, answer.header("Location"))).path
    match = re.fullmatch(r"/products/(\d+)", path)
    expect(match, "Location: /products/ID", path, answer.sent)
    assert match
    heading = page_at(web, path).one("h1", "h1")
    expect(text_of(heading) == name, f"the page of {name!r} there", str(heading), f"GET {path}")
    web.get(f"{PRODUCTS}/{match[1]}").has_status(200).is_json({"id": int(match[1]), "name": name, "price": price})


@pytest.mark.step("form")
@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("12.50", "12.5"),
        ("12,50", "12.5"),
        (" 7,5 ", "7.5"),
        ("0", "0"),
        ("1234567.89", "1234567.89"),
        ("1999", "1999"),
    ],
)
def test_a_price_may_be_typed_with_point_or_comma(web: Client, draw: Draw, typed: str, price: str) -> None:
    answer = submit(web, page_at(web, NEW), name=draw.name(), price=typed).has_status(303)
    stored = web.get(f"/api{urlsplit(answer.header('Location')).path}").has_status(200)
    expect(stored.field("price", Decimal) == Decimal(price), f"a price of {price}", stored.got, answer.sent)


@pytest.mark.step("form")
@pytest.mark.parametrize("name", ["Ñandú 🪶", "Tom & Jerry = 100% + more", "a;b#c?d/e"])
def test_a_name_is_kept_as_it_was_typed(web: Client, name: str) -> None:
    answer = submit(web, page_at(web, NEW), name=name, price="5").has_status(303)
    stored = web.get(f"/api{urlsplit(answer.header('Location')).path}").has_status(200)
    expect(stored.field("name", str) == name, f"the name {name!r}", stored.got, answer.sent)


# csrf

Attempt = Callable[[dict[str, str]], dict[str, str]]
ATTEMPTS: dict[str, Attempt] = {
    "without-it": lambda hidden: {},
    "empty": lambda hidden: dict.fromkeys(hidden, ""),
    "made-up": lambda hidden: dict.fromkeys(hidden, "0123456789abcdef" * 4),
    "cut-short": lambda hidden: {name: value[:-1] for name, value in hidden.items()},
    "one-character-other": lambda hidden: {
        name: ("b" if value[:1] == "a" else "a") + value[1:] for name, value in hidden.items()
    },
    "the-word-null": lambda hidden: dict.fromkeys(hidden, "null"),
    "not-ascii": lambda hidden: dict.fromkeys(hidden, "ñ" * 64),
}


def forge(web: Client, hidden: dict[str, str], draw: Draw, query: str = "", **headers: str) -> None:
    """Send the form as another site would make a browser do; it is refused, and nothing is created."""
    before = total(web)
    content = urlencode({**hidden, "name": draw.name(), "price": "5"})
    answer = web.post(f"{NEW}{query}", content=content, headers={**HTML, **FORM, **headers}).has_status(403)
    Page(answer, NEW).one("h1", "h1")
    expect(total(web) == before, "nothing to be created", f"{total(web) - before} more products", answer.sent)


@pytest.mark.step("csrf")
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_form_without_the_right_token_is_refused(web: Client, draw: Draw, attempt: str) -> None:
    page = page_at(web, NEW)
    page.expect(page.hidden(), "a hidden field with the token")
    forge(web, ATTEMPTS[attempt](page.hidden()), draw)


@pytest.mark.step("csrf")
def test_a_token_works_only_with_the_cookie_of_its_browser(web: Client, bench: Bench, draw: Draw) -> None:
    page = page_at(web, NEW)
    without, other = bench.client("web"), bench.client("web")
    forge(without, page.hidden(), draw)
    page_at(other, NEW)
    forge(other, page.hidden(), draw)


@pytest.mark.step("csrf")
def test_a_cookie_and_a_token_that_somebody_chose_are_refused(bench: Bench, draw: Draw) -> None:
    page = page_at(bench.client("web"), NEW)
    chosen = draw.token(64)
    names = re.findall(r"(?:^|, )([^=;, ]+)=", page.answer.header("Set-Cookie"))
    cookie = "; ".join(f"{name}={chosen}" for name in names)
    forge(bench.client("web"), dict.fromkeys(page.hidden(), chosen), draw, Cookie=cookie)
    forge(bench.client("web"), dict.fromkeys(page.hidden(), ""), draw, Cookie="; ".join(f"{name}=" for name in names))


@pytest.mark.step("csrf")
def test_a_token_in_the_address_does_not_count(web: Client, draw: Draw) -> None:
    forge(web, {}, draw, query=f"?{urlencode(page_at(web, NEW).hidden())}")


@pytest.mark.step("csrf")
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "nonsense"])
def test_a_body_that_is_no_form_is_refused(web: Client, kind: str) -> None:
    page_at(web, NEW)
    before = total(web)
    body = '{"name": "Lamp", "price": "5"}'
    answer = web.post(NEW, content=body, headers={**HTML, "Content-Type": kind}).is_refused()
    expect(total(web) == before, "nothing to be created", f"{total(web) - before} more products", answer.sent)


@pytest.mark.step("csrf")
def test_looking_changes_nothing(web: Client, draw: Draw) -> None:
    before = total(web)
    fields = {**page_at(web, NEW).hidden(), "name": draw.name(), "price": "5"}
    answer = look(web, f"{NEW}?{urlencode(fields)}")
    expect(total(web) == before, "nothing to be created by a GET", f"{total(web) - before} more products", answer.sent)


@pytest.mark.step("csrf")
def test_two_forms_may_be_open_at_once(web: Client, draw: Draw) -> None:
    tabs = [page_at(web, NEW), page_at(web, NEW)]
    for tab in tabs:
        submit(web, tab, name=draw.name(), price="5").has_status(303)


@pytest.mark.step("csrf")
def test_the_cookie_is_kept_from_scripts_and_other_sites(web: Client) -> None:
    answer = look(web, NEW)
    cookie = answer.header("Set-Cookie").lower()
    expect("httponly" in cookie, "a cookie that is HttpOnly", cookie, answer.sent)
    expect(re.search("samesite=(lax|strict)", cookie), "a cookie that is SameSite=Lax or Strict", cookie, answer.sent)


@pytest.mark.step("csrf")
def test_nobody_keeps_a_copy_of_the_form(web: Client) -> None:
    look(web, NEW).header("Cache-Control", ".*no-store.*")


@pytest.mark.step("csrf")
def test_without_a_good_secret_the_process_ends_with_status_2(careless: dict[str, Process]) -> None:
    for secret, process in careless.items():
        refuses_to_start(process, "SESSION_SECRET", secret)


# messages

NO_NAMES = ["", "   ", "n" * 201]
NO_PRICES = ["", "-1", "cheap", "1.234", "1,234.50", "1.234,50", "0x10", "1e3", "NaN", "Infinity", "12.", "٣", "9" * 11]


@pytest.mark.step("messages")
@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_makes_no_sense_is_told_beside_it(web: Client, name: str) -> None:
    is_told(web, "name", name=name, price="5")


@pytest.mark.step("messages")
@pytest.mark.parametrize("price", NO_PRICES)
def test_a_price_that_makes_no_sense_is_told_beside_it(web: Client, draw: Draw, price: str) -> None:
    is_told(web, "price", name=draw.name(), price=price)


def is_told(web: Client, wrong: str, **typed: str) -> None:
    """The form comes back with what was typed, a message tied to the wrong field and none to the other."""
    before = total(web)
    fresh, page = page_at(web, NEW), refused_form(web, **typed)
    page.expect(total(web) == before, "nothing to be created", f"{total(web) - before} more products")
    for name, value in typed.items():
        field = page.field(name)
        page.expect(attribute(field, "value") == value, f"what was typed in {name!r}: {value!r}", str(field))
        said = page.description(field)
        message = said != fresh.description(fresh.field(name)) and bool(said)
        if name == wrong:
            page.expect(message, f"a message that aria-describedby ties to the field {name!r}", f"{field}\n{said}")
        marked = attribute(field, "aria-invalid") == "true"
        page.expect(marked == (name == wrong), f"aria-invalid on the field {wrong!r} alone", str(field))


@pytest.mark.step("messages")
def test_all_that_is_wrong_is_told_at_once(web: Client) -> None:
    page = refused_form(web, name=" ", price="cheap")
    for name in ("name", "price"):
        page.expect(attribute(page.field(name), "aria-invalid") == "true", f"{name!r} marked", str(page.field(name)))


@pytest.mark.step("messages")
def test_fields_that_are_missing_are_told_too(web: Client) -> None:
    refused_form(web)


@pytest.mark.step("messages")
def test_the_form_can_be_corrected_and_sent_again(web: Client, draw: Draw) -> None:
    name = draw.name()
    page = refused_form(web, name=name, price="cheap")
    submit(web, page, name=attribute(page.field("name"), "value"), price="7").has_status(303)


@pytest.mark.step("messages")
@pytest.mark.parametrize("payload", XSS)
def test_what_was_typed_comes_back_as_text(web: Client, draw: Draw, payload: str) -> None:
    expected = refused_form(web, name=draw.name(), price="cheap")
    page = refused_form(web, name=payload, price=payload)
    value = attribute(page.field("name"), "value")
    page.expect(value == payload, f"{payload!r} in the field as it was typed", repr(value))
    page.expect(page.shape() == expected.shape(), "the same elements as for any name", "others, by what was typed")


# accessible


def pages_to_read(web: Client, draw: Draw) -> list[Page]:
    """One page of each kind, the form with messages among them."""
    return [*every_page(web, draw), refused_form(web, name="", price="cheap")]


@pytest.mark.step("accessible")
def test_every_page_says_its_language_and_fits_a_phone(web: Client, draw: Draw) -> None:
    for page in pages_to_read(web, draw):
        page.expect(
            attribute(page.one("html", "html"), "lang") in ("en", "es"), 'lang="en" or "es" on the html element'
        )
        content = attribute(page.one('meta[name="viewport"]', "meta viewport"), "content").replace(" ", "")
        page.expect("width=device-width" in content, "width=device-width", content)
        page.expect(
            not re.search("user-scalable=(no|0)|maximum-scale", content), "a page that can be enlarged", content
        )


@pytest.mark.step("accessible")
def test_every_page_has_a_title_a_heading_and_a_main_part(web: Client, draw: Draw) -> None:
    titles: dict[str, str] = {}
    for page in pages_to_read(web, draw)[:4]:
        title = text_of(page.one("head > title", "title"))
        page.expect(title and title not in titles, "a title of its own", f"{title!r}, as {titles.get(title)} has it")
        titles[title] = page.path
        levels = [int(tag.name[1]) for tag in page.all("h1, h2, h3, h4, h5, h6")]
        page.expect(levels.count(1) == 1 and levels[0] == 1, "one h1, before all other headings", levels)
        deeper = [after - before for before, after in pairwise(levels)]
        page.expect(all(step <= 1 for step in deeper), "headings that leave out no level", levels)
        main = page.one("main", "main part")
        page.expect(main.find("h1"), "the h1 inside main", str(main))


@pytest.mark.step("accessible")
def test_the_first_link_leads_past_the_navigation(web: Client, draw: Draw) -> None:
    for page in pages_to_read(web, draw):
        first = page.all("a[href], button, input:not([type=hidden]), select, textarea")[0]
        target = page.html.find(id=attribute(first, "href").removeprefix("#"))
        inside = target and (target.name == "main" or target.find_parent("main"))
        page.expect(attribute(first, "href")[:1] == "#" and inside, "a first link to the main part", str(first))


@pytest.mark.step("accessible")
def test_what_refers_to_an_id_finds_it(web: Client, draw: Draw) -> None:
    for page in pages_to_read(web, draw):
        ids = [attribute(tag, "id") for tag in page.all("[id]")]
        page.expect(len(ids) == len(set(ids)), "every id once", ids)
        for name in ("for", "aria-describedby", "aria-labelledby"):
            wanted = [word for tag in page.all(f"[{name}]") for word in attribute(tag, name).split()]
            page.expect(set(wanted) <= set(ids), f"an element for every {name}", f"{wanted} in {ids}")
        broken = [
            attribute(link, "href") for link in page.all('a[href^="#"]') if attribute(link, "href")[1:] not in ids
        ]
        page.expect(not broken, "an element for every link inside the page", broken)


@pytest.mark.step("accessible")
def test_the_keyboard_goes_through_the_page_in_its_order(web: Client, draw: Draw) -> None:
    for page in pages_to_read(web, draw):
        ahead = [str(tag) for tag in page.all("[tabindex]") if int(attribute(tag, "tabindex")) > 0]
        page.expect(not ahead, "no tabindex above 0", ahead)
        nameless = [str(tag) for tag in page.all("a[href], button") if not text_of(tag) and not tag.get("aria-label")]
        page.expect(not nameless, "a text in every link and button", nameless)


# language

WISHES = [
    ("", "en"),
    ("en", "en"),
    ("es", "es"),
    ("ES", "es"),
    ("es-AR", "es"),
    ("es-419,es;q=0.9", "es"),
    ("en-GB,en;q=0.9,es;q=0.8", "en"),
    ("en;q=0.4, es;q=0.5", "es"),
    ("es;q=0.8,en;q=0.9", "en"),
    ("fr-CH, fr;q=0.9, es;q=0.5, en;q=0.2", "es"),
    ("fr, de;q=0.5", "en"),
    ("*", "en"),
    ("es;q=0", "en"),
    ("en;q=0, es;q=0.1", "es"),
    ("es ; q=0.3 , en ; q=0.2", "es"),
    ("es;q=0.001", "es"),
]
GARBAGE = [";;;,,,", "es;q=banana", "q=1", "-", "es-", "x" * 5000, "es" + ",es" * 2000, "en;q=99999999999", "'; DROP"]


@pytest.mark.step("language")
@pytest.mark.parametrize(("wish", "language"), WISHES)
def test_the_reader_gets_the_language_that_was_asked_for(web: Client, draw: Draw, wish: str, language: str) -> None:
    for path in ("/", of(create(web, draw.name())), NEW):
        page = page_at(web, path, headers={"Accept-Language": wish} if wish else NO_MORE)
        page.answer.header("Content-Language", language)
        lang = attribute(page.one("html", "html"), "lang")
        page.expect(lang == language, f'lang="{language}" on the html element', f'lang="{lang}"')


@pytest.mark.step("language")
@pytest.mark.parametrize("wish", GARBAGE)
def test_a_wish_that_makes_no_sense_costs_nobody_the_page(web: Client, wish: str) -> None:
    page_at(web, "/", headers={"Accept-Language": wish}).answer.header("Content-Language", "en|es")


@pytest.mark.step("language")
def test_every_page_says_that_it_varies(web: Client, draw: Draw) -> None:
    for page in pages_to_read(web, draw):
        varies = [name.strip().lower() for name in page.answer.header("Vary").split(",")]
        page.expect("accept-language" in varies, "Vary: Accept-Language", f"Vary: {', '.join(varies)}")


@pytest.mark.step("language")
def test_the_words_are_in_that_language(web: Client, draw: Draw) -> None:
    for path, status in (("/", 200), (NEW, 200), (f"/{draw.token()}", 404)):
        english, spanish = (page_at(web, path, status, {"Accept-Language": wish}) for wish in ("en", "es"))
        for selector in ("h1", "title"):
            words = [text_of(page.one(selector, selector)) for page in (english, spanish)]
            spanish.expect(words[0] != words[1], f"another {selector} than in English", words)


@pytest.mark.step("language")
def test_messages_are_in_that_language_too(web: Client) -> None:
    said = []
    for wish in ("en", "es"):
        form = page_at(web, NEW, headers={"Accept-Language": wish})
        fields = urlencode({**form.hidden(), "name": "", "price": "cheap"})
        answer = web.post(NEW, content=fields, headers={**HTML, **FORM, "Accept-Language": wish}).has_status(422)
        page = Page(answer, NEW)
        said.append([page.description(page.field(name)) for name in ("name", "price")])
    different = all(one != other for one, other in zip(*said, strict=True))
    expect(different, "other messages in Spanish than in English", said, f"POST {NEW}")


@pytest.mark.step("language")
@pytest.mark.parametrize("price", ["0", "7.5", "999.99", "1234.5", "12345.67", "1234567.89"])
def test_a_price_is_written_as_the_language_writes_it(web: Client, draw: Draw, price: str) -> None:
    product = create(web, draw.name(), Decimal(price))
    for wish, forms in written(Decimal(price)).items():
        page = page_at(web, of(product), headers={"Accept-Language": wish})
        text = text_of(page.one("body", "body"))
        page.expect(any(form in text for form in forms), f"the price {forms[0]} in {wish}", text)


def written(price: Decimal) -> dict[str, list[str]]:
    """How a price may be written; Spanish leaves the point out in numbers of four digits, or not."""
    english = f"{price:,.2f}"
    spanish = english.translate(str.maketrans(",.", ".,"))
    short = [f"{price:.2f}".replace(".", ",")] if price < 10_000 else []
    return {"en": [f"€{english}"], "es": [f"{form} €" for form in [spanish, *short]]}


# etag


@pytest.fixture
def product(web: Client, draw: Draw) -> Product:
    """A product to look at twice."""
    return create(web, draw.name(), draw.price())


def again(web: Client, path: str, etag: str, headers: Mapping[str, str] = NO_MORE) -> Answer:
    """Ask for a page with a copy in hand."""
    return look(web, path, {"If-None-Match": etag, **headers})


@pytest.mark.step("etag")
def test_a_page_that_has_not_changed_is_a_304_without_body(web: Client, product: Product) -> None:
    for path in ("/", of(product)):
        first = look(web, path).has_status(200)
        etag = first.header("ETag", '(W/)?"[^"]*"')
        answer = again(web, path, etag).has_status(304)
        expect(answer.content == b"", "no body", f"{len(answer.content)} bytes", answer.sent)
        for name in ("ETag", "Vary", "Cache-Control", "Content-Security-Policy"):
            wanted, got = first.headers.get(name), answer.headers.get(name)
            if name != "Content-Security-Policy" or got is not None:
                expect(wanted == got, f"the header {name}: {wanted}, as the 200 has it", f"{name}: {got}", answer.sent)


@pytest.mark.step("etag")
def test_a_page_may_be_kept_but_has_to_be_asked_for_again(web: Client, product: Product) -> None:
    for path in ("/", of(product)):
        look(web, path).header("Cache-Control", ".*(no-cache|max-age=0).*")


@pytest.mark.step("etag")
@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"another", {0}', '"a,b" ,W/"c",W/{0}', "*"])
def test_the_copy_may_be_named_in_every_way_that_there_is(web: Client, product: Product, form: str) -> None:
    etag = look(web, of(product)).header("ETag").removeprefix("W/")
    again(web, of(product), form.format(etag)).has_status(304)


@pytest.mark.step("etag")
@pytest.mark.parametrize("form", ['"another"', '"{0}x"', 'W/"x{0}"', '"*"', "garbage", '""', ","])
def test_another_copy_does_not_count(web: Client, product: Product, form: str) -> None:
    bare = look(web, of(product)).header("ETag").removeprefix("W/").strip('"')
    again(web, of(product), form.format(bare)).has_status(200)


@pytest.mark.step("etag")
@pytest.mark.parametrize("field", ["name", "price"])
def test_a_page_that_has_changed_is_sent_again(web: Client, draw: Draw, product: Product, field: str) -> None:
    paths = [of(product), entry(web, product)[0].path]
    etags = [look(web, path).header("ETag") for path in paths]
    change = {"name": draw.name()} if field == "name" else {"price": product["price"] + 1}
    web.patch(f"{PRODUCTS}/{product['id']}", json=change).has_status(200)
    for path, etag in zip(paths, etags, strict=True):
        answer = again(web, path, etag).has_status(200)
        expect(answer.header("ETag") != etag, "another ETag", answer.header("ETag"), answer.sent)


@pytest.mark.step("etag")
def test_a_copy_in_one_language_is_none_in_another(web: Client, product: Product) -> None:
    for path in ("/", of(product), "/?page=1"):
        spanish = look(web, path, {"Accept-Language": "es"}).header("ETag")
        again(web, path, spanish, {"Accept-Language": "es"}).has_status(304)
        again(web, path, spanish, {"Accept-Language": "en"}).has_status(200)


@pytest.mark.step("etag")
def test_what_is_not_there_stays_a_404(web: Client, draw: Draw) -> None:
    again(web, f"/{draw.token()}", "*").has_status(404)


@pytest.mark.step("etag")
def test_the_style_sheet_has_one_too(web: Client) -> None:
    sheet = attribute(page_at(web, "/").all('link[rel~="stylesheet"]')[0], "href")
    etag = web.get(urljoin("/", sheet)).has_status(200).header("ETag")
    web.get(urljoin("/", sheet), headers={"If-None-Match": etag}).has_status(304)
