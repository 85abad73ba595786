"""Programs for a Procfile: right ones, and some that are wrong in one way each."""

WEB = """
import json, os, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"environment": dict(os.environ), "pid": os.getpid(), "uid": os.getuid()}).encode()
        self.send_response(int(os.environ.get("HEALTH", "200")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("about to listen")
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
WORKER = "import time\nprint('worker: Ready.')\ntime.sleep(1000)\n"

ENDS = {
    "a syntax error": ("print('so far so good')\ndef (:\n", r"SyntaxError: .* \(.*lesson02_small/app.py, line 2\)"),
    "a module that is not there": (
        "import os\nimport no_such_module\n",
        r"exit status 1 .*No module named 'no_such_module' \(.*lesson02_small/app.py, line 2\)",
    ),
    "an exception at import": (
        "import json\n\njson.loads('{')\n",
        r"JSONDecodeError: .* \(.*lesson02_small/app.py, line 3\)",
    ),
    "an end without a word": ("", r"web.1 ended with exit status 0 before it was ready$"),
    "its own exit status": ("raise SystemExit(7)", r"web.1 ended with exit status 7 before it was ready$"),
    "a signal": ("import os\nos.abort()", r"web.1 was killed by signal 6 before it was ready$"),
}

LISTEN = "import os, socket, time\nserver = socket.create_server(('127.0.0.1', {port}))\n"
ANSWER = """
while True:
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall({answer!r})
    connection.close()
"""
HUNG = {
    "nothing listens": ("import time\nprint('thinking')\ntime.sleep(1000)", r"nothing listens on port \d+"),
    "another port": (
        LISTEN.format(port="0") + "print('listening')\ntime.sleep(1000)",
        r"nothing listens on port \d+, .*; it listens on \d+ instead: take the port from the environment",
    ),
    "never an answer": (
        LISTEN.format(port="int(os.environ['PORT'])") + "time.sleep(1000)",
        r"takes connections on port \d+ but gave GET /health no answer",
    ),
    "garbage": (
        LISTEN.format(port="int(os.environ['PORT'])") + ANSWER.format(answer=b"\x00\x01 hello\r\n"),
        r"its answer to GET /health is not HTTP",
    ),
    "a closed connection": (
        LISTEN.format(port="int(os.environ['PORT'])") + ANSWER.format(answer=b""),
        r"Remote end closed connection without response",
    ),
    "an error": (
        "import os\nos.environ['HEALTH'] = '500'\n" + WEB,
        r"it answers GET /health with 500 Internal Server Error",
    ),
    "not found": ("import os\nos.environ['HEALTH'] = '404'\n" + WEB, r"it answers GET /health with 404 Not Found"),
}
