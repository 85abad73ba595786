"""Lesson 11's page in a real browser, where the machine has one: it works, and asks nobody else for anything."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from taller.catalog import Course
from taller.grading import Client, eventually
from taller.grading.bench import allocated, variables_of
from taller.runner import Submission, System

COURSE = Course.find(Path(__file__))
LESSON = COURSE.lesson("lesson11")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET_CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def blog() -> Iterator[Client]:
    """The running blog, with one user."""
    place = Submission.locate(COURSE, LESSON, COURSE.solutions)
    with (
        allocated(LESSON, private=False, announce=print) as services,
        System(place, variables_of(services)) as system,
    ):
        web = Client(system.url("web"))
        mutation = 'mutation { createUser(name: "Ana Lamp", email: "ana@example.com") { id } }'
        web.post("/graphql", json={"query": mutation}).has_status(200)
        yield web
        web.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def graphiql(chromium: Browser, blog: Client) -> Iterator[Page]:
    """The page, loaded; fails at the end if anything was asked of another machine, or any script failed."""
    asked: list[str] = []
    problems: list[str] = []
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{blog.url}/graphiql")
    yield page
    page.close()
    ours = (blog.url, f"ws{blog.url.removeprefix('http')}", "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []
    assert problems == []


def test_a_query_runs(graphiql: Page) -> None:
    graphiql.get_by_role("button", name="Execute query").click()
    expect(graphiql.locator(".result-window")).to_contain_text("Ana Lamp")


def test_the_page_knows_the_schema(graphiql: Page) -> None:
    graphiql.get_by_role("button", name="Show Documentation Explorer").click()
    expect(graphiql.locator(".graphiql-doc-explorer-content")).to_contain_text("subscription: Subscription")


def test_a_subscription_hears_what_is_posted(graphiql: Page, blog: Client) -> None:
    editor = graphiql.locator(".graphiql-query-editor .CodeMirror")
    editor.click()
    graphiql.keyboard.press("Control+A")
    graphiql.keyboard.insert_text("subscription News { postAdded { title } }")
    # The page reads what was typed a moment later.
    eventually(lambda: "News" in str(graphiql.context.storage_state()))
    graphiql.get_by_role("button", name="Execute query").click()
    expect(graphiql.get_by_role("button", name="Stop query")).to_be_visible()
    mutation = 'mutation { createPost(title: "Fresh", authorId: 1) { id } }'

    def told() -> bool:
        blog.post("/graphql", json={"query": mutation}).has_status(200)
        return "Fresh" in graphiql.locator(".result-window").inner_text()

    eventually(told, expected="the subscription to tell of a post")
