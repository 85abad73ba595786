"""The course's pages, built and served on this machine."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from taller.catalog import Course
from taller.processes import Child, free_port

SOURCES = ("lessons", "solutions", "notebooks", "src/taller/site", "src/taller/catalog")
WAITING = b"""<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>taller</title>
<p style="font: 1.2rem system-ui; margin: 3rem">The pages are being built. They appear here in a few seconds."""


@contextmanager
def served_site(course: Course) -> Iterator[str]:
    """Serve the pages for as long as the context lasts, and give their address.

    They are built in the background when a source is newer than the last build; until then a page says so.
    """
    folder = course.progress / "site"
    folder.mkdir(parents=True, exist_ok=True)
    child = None if is_fresh(course, folder) else _build(course, folder)
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), partial(_Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        if child:
            child.kill()


def is_fresh(course: Course, folder: Path) -> bool:
    """Whether the pages were built after the last change of what they are built from."""
    built = folder / "sitemap.xml"
    if not built.exists():
        return False
    files = [path for source in SOURCES for path in (course.root / source).rglob("*") if path.is_file()]
    newest = max(
        path.stat().st_mtime for path in [course.root / "mkdocs.yml", *files] if "__pycache__" not in path.parts
    )
    return newest < built.stat().st_mtime


def _build(course: Course, folder: Path) -> Child:
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)]
    log = course.progress / "site.log"
    log.unlink(missing_ok=True)
    return Child.start(command, name="mkdocs", env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, cwd=course.root, log=log)


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve a file, or the page that asks for patience while there is none."""
        assert isinstance(self.directory, str)
        if self.path == "/" and not (Path(self.directory) / "index.html").exists():
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(WAITING)))
            self.end_headers()
            self.wfile.write(WAITING)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the terminal belongs to the lesson."""
