"""The client that suites are written with: what it sends, and what an answer can be asked."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from taller.grading import Answer, Client, Unmet


class Echo(BaseHTTPRequestHandler):
    """Answers as the query tells it to, and otherwise with what it got."""

    def answer(self) -> None:
        """Tell method, path, headers and body."""
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if self.path == "/text":
            reply = body
        else:
            reply = json.dumps(
                {
                    "method": self.command,
                    "path": self.path,
                    "type": self.headers.get("Content-Type"),
                    "body": body.decode(),
                }
            ).encode()
        self.send_response(418 if self.path == "/teapot" else 200)
        self.send_header("X-Kind", "echo; version=1")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be quiet."""


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of a server that echoes."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with closing(Client(f"http://127.0.0.1:{server.server_port}")) as client:
            yield client
        server.shutdown()


def body(client: Client, text: str) -> Answer:
    """An answer with this body."""
    return client.post("/text", content=text.encode())


def refusal(action: Callable[[], object]) -> Unmet:
    """The ``Unmet`` that it raises."""
    with pytest.raises(Unmet) as caught:
        action()
    return caught.value


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_every_method_is_sent(client: Client, method: str) -> None:
    answer = getattr(client, method)("/a", params={"b": 1})

    assert (answer.field("method"), answer.field("path")) == (method.upper(), "/a?b=1")


def test_head_has_no_body(client: Client) -> None:
    assert client.head("/").has_status(200).text == ""


def test_json_is_sent_with_exact_prices(client: Client) -> None:
    answer = client.post("/", json={"price": Decimal("19.90"), "name": "Ñandú"}, headers={"X-Token": "t" * 100})

    assert json.loads(answer.field("body")) == {"price": 19.9, "name": "Ñandú"}
    assert answer.field("type") == "application/json"
    assert answer.sent == f'POST /\nX-Token: {"t" * 80}… (100 characters)\n{{"price": 19.9, "name": "Ñandú"}}'


def test_a_status(client: Client) -> None:
    answer = client.get("/teapot")

    assert answer.has_status(200, 418) is answer
    unmet = refusal(lambda: answer.has_status(200, 299))
    assert unmet.expected == "200 OK or 299"
    assert unmet.got.startswith("418 I'm a Teapot\n{")
    assert unmet.sent == "GET /teapot"


def test_a_refusal(client: Client) -> None:
    assert client.get("/teapot").is_refused("GET", "teapot")
    assert refusal(lambda: client.get("/").is_refused()).expected == "a 4xx: the request makes no sense"
    assert refusal(lambda: client.get("/teapot").is_refused("price")).expected == "an answer that says 'price'"


def test_a_header(client: Client) -> None:
    answer = client.get("/")

    assert answer.header("x-kind", r"echo; version=\d") == "echo; version=1"
    unmet = refusal(lambda: answer.header("X-Kind", r"version=\d"))
    assert unmet.expected == r"the header X-Kind of the form version=\d"
    assert unmet.got == "200 OK with X-Kind: echo; version=1"
    assert refusal(lambda: answer.header("Location")).got.endswith(" without it")


def test_json_keeps_prices_exact(client: Client) -> None:
    answer = body(client, '{"price": 0.10, "big": 1e400, "id": 7, "yes": true, "list": [], "none": null}')

    assert answer.json["price"] == Decimal("0.10")
    assert str(answer.field("price", Decimal)) == "0.10"
    assert answer.field("id", Decimal) == 7
    assert answer.field("id", int) == 7
    assert answer.field("none") is None
    assert answer.field("yes", bool) is True
    assert answer.is_json({**answer.json})


@pytest.mark.parametrize("text", ["", "{", "NaN", "{'a': 1}", "[1] x", "[" * 100_000])
def test_what_is_no_json(client: Client, text: str) -> None:
    unmet = refusal(lambda: body(client, text).json)

    assert unmet.expected.startswith("a body of JSON (")


@pytest.mark.parametrize(
    ("text", "name", "kind", "expected"),
    [
        ("[1]", "id", int, "a JSON object with the field 'id'"),
        ("{}", "id", int, "the field 'id' in the answer"),
        ('{"id": "7"}', "id", int, "'id' to be an integer"),
        ('{"id": true}', "id", int, "'id' to be an integer"),
        ('{"id": 7.0}', "id", int, "'id' to be an integer"),
        ('{"price": "1.50"}', "price", Decimal, "'price' to be a number"),
        ('{"price": false}', "price", Decimal, "'price' to be a number"),
        ('{"name": null}', "name", str, "'name' to be a string"),
    ],
)
def test_a_field_of_another_kind(client: Client, text: str, name: str, kind: type, expected: str) -> None:
    unmet = refusal(lambda: body(client, text).field(name, kind))

    assert unmet.expected == expected
    assert text in unmet.got


def test_a_list(client: Client) -> None:
    assert body(client, "[1, 2]").items() == [1, 2]
    assert refusal(body(client, "{}").items).expected == "a JSON list"


def test_another_value(client: Client) -> None:
    unmet = refusal(lambda: body(client, '{"price": 1.5}').is_json({"price": Decimal("2.5")}))

    assert (unmet.expected, unmet.got) == ('{"price": 2.5}', '200 OK\n{"price": 1.5}')


def test_a_long_body_is_shown_in_part(client: Client) -> None:
    answer = body(client, "x" * 1000)

    assert answer.got == f"200 OK\n{'x' * 400}… (1000 characters)"
    assert answer.sent == f"POST /text\n{'x' * 400}… (800 characters)"


@pytest.mark.parametrize(
    ("answer", "hung", "expected", "got"),
    [
        (None, True, "an answer", r"nothing within 0\.2 s"),
        (b"", False, "an answer in HTTP", "Server disconnected"),
        (b"hello\r\n\r\n", False, "an answer in HTTP", "illegal status line"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", False, "an answer in HTTP", "peer closed connection"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            False,
            "a body that its Content-Encoding describes",
            "incorrect header check",
        ),
    ],
)
def test_no_answer_that_makes_sense(answer: bytes | None, hung: bool, expected: str, got: str) -> None:
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            if answer is None:
                done.wait()
            else:
                connection.sendall(answer)

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        with closing(Client(f"http://127.0.0.1:{server.getsockname()[1]}")) as client:
            unmet = refusal(lambda: client.get("/x", timeout=0.2 if answer is None else 30))
        done.set()
        thread.join()

    assert (unmet.sent, unmet.expected, unmet.hung) == ("GET /x", expected, hung)
    assert re.search(got, unmet.got)


def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with closing(Client(f"http://127.0.0.1:{port}")) as client:
        unmet = refusal(lambda: client.get("/"))

    assert unmet.disconnected
    assert unmet.got.startswith("no connection (")
