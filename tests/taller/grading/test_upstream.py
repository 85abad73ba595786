"""A server that a suite plays itself."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from taller.grading import Client
from taller.grading.upstream import Upstream, reply_with


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """One that runs."""
    with Upstream() as running:
        yield running


def connected(upstream: Upstream) -> socket.socket:
    """A bare connection to it."""
    address = urlsplit(upstream.url)
    return socket.create_connection((address.hostname, address.port), timeout=5)


def test_it_shows_what_it_was_sent(upstream: Upstream) -> None:
    Client(upstream.url).post("/a?b=%20", content="hello", headers={"X-Note": "one"}).has_status(200)

    received = upstream.request("/a?b=%20")

    assert (received.method, received.body, received.whole) == ("POST", b"hello", True)
    assert received.values("x-note") == ["one"]


def test_it_answers_as_it_was_told(upstream: Upstream) -> None:
    upstream.on("/gone", reply_with(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"))

    Client(upstream.url).get("/gone").has_status(410)


@pytest.mark.parametrize("framing", ["Content-Length: 10", "Transfer-Encoding: chunked"])
def test_half_a_body_is_not_whole(upstream: Upstream, framing: str) -> None:
    with connected(upstream) as connection:
        connection.sendall(f"POST /half HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n4\r\nhalf\r\n".encode()[:-3])
        received = upstream.request("/half", whole=False)

    assert not received.whole


def test_chunks_become_one_body(upstream: Upstream) -> None:
    with connected(upstream) as connection:
        head = b"POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b"3\r\nfir\r\n2\r\nst\r\n0\r\n\r\n")
        received = upstream.request("/chunks")

    assert received.body == b"first"


def test_an_early_reply_comes_before_the_body(upstream: Upstream) -> None:
    upstream.on("/early", reply_with(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"), early=True)
    with connected(upstream) as connection:
        connection.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")

        assert connection.recv(12) == b"HTTP/1.1 413"
