"""Check every link inside the built site, as a browser would follow it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag


class Pages(SimpleHTTPRequestHandler):
    """Serves files without a line for each request."""

    def end_headers(self) -> None:
        """Allow LinkChecker to ask as fast as it can: without this header it keeps to ten requests a second."""
        self.send_header("LinkChecker", "welcome")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: LinkChecker reports what is not found, and on which page it is linked."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve `directory` on a free local port; yields its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Anchors(HTMLParser):
    """What a page can be linked at, and the links on it that name a place on a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[Path, str]] = []
        self._page = page
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the ids and links of one tag."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif tag == "a" and name == "href" and value and "://" not in value:
                path, place = urldefrag(value)
                if place:
                    self.links.append(((self._page.parent / path).resolve() if path else self._page, unquote(place)))


def lost_anchors(site: Path) -> list[str]:
    """The links of `site` that name a place which their page does not have.

    LinkChecker's own AnchorCheck reads a page anew for every such link, and takes a minute for what takes a second.
    """
    pages = {page: Anchors(page) for page in site.resolve().rglob("*.html")}
    return [
        f"{page.name}: {target.name}#{place} leads nowhere"
        for page, anchors in pages.items()
        for target, place in anchors.links
        if target in pages and place not in pages[target].ids
    ]


def check(site: Path) -> bool:
    """Say what leads nowhere in `site`; returns whether all is well."""
    lost = lost_anchors(site)
    for line in lost:
        print(line)
    return follow(site) and not lost


def follow(site: Path) -> bool:
    """Run LinkChecker over `site`, which prints what it does not find; returns whether it has found all."""
    linkchecker = Path(sys.executable).with_name("linkchecker")
    options = ["--no-status", f"--config={Path(__file__).with_name('linkcheckerrc')}"]
    # It would write a configuration of its own into the home directory.
    with served(site) as url, tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        return subprocess.run([linkchecker, *options, url], env=environment, check=False).returncode == 0
