"""A course of two small lessons, for the commands to work on."""

from pathlib import Path

FIRST = """
title = "Keep notes"

[[steps]]
id = "health"
title = "Tell that you are there"
points = 1
given = true
hints = ["one", "two"]

[[steps]]
id = "list"
title = "List notes"
points = 2
hints = ["A list is a list.", "[brackets] stay: return NOTES"]

[[steps]]
id = "add"
title = "Add a note"
points = 3
needs = ["list"]
hints = ["one", "two"]
"""

SECOND = """
title = "Tell the time"
services = ["redis"]
builds_on = ["lesson01_notes"]

[[steps]]
id = "tell"
title = "Tell the time"
points = 1
hints = ["one", "two"]
"""

PROGRAM = '''"""Notes, kept in memory."""

import json
import os
import signal
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTES: list[str] = []


def list_notes() -> list[str]:
    """All notes."""
    # --8<-- [start:list]
    return NOTES
    # --8<-- [end:list]


def add_note(text: str) -> list[str]:
    """Add a note."""
    # --8<-- [start:add]
    NOTES.append(text)
    return NOTES
    # --8<-- [end:add]


class Handler(BaseHTTPRequestHandler):
    """Answers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # a line that is longer than the eighty columns of a terminal, so that wrapping it shows
        """Answer."""
        routes = {"/health": lambda: {"status": "ok"}, "/notes": list_notes, "/add": lambda: add_note("a note")}
        try:
            status, answer = 200, routes[self.path]()
        except Exception:
            traceback.print_exc()
            status, answer = 500, {"error": "internal"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("[serving]", os.environ["HOME"])
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
'''

STORY = '''"""What the demo tells."""

import os
import urllib.request

with urllib.request.urlopen(os.environ["WEB_URL"] + "/health") as answer:
    print("✓ it is there:", answer.status)
'''

SUITE = """
import pytest

@pytest.mark.step("health")
def test_it_is_there(web):
    web.get("/health").has_status(200)

@pytest.mark.step("list")
def test_notes_are_listed(web):
    web.get("/notes").has_status(200).items()

@pytest.mark.step("add")
def test_a_note_is_added(web):
    web.get("/add").has_status(200).is_json(["a note"])
"""

SECOND_SUITE = """
import pytest

@pytest.mark.step("tell")
def test_the_time_is_told(web):
    web.get("/health").has_status(200)
"""

PAGE = """# Keep notes

```console
$ curl http://127.0.0.1:8000/add
["a note"]
```
"""


def write_shop(root: Path) -> None:
    """Write the course; its exercises are still to be derived."""
    files = {
        "lessons/lesson01_notes.toml": FIRST,
        "lessons/lesson02_clock.toml": SECOND,
        "lessons/en/lesson01_notes.md": PAGE,
        "solutions/lesson01_notes/app.py": PROGRAM,
        "solutions/lesson01_notes/Procfile": "web: python app.py\n",
        "solutions/lesson02_clock/app.py": PROGRAM.replace("[start:list]", "[start:tell]")
        .replace("[end:list]", "[end:tell]")
        .replace("    # --8<-- [start:add]\n", "")
        .replace("    # --8<-- [end:add]\n", ""),
        "solutions/lesson02_clock/story.py": STORY,
        "solutions/lesson02_clock/Procfile": "web: python app.py\ndemo: python story.py\n",
        "tests/lessons/test_lesson01_notes.py": SUITE,
        "tests/lessons/test_lesson02_clock.py": SECOND_SUITE,
        "src/taller/note.txt": "taller is installed elsewhere\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
