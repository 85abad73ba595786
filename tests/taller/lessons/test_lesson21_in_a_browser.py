"""Lesson 21's page in a real browser, where the machine has one, with the whole system behind it."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Literal
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from taller.catalog import Course
from taller.grading import eventually
from taller.grading.bench import allocated, variables_of
from taller.runner import Submission, System

COURSE = Course.find()
LESSON = COURSE.lesson("lesson21")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}
PASSWORD = "correct horse battery"
SLOW_MS = 20_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_CHROMIUM)
        yield browser
        browser.close()
    expect.set_options(timeout=None)


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """The whole system, running."""
    with (
        allocated(LESSON, private=False, announce=lambda line: None) as services,
        System(Submission.locate(COURSE, LESSON, COURSE.solutions), variables_of(services)) as system,
    ):
        yield system


class Window:
    """A browser of its own that shows the page, and what went wrong in it."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.context = context
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(SLOW_MS)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", lambda request: self._look_where_it_goes(request.url))
        self.page.on("console", lambda message: self._look_for_the_policy(message.text))
        self._home = home

    def open(self, path: str = "/") -> Page:
        """The page at a path, once it has loaded."""
        self.page.goto(f"{self._home}{path}", wait_until="load")
        return self.page

    def register(self) -> str:
        """Become a new user; their address."""
        email = f"u{uuid4().hex[:12]}@example.com"
        self._fill_in(email, PASSWORD, "Register")
        return email

    def log_in_as_admin(self) -> None:
        """Become the first administrator."""
        self._fill_in(LESSON.environment["ADMIN_EMAIL"], LESSON.environment["ADMIN_PASSWORD"], "Log in")

    def order(self) -> str:
        """Order the first product; the id of the order."""
        before = self.items("orders").count()
        self.page.locator("#products button").first.click()
        expect(self.items("orders")).to_have_count(before + 1)
        return str(self.items("orders").nth(before).locator("span").first.inner_text()).removeprefix("Order ")

    def ship(self, order: str) -> None:
        """Press "Ship" beside an order of anybody."""
        self.page.locator("#refresh").click()
        expect(self.page.locator("#refresh")).to_be_enabled()
        self.page.get_by_label(f"Ship order {order}", exact=True).click()
        expect(self.items("shipping").filter(has_text=f"Order {order}").locator("button")).to_have_count(0)

    def items(self, section: str) -> Locator:
        """The items of a section's list."""
        return self.page.locator(f"#{section} li")

    def is_told_of(self, *orders: str) -> None:
        """Wait until the notifications are exactly those of these orders, the last one first."""
        expected = [f"Order {order} is shipped" for order in reversed(orders)]
        expect(self.page.locator("#notifications li small")).to_have_text(expected)

    def _fill_in(self, email: str, password: str, button: str) -> None:
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name=button).click()
        expect(self.page.locator("#email")).to_contain_text(email)
        expect(self.page.locator("#status")).to_have_text("live")
        expect(self.items("products").first).to_be_visible()

    def _look_where_it_goes(self, url: str) -> None:
        if not url.startswith((self._home, self._home.replace("http", "ws", 1), "data:")):
            self.problems.append(f"request: {url}")

    def _look_for_the_policy(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.problems.append(text)


Open = Callable[..., Window]


@pytest.fixture
def window(chromium: Browser, system: System) -> Iterator[Open]:
    """Opens the page on a phone, each time in a browser of its own; nothing may have gone wrong in any."""
    windows: list[Window] = []

    with ExitStack() as contexts:

        def window(scheme: Literal["light", "dark"] = "light") -> Window:
            context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
            contexts.callback(context.close)
            windows.append(Window(context, system.url("gateway")))
            windows[-1].open()
            return windows[-1]

        yield window
        assert [problem for each in windows for problem in each.problems] == []


def test_two_users_side_by_side_each_hear_of_their_own_orders_alone(window: Open) -> None:
    ana, ben, admin = window(), window(), window()
    for each in (ana, ben):
        each.register()
    admin.log_in_as_admin()
    first, second = ana.order(), ben.order()

    admin.ship(first)
    ana.is_told_of(first)
    expect(ana.items("orders")).to_contain_text(["shipped"])
    admin.ship(second)

    ben.is_told_of(second)
    ana.is_told_of(first)
    for each in (ana, ben):
        expect(each.items("orders")).to_have_count(1)
        expect(each.page.locator("#shipping")).to_be_hidden()


def test_what_happened_while_the_network_was_away_is_told_once_when_it_is_back(window: Open) -> None:
    ana, admin = window(), window()
    ana.register()
    admin.log_in_as_admin()
    orders = [ana.order() for _ in range(3)]
    admin.ship(orders[0])
    ana.is_told_of(orders[0])

    ana.context.set_offline(True)
    expect(ana.page.locator("#status")).to_have_text("no connection; trying again …")
    admin.ship(orders[1])
    ana.context.set_offline(False)

    ana.is_told_of(*orders[:2])
    expect(ana.page.locator("#status")).to_have_text("live")
    admin.ship(orders[2])
    ana.is_told_of(*orders)
    ana.page.reload()
    ana.is_told_of(*orders)


def test_the_page_outlives_every_process_that_it_is_connected_to(window: Open, system: System) -> None:
    ana, admin = window(), window()
    ana.register()
    admin.log_in_as_admin()
    processes = [system.processes("gateway")[0], *system.processes("orders")]
    orders = [ana.order() for _ in processes]

    for number, process in enumerate(processes):
        process.restart()
        expect(ana.page.locator("#status")).to_have_text("live")
        admin.ship(orders[number])
        ana.is_told_of(*orders[: number + 1])


def test_an_order_that_is_sent_again_after_its_answer_was_lost_is_one_order(window: Open) -> None:
    ana = window()
    ana.register()
    ana.page.route("**/graphql", lambda route: (route.fetch(), route.abort()))
    ana.page.locator("#products button").first.click()
    expect(ana.page.get_by_role("alert")).to_have_text("The gateway does not answer. Try again.")
    ana.page.unroute("**/graphql")

    ana.order()

    expect(ana.page.get_by_role("alert")).to_have_text("")
    ana.page.reload()
    expect(ana.items("orders")).to_have_count(1)


def test_the_state_of_every_service_is_shown(window: Open, system: System) -> None:
    services = window().items("services")
    expect(services).to_contain_text(["gateway", "users", "orders", "shipping"])
    expect(services.locator(".ok")).to_have_count(5)
    shipping = system.processes("shipping")[0]

    shipping.kill()

    expect(services.filter(has_text="shipping")).to_contain_text("down")
    shipping.restart()
    expect(services.locator(".ok")).to_have_count(5)


def test_a_failing_service_leaves_the_rest_and_is_named(window: Open, system: System) -> None:
    ana, users = window(), system.processes("users")[0]
    ana.register()
    users.kill()
    try:
        ana.page.reload()
        expect(ana.page.get_by_role("alert")).to_have_text("The users service does not answer right now.")
        expect(ana.items("products").first).to_be_visible()
    finally:
        users.restart()


def test_the_last_request_can_be_traced_through_the_services(window: Open) -> None:
    ana = window()
    ana.register()
    ana.order()

    expect(ana.page.locator("#trace")).to_have_attribute("href", re.compile("/traces/[0-9a-f]{32}"))
    trace = ana.page.locator("#trace").get_attribute("href")

    def shown() -> bool:
        ana.open(str(trace))
        text = ana.page.locator("svg").first.text_content() if ana.page.locator("svg").count() else ""
        return all(f"{service}: " in str(text) for service in ("gateway", "users", "orders"))

    eventually(shown, within=SLOW_MS / 1000, expected="a trace through gateway, users and orders")


def test_a_token_that_is_not_accepted_leads_to_the_login(window: Open) -> None:
    ana = window()
    email = ana.register()
    ana.page.evaluate(
        "sessionStorage.session = JSON.stringify({ ...JSON.parse(sessionStorage.session), token: 'a.b.c' })"
    )

    ana.page.reload()

    expect(ana.page.get_by_role("alert")).to_have_text("Your session has ended. Log in again.")
    expect(ana.page.locator("#login")).to_be_visible()
    expect(ana.page.get_by_text(email)).to_be_hidden()


def test_what_is_wrong_is_said(window: Open) -> None:
    ana, ben = window(), window()
    email = ana.register()
    for name, words in (("Register", "already"), ("Log in", "password")):
        ben.page.get_by_label("E-mail").fill(email)
        ben.page.get_by_label("Password").fill("not this one")
        ben.page.get_by_role("button", name=name).click()
        expect(ben.page.get_by_role("alert")).to_contain_text(words)


def test_one_can_register_and_order_with_the_keyboard_alone(window: Open) -> None:
    page = window().page
    page.keyboard.press("Tab")
    page.keyboard.type(f"u{uuid4().hex[:12]}@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    button = page.locator("#products button").first
    expect(button).to_be_visible()
    for _ in range(10):
        if button.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page.locator("#orders li")).to_have_count(1)


def test_the_story_of_the_demo_is_true(system: System) -> None:
    story = system.launch("demo")
    try:
        assert story.wait(120) == 0, story.tail()
    finally:
        system.remove(story)
    assert "2 calls to services, not 101" in story.log()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_axe_or_is_wider_than_a_phone(window: Open, scheme: Literal["light", "dark"]) -> None:
    admin = window(scheme)
    check(admin.page)
    admin.log_in_as_admin()
    admin.ship(admin.order())
    admin.order()
    expect(admin.items("notifications")).not_to_have_count(0)
    check(admin.page)


def check(page: Page) -> None:
    """Judge the page as it is now."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
