"""The docs site: it builds strictly, loads nothing from elsewhere, can be searched offline and fits a phone."""

import functools
import io
import logging
import re
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from pymdownx.snippets import SnippetMissingError

from taller.catalog import Course

ROOT = Course.find().root
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
LINKS_THAT_LOAD = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "modulepreload", "manifest"}
CSS_ADDRESS = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')\s;]+)""")
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)


def build(course: Path, out: Path) -> str:
    """Build the site of `course` into `out`, strictly; the warnings and errors that there were."""
    messages = io.StringIO()
    handler = logging.StreamHandler(messages)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        mkdocs_build(load_config(str(course / "mkdocs.yml"), site_dir=str(out), strict=True))
    except (Abort, SnippetMissingError) as error:
        messages.write(f"aborted: {error}")
    finally:
        logger.removeHandler(handler)
    return messages.getvalue()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of this checkout."""
    out = tmp_path_factory.mktemp("site")
    assert build(ROOT, out) == ""
    return out


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a log line for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, where the machine has one."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_CHROMIUM)
        yield browser
        browser.close()


class Visit:
    """A phone-sized browser window that reaches nothing but the site, and what happened in it."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.home = home
        self.problems: list[str] = []
        context.route(lambda url: not url.startswith((home, "data:", "blob:")), self._refuse)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on(
            "console",
            lambda message: self.problems.append(f"console: {message.text}") if message.type == "error" else None,
        )

    def open(self, name: str) -> Page:
        """The page of that file name, once it has loaded."""
        self.page.goto(f"{self.home}/{name}", wait_until="load")
        return self.page

    def _refuse(self, route: Route) -> None:
        self.problems.append(f"request: {route.request.url}")
        route.abort()


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Visit]:
    """The served site on a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield Visit(context, address)
    context.close()


@pytest.fixture
def phone_from_disk(chromium: Browser, site: Path) -> Iterator[Visit]:
    """The site on a phone, opened without any server."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield Visit(context, site.as_uri())
    context.close()


def pages(site: Path) -> list[str]:
    """The file names of all pages that readers come to."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html") if path.name != "404.html")


class LoadedAddresses(HTMLParser):
    """Collects what a browser fetches by itself for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of an element that loads something."""
        given = dict(attrs)
        if tag == "link" and not LINKS_THAT_LOAD & set((given.get("rel") or "").split()):
            return
        self.found += [given.get(LOADING.get(tag, "")) or "", *CSS_ADDRESS.findall(given.get("style") or "")]


def test_no_page_names_anything_to_load_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        parser = LoadedAddresses()
        parser.feed(path.read_text(encoding="utf-8"))
        assert not [address for address in parser.found if ELSEWHERE.match(address)], path.name


def test_no_stylesheet_names_anything_to_load_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.css"):
        addresses = CSS_ADDRESS.findall(path.read_text(encoding="utf-8"))
        assert not [address for address in addresses if ELSEWHERE.match(address)], path.name


def test_every_page_fits_a_phone_and_loads_without_errors_or_requests_to_elsewhere(phone: Visit, site: Path) -> None:
    for name in pages(site):
        page = phone.open(name)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{name} is {width} px wide"
    assert phone.problems == []


def test_a_page_follows_the_palette_of_the_system(phone: Visit) -> None:
    for palette, scheme in {"dark": "slate", "light": "default"}.items():
        phone.page.emulate_media(color_scheme=palette)
        page = phone.open("index.html")
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)


def test_search_finds_a_word_on_the_served_site(phone: Visit) -> None:
    assert_search_finds("Create", phone)


def test_search_finds_a_word_when_pages_are_opened_from_disk(phone_from_disk: Visit) -> None:
    assert_search_finds("Create", phone_from_disk)


def assert_search_finds(word: str, visit: Visit) -> None:
    """Type `word` into the search of the home page and follow the first result."""
    page = visit.open("index.html")
    page.locator("label.md-header__button[for=__search]").click()
    page.locator("input.md-search__input").press_sequentially(word)
    marked = page.locator("mark").filter(has_text=re.compile(word, re.IGNORECASE))
    page.locator("a.md-search-result__link").filter(has=marked).first.click()
    expect(page.locator("article mark").first).to_contain_text(word, ignore_case=True)
    assert visit.problems == []


LESSON = """\
# A lesson

What it is about.

## List the products {#list}

## Create a product {#create}

```notebook
lesson01_rest_crud#table
```
"""

MANIFEST = """\
title = "A lesson"

[[steps]]
id = "list"
title = "List the products"
points = 1
given = true

[[steps]]
id = "create"
title = "Create a product"
points = 3
needs = ["list"]
"""


@pytest.fixture
def small_course(tmp_path: Path) -> Path:
    """A course of one lesson with this checkout's configuration and home page."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "lessons", course / "lessons", ignore=shutil.ignore_patterns("lesson*"))
    shutil.copytree(ROOT / "src/taller/site", course / "src/taller/site")
    shutil.copy(ROOT / "mkdocs.yml", course)
    for folder in ["solutions", "notebooks"]:
        (course / folder).mkdir()
    (course / "lessons/lesson01_rest_crud.toml").write_text(MANIFEST)
    (course / "lessons/en/lesson01_rest_crud.md").write_text(LESSON)
    write_notebook(course, "text/html", "<table><tr><td>42</td></tr></table>")
    return course


def write_notebook(course: Path, mime: str, content: str) -> None:
    """A notebook whose only cell, tagged table, has `content` as its stored output."""
    output = nbformat.v4.new_output("display_data", {mime: content, "text/plain": "a table"})
    cell = nbformat.v4.new_code_cell("show(rows)", outputs=[output], metadata={"tags": ["table"]})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(notebook, course / "notebooks/lesson01_rest_crud.ipynb")


def change(path: Path, old: str, new: str) -> None:
    """Replace `old`, which has to be there, in the file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_lesson_shows_its_steps_and_a_stored_cell_with_its_output(small_course: Path, tmp_path: Path) -> None:
    assert build(small_course, tmp_path / "out") == ""
    page = (tmp_path / "out/lesson01_rest_crud.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    assert "3 points · after List the products · taller check lesson01 --step create" in text
    assert "1 point · already written" in text
    assert "show(rows)" in text
    assert "<td>42</td>" in page


def test_a_recorded_session_is_shown_in_its_colours(small_course: Path, tmp_path: Path) -> None:
    (small_course / "session.ansi").write_text("$ taller check\n\x1b[31mfailed\x1b[0m <1 of 3>\n")
    change(small_course / PAGE, "What it is about.", "```terminal\nsession.ansi\n```")
    assert build(small_course, tmp_path / "out") == ""
    page = (tmp_path / "out/lesson01_rest_crud.html").read_text(encoding="utf-8")
    assert re.search(r'<span style="color: #\w+[^>]*>failed</span> &lt;1 of 3&gt;', page)


def test_manifests_are_not_published(small_course: Path, tmp_path: Path) -> None:
    build(small_course, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.toml"))


def test_the_home_page_links_the_lessons_that_are_written_and_only_those(small_course: Path, tmp_path: Path) -> None:
    assert build(small_course, tmp_path / "out") == ""
    home = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    article = home[home.index("<article") : home.index("</article>")]
    assert set(re.findall(r'href="(lesson\d\d_\w+)\.html"', article)) == {"lesson01_rest_crud"}


PAGE = "lessons/en/lesson01_rest_crud.md"
MISTAKES = {
    "a step without a heading": ("#create", "#make", "step 'create' has no heading"),
    "an unknown cell": ("#table", "#plot", "0 code cells with the tag 'plot'"),
    "an unknown notebook": ("lesson01_rest_crud#", "lesson99_none#", "there is no notebook lesson99_none.ipynb"),
    "an unknown recording": (
        "```notebook\nlesson01_rest_crud#table",
        "```terminal\nnone.ansi",
        "no recording none.ansi",
    ),
    "an unknown anchor": (
        "What it is about.",
        "[There](how-it-works.md#nowhere)",
        "does not contain an anchor '#nowhere'",
    ),
    "an unknown page": ("What it is about.", "[There](nowhere.md)", "nowhere.md"),
    "an unknown region": ("What it is about.", '--8<-- "solutions/none.py:create"', "solutions/none.py"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_on_a_page_fails_the_build(
    small_course: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    change(small_course / PAGE, old, new)
    problems = build(small_course, tmp_path / "out")
    assert "aborted" in problems
    assert message in problems


def test_a_lesson_that_the_home_page_does_not_name_fails_the_build(small_course: Path, tmp_path: Path) -> None:
    change(small_course / "lessons/en/index.md", "(lesson01_rest_crud.md)", "(lesson02_event_loop.md)")
    problems = build(small_course, tmp_path / "out")
    assert "aborted" in problems
    assert "does not name lesson01_rest_crud" in problems


def test_a_stored_output_with_a_script_fails_the_build(small_course: Path, tmp_path: Path) -> None:
    write_notebook(small_course, "text/html", "<script>alert(1)</script>")
    problems = build(small_course, tmp_path / "out")
    assert "aborted" in problems
    assert "its HTML output has a script" in problems


def test_a_stored_picture_without_a_caption_fails_the_build(small_course: Path, tmp_path: Path) -> None:
    write_notebook(small_course, "image/png", "iVBORw0KGgo=")
    problems = build(small_course, tmp_path / "out")
    assert "aborted" in problems
    assert "needs a caption" in problems
