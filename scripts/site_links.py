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
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


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


def check(site: Path) -> bool:
    """Run LinkChecker over `site`, which prints what leads nowhere; returns whether all is well."""
    linkchecker = Path(sys.executable).with_name("linkchecker")
    options = ["--no-status", f"--config={Path(__file__).with_name('linkcheckerrc')}"]
    # It would write a configuration of its own into the home directory.
    with served(site) as url, tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        return subprocess.run([linkchecker, *options, url], env=environment, check=False).returncode == 0
