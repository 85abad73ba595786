"""Lesson 4's pages in a real browser, where the machine has one: what parsing alone cannot see."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from taller.catalog import Course
from taller.grading import Client
from taller.runner import Submission, System

COURSE = Course.find()
LESSON = COURSE.lesson("lesson04")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
XSS = (COURSE.tests / "payloads" / "xss.txt").read_text(encoding="utf-8").splitlines()
PHONE = {"width": 390, "height": 844}
NEW = "/products/new"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shop() -> Iterator[Client]:
    """The running shop, with every attack among its names."""
    with System(Submission.locate(COURSE, LESSON, COURSE.solutions), {}) as system:
        web = Client(system.url("web"))
        for name in ["Lamp", "n" * 200, *XSS]:
            web.post("/api/products", json={"name": name, "price": 1234567}).has_status(201)
        yield web
        web.close()


class Reader:
    """A window, and what went wrong in it."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.home = home
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._look_where_it_goes)

    def open(self, path: str) -> Page:
        """The page at a path, once it has loaded."""
        self.page.goto(f"{self.home}{path}", wait_until="load")
        return self.page

    def _look_where_it_goes(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith(self.home):
            self.problems.append(f"request: {url}")


@pytest.fixture
def reader(chromium: Browser, shop: Client) -> Iterator[Reader]:
    """Somebody who looks at the shop on a phone."""
    context = chromium.new_context(viewport=PHONE)
    yield Reader(context, shop.url)
    context.close()


def send(page: Page, name: str, price: str) -> None:
    """Fill in the form and press Enter."""
    page.locator("[name=name]").fill(name)
    page.locator("[name=price]").fill(price)
    page.locator("[name=price]").press("Enter")


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("es-AR", "dark")])
def test_no_page_breaks_a_rule_of_axe(
    chromium: Browser, shop: Client, locale: str, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(viewport=PHONE, locale=locale, color_scheme=scheme)
    reader, axe = Reader(context, shop.url), Axe()
    for path in ("/?page=2", "/products/1", NEW, "/nowhere"):
        found = axe.run(reader.open(path))
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    send(reader.open(NEW), "", "cheap")
    expect(reader.page.locator("[aria-invalid=true]")).to_have_count(2)
    found = axe.run(reader.page)
    assert found.violations_count == 0, f"the form with messages: {found.generate_report()}"
    context.close()


def test_every_page_fits_a_phone(reader: Reader) -> None:
    for path in ("/", "/products/2", "/products/11", NEW, "/nowhere"):
        width = reader.open(path).evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{path} is {width} pixels wide"


def test_no_name_runs_as_code(reader: Reader) -> None:
    last = len(XSS) + 2
    for path in ["/", "/?page=2", "/?page=3", *(f"/products/{number}" for number in range(3, last + 1))]:
        page = reader.open(path)
        assert page.evaluate("window.pwned") is None, path
    page = reader.open(NEW)
    for payload in XSS:
        send(page, payload, payload)
        expect(page.locator("[name=name]")).to_have_value(payload)
        assert page.evaluate("window.pwned") is None, f"typed: {payload}"
    assert reader.problems == []


def test_a_product_can_be_added_with_the_keyboard_alone(reader: Reader) -> None:
    page = reader.open(NEW)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Chair")
    page.keyboard.press("Tab")
    page.keyboard.type("cheap")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    page.locator("[name=price]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("12,50")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('button, [type=submit]')")
    page.keyboard.press("Space")
    expect(page.locator("h1")).to_have_text("Chair")


def test_focus_can_be_seen_wherever_it_is(reader: Reader) -> None:
    page = reader.open(NEW)
    for _ in range(6):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML")


def test_reloading_after_sending_adds_nothing(reader: Reader, shop: Client) -> None:
    send(reader.open(NEW), "Table", "5")
    expect(reader.page.locator("h1")).to_have_text("Table")
    before = shop.get("/api/products").header("X-Total-Count")
    reader.page.reload()
    assert shop.get("/api/products").header("X-Total-Count") == before


def test_everything_works_without_scripts(chromium: Browser, shop: Client) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = Reader(context, shop.url).open("/")
    page.locator("a[rel=next]").click()
    page.locator(f'a[href="{NEW}"]').click()
    send(page, "", "cheap")
    expect(page.locator("[aria-invalid=true]")).to_have_count(2)
    send(page, "Bench", "7.50")
    expect(page.locator("h1")).to_have_text("Bench")
    context.close()


def test_a_form_on_another_site_changes_nothing(chromium: Browser, shop: Client, tmp_path: Path) -> None:
    context = chromium.new_context()
    Reader(context, shop.url).open(NEW)
    trap = tmp_path / "trap.html"
    trap.write_text(
        f'<form method="post" action="{shop.url}{NEW}"><input name="name" value="Trap"><input name="price" value="1">'
        "<button>Win a prize</button></form>"
    )
    before = shop.get("/api/products").header("X-Total-Count")
    victim = context.new_page()
    victim.goto(trap.as_uri())
    with victim.expect_response(f"{shop.url}{NEW}") as answer:
        victim.locator("button").click()
    assert answer.value.status == 403
    assert shop.get("/api/products").header("X-Total-Count") == before
    context.close()
