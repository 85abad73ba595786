"""A small course of one lesson, a program that keeps notes, and suites for it."""

from pathlib import Path

PROGRAM = """
import json, os, sys, time, traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

def read():
    raise NotImplementedError("read")

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        print("GET", self.path)
        try:
            status, answer = self.route()
        except Exception:
            traceback.print_exc()
            status, answer = 500, {"error": "internal"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.do_GET()

    def route(self):
        if self.path == "/crash":
            print("there is no way on", flush=True)
            os._exit(3)
        if self.path == "/hang":
            time.sleep(1000)
        if self.path == "/open":
            read()
        if self.path == "/open-in-json":
            try:
                read()
            except Exception:
                print(json.dumps({"level": "error", "exception": traceback.format_exc()}))
            return 500, {"error": "internal"}
        if self.path == "/error":
            {}["nothing"]
        return 200, {"path": self.path, "pid": os.getpid()}

    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

HEAD = """
import os, time
import pytest
from taller.grading import eventually, expect
"""

# So that a test that hangs, and a program that never gets ready, take a second and not half a minute.
CONFTEST = """
import taller.grading.plugin, taller.runner.process, taller.runner.readiness

taller.grading.plugin.TEST_SECONDS = 1
taller.runner.process.READY_WITHIN = taller.runner.readiness.READY_WITHIN = 1
"""


def manifest(steps: dict[str, tuple[str, ...]], extra: str = "") -> str:
    """A manifest with these steps and what each needs; the first is worth one point, the next two, and so on."""
    text = f'title = "Notes"\n{extra}\n'
    for points, (step, needs) in enumerate(steps.items(), 1):
        text += f'[[steps]]\nid = "{step}"\ntitle = "The step {step}"\npoints = {points}\nneeds = {list(needs)!r}\n'
    return text


def write(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def line_of(code: str) -> int:
    """The number of the line of the program that has this code."""
    return PROGRAM[: PROGRAM.index(code)].count("\n") + 1
