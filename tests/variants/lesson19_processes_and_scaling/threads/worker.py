"""A worker of the standard library alone: a thread for each request, and no event loop."""

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from urllib.parse import parse_qs, urlsplit

NAME = os.environ["SUPERVISOR_PROCESS_NAME"]
FOLDER = Path(os.environ["STATE_DIR"])
ME = {
    "name": NAME,
    "pid": os.getpid(),
    "greeting": json.loads((FOLDER / "configuration.json").read_text(encoding="utf-8"))["greeting"],
}


class Server(ThreadingMixIn, UnixStreamServer):
    """Takes connections on a Unix domain socket; waits for its threads when it is closed."""

    daemon_threads = False
    request_queue_size = 512

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """A connection, with an address as the handler wants one."""
        connection, _ = super().get_request()
        return connection, ("nginx", 0)

    def handle_timeout(self) -> None:
        """Nobody waits any more."""
        self.empty = True

    def let_in_who_waits(self) -> None:
        """Take every connection that is still in the queue."""
        self.empty, self.timeout = False, 0.3
        while not self.empty:
            self.handle_request()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer all three paths."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/api/work":
            self.work(query.get("kind", ["io"])[0], int(query.get("ms", ["0"])[0]) / 1000)
        known = {"/health": {"status": "ok"}, "/api/whoami": ME, "/api/work": ME}
        content = json.dumps(known.get(path, {"status": 404})).encode()
        self.send_response(200 if path in known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - http.server wants this name

    def work(self, kind: str, seconds: float) -> None:
        """Wait or compute."""
        if kind == "io":
            time.sleep(seconds)
        else:
            end = time.thread_time() + seconds
            while time.thread_time() < end:
                sum(range(1000))

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """A line with the request's id."""
        line = {"service": NAME, "url": self.path, "status": code, "request_id": self.headers.get("X-Request-ID")}
        logging.info(json.dumps(line, default=str))


logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
door = FOLDER / f"{NAME}.sock"
door.unlink(missing_ok=True)
server = Server(str(door), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(0.05)
door.unlink(missing_ok=True)
server.let_in_who_waits()
server.server_close()
