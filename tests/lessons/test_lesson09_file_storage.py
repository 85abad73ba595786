"""Lesson 9: files are not rows. Each test is one promise of the contract, over HTTP and in the store."""

import base64
import re
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

import boto3
import psutil
import pytest
from botocore.config import Config

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect
from taller.grading.bench import Bench, Service
from taller.runner import Process, System
from taller.services import Allocation

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

UPLOAD = "/api/upload"
FILES = "/api/files"
UPLOADS = "/api/uploads"
BOUNDARY = "----lesson09"
LARGEST = 5 * 1024 * 1024
MEGABYTE = 1_000_000
HELD = 16
RESTS_FOR_S = 0.3
# What they would take if all of them were kept in memory is over 80 MB.
MOST_MEMORY = 45 * MEGABYTE
ANSWER_AFTER_AT_MOST = 40 * MEGABYTE
UNAVAILABLE_WITHIN_S = 8
BACK_WITHIN_S = 10

TINY_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)
TINY_WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")


# contents


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(note: bytes, size: int = 0) -> bytes:
    """A picture of one pixel with a note in it, and as many bytes as wanted."""
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    end = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    note = b"Comment\0" + note
    return head + chunk(b"tEXt", note.ljust(size - len(head) - len(end) - 12, b".")) + end


def jpeg(note: bytes) -> bytes:
    """A picture of one pixel with a comment in it."""
    return TINY_JPEG[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + TINY_JPEG[2:] + b"\xff\xd9"


def gif(note: bytes) -> bytes:
    """A picture of one pixel with a comment in it."""
    picture = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    pixel = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    return picture + b"!\xfe" + bytes([len(note)]) + note + b"\0" + pixel


def webp(note: bytes) -> bytes:
    """A picture of one pixel with a chunk of our own after it."""
    note += b"." * (len(note) % 2)
    body = TINY_WEBP[8:] + b"note" + struct.pack("<I", len(note)) + note
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pdf(note: bytes) -> bytes:
    """The beginning and the end of a document, and a comment."""
    return b"%PDF-1.4\n% " + note + b"\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def text(note: bytes) -> bytes:
    """Words, numbers, and a comparison."""
    return "Año\tuno: 1 < 2 & 3 > 2 <3 🐈\r\n".encode() + note


KINDS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "image/png": (png, ".png"),
    "image/jpeg": (jpeg, ".jpg"),
    "image/gif": (gif, ".gif"),
    "image/webp": (webp, ".webp"),
    "application/pdf": (pdf, ".pdf"),
    "text/plain": (text, ".txt"),
}


# forms


def part(content: bytes, name: bytes = b"lamp.png", field: str = "file", media_type: str = "image/png") -> bytes:
    """A file in a form, with its name as it is."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="'.encode() + name
    return head + f'"\r\nContent-Type: {media_type}\r\n\r\n'.encode() + content + b"\r\n"


def field(name: str, value: str) -> bytes:
    """A field of a form that is no file."""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


END = f"--{BOUNDARY}--\r\n".encode()
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def send(web: Client, content: bytes, name: str | bytes = b"lamp.png", **options: str) -> Answer:
    """Upload a file."""
    raw = name.encode() if isinstance(name, str) else name
    return web.post(UPLOAD, content=part(content, raw, **options) + END, headers=FORM, timeout=20)


def is_problem(answer: Answer, status: int) -> None:
    """The answer is a problem of this status (RFC 9457)."""
    answer.has_status(status).header("Content-Type", r"application/problem\+json.*")


def kept(answer: Answer) -> dict[str, Any]:
    """The file in the answer to an upload that was kept."""
    answer.has_status(201).field("message", str)
    file = answer.field("file", dict)
    names = {"name": str, "type": str, "size": int, "url": str}
    is_whole = file.keys() == names.keys() and all(type(file[name]) is kind for name, kind in names.items())
    expect(is_whole, "a file of exactly name, type, size and url", answer.got, answer.sent)
    return dict(file)


def follow(url: str, method: str = "GET") -> Answer:
    """What the store answers to a link."""
    parts = urlsplit(url)
    expect(parts.scheme == "http" and parts.netloc, "a link to the store", url)
    with closing(Client(f"http://{parts.netloc}")) as store:
        return store.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path)


def connect(url: str) -> socket.socket:
    """A connection to a process."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=10)


def head(*headers: str) -> bytes:
    """The beginning of an upload."""
    lines = [f"POST {UPLOAD} HTTP/1.1", "Host: files", f"Content-Type: {FORM['Content-Type']}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def status_line(connection: socket.socket, sent: str) -> str:
    """The first line of the answer."""
    answer = b""
    try:
        while b"\r\n" not in answer:
            piece = connection.recv(1000)
            if not piece:
                break
            answer += piece
    except OSError as error:
        raise Unmet("an answer", f"{error}", sent) from None
    return answer.partition(b"\r\n")[0].decode(errors="replace")


# the store


def client_of(variables: dict[str, str]) -> "S3Client":
    """A client of the store with the key that a submission has."""
    return boto3.client(
        "s3",
        endpoint_url=variables["S3_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
        config=Config(s3={"addressing_style": "path"}),
    )


@dataclass(frozen=True)
class Bucket:
    """A bucket, seen past the submission."""

    client: "S3Client"
    name: str

    @classmethod
    def of(cls, allocation: Allocation) -> "Bucket":
        """The bucket of an allocation."""
        variables = dict(allocation.variables)
        return cls(client_of(variables), variables["S3_BUCKET"])

    def objects(self) -> set[str]:
        """The keys of all that is in it."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {found["Key"] for page in pages for found in page.get("Contents", [])}

    def unfinished(self) -> int:
        """How many multipart uploads were begun and not ended."""
        return len(self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", []))


@pytest.fixture(scope="module")
def bucket(services: dict[str, Service]) -> Bucket:
    """The bucket of the submission."""
    return Bucket.of(services["s3"].allocation)


@pytest.fixture(scope="module")
def misled(request: pytest.FixtureRequest, bench: Bench) -> tuple[str, Process]:
    """What a process was told of the store that cannot be, and the process."""
    draw = Draw(request.config.option.seed, "misled about the store")
    name, value = draw.choice(
        [
            ("S3_ENDPOINT_URL", "nonsense"),
            ("S3_ENDPOINT_URL", "ftp://127.0.0.1"),
            ("S3_BUCKET", ""),
            ("URL_SECONDS", "soon"),
        ]
    )
    return name, bench.system.launch("web", {name: value})


@dataclass(frozen=True)
class Hasty:
    """A process for which all times are one second, with a bucket of its own."""

    process: Process
    bucket: Bucket


@pytest.fixture(scope="module")
def hasty(bench: Bench, services: dict[str, Service]) -> Hasty:
    """A process for which all times are one second. It may not be ready yet."""
    allocation = services["s3"].server.allocate()
    seconds = dict.fromkeys(("URL_SECONDS", "UPLOAD_SECONDS", "ORPHAN_SECONDS"), "1")
    return Hasty(bench.system.launch("web", {**allocation.variables, **seconds}), Bucket.of(allocation))


@pytest.fixture
def hasty_web(hasty: Hasty) -> Iterator[Client]:
    """A client of the hasty process."""
    hasty.process.await_ready()
    with closing(Client(hasty.process.url)) as client:
        yield client


# receive


@pytest.mark.step("receive")
@pytest.mark.usefixtures("misled", "hasty")  # they start now, and later tests wait for less
def test_it_starts_with_the_store_that_it_is_told(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("receive")
def test_a_variable_that_makes_no_sense_ends_the_process_with_status_2(misled: tuple[str, Process]) -> None:
    name, process = misled
    sent = f"a value for {name} that makes no sense"
    expect(process.wait(10) == 2, "exit status 2", f"exit status {process.exit_status} (None: it still runs)", sent)
    lines = process.tail().strip().splitlines()
    expect(len(lines) == 1 and name in lines[0], f"one line that names {name}", "\n".join(lines), sent)


@pytest.mark.step("receive")
@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (FORM["Content-Type"], part(png(b""), field="photo") + END),
        (FORM["Content-Type"], field("file", "lamp") + END),
        (FORM["Content-Type"], END),
        (FORM["Content-Type"], b""),
        (FORM["Content-Type"], part(png(b""))[:-20]),
        (FORM["Content-Type"], part(png(b"")).replace(BOUNDARY.encode(), b"----another") + END),
        (FORM["Content-Type"], b"\x00" * 1000),
        ("multipart/form-data", part(png(b"")) + END),
        ("application/json", b'{"file": "lamp"}'),
        ("application/x-www-form-urlencoded", b"file=lamp"),
        ("image/png", png(b"")),
    ],
    ids=[
        "another field", "a text and no file", "an empty form", "an empty body", "cut off", "another boundary",
        "no form", "no boundary", "JSON", "urlencoded", "the file itself",
    ],
)  # fmt: skip
def test_a_request_without_a_file_is_a_400(web: Client, media_type: str, body: bytes) -> None:
    is_problem(web.post(UPLOAD, content=body, headers={"Content-Type": media_type}), 400)


@pytest.mark.step("receive")
@pytest.mark.parametrize("name", [b"", b"lamp.txt"])
def test_an_empty_file_is_a_400(web: Client, name: bytes) -> None:
    is_problem(send(web, b"", name), 400)


@pytest.mark.step("receive")
def test_two_files_are_a_400(web: Client, draw: Draw) -> None:
    body = part(png(draw.token().encode())) + part(png(draw.token().encode())) + END
    is_problem(web.post(UPLOAD, content=body, headers=FORM), 400)


@pytest.mark.step("receive")
def test_a_file_of_one_byte_too_many_is_a_413(web: Client) -> None:
    is_problem(send(web, png(b"", LARGEST + 1)), 413)


@pytest.mark.step("receive")
def test_a_size_that_is_announced_is_refused_before_anything_is_sent(web: Client) -> None:
    sent = f"POST {UPLOAD} with Content-Length: 500000000, and nothing yet of the body"
    with connect(web.url) as connection:
        connection.sendall(head("Content-Length: 500000000"))
        line = status_line(connection, sent)
    expect(" 413 " in line, "413 Content Too Large", line, sent)


def memory(process: Process) -> int:
    """The bytes of memory that a process and its children have."""
    total = 0
    program = psutil.Process(process.pid)
    for each in [program, *program.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += each.memory_info().rss
    return total


@pytest.mark.step("receive")
def test_half_a_gigabyte_without_an_announced_size_is_refused_early_and_takes_no_memory(
    web: Client, system: System
) -> None:
    process = system.processes("web")[0]
    sent = f"POST {UPLOAD} in chunks, 500 MB, whatever is answered meanwhile"
    before = most = memory(process)
    answered_after = None
    piece = b"100000\r\n" + b"\x55" * 0x100000 + b"\r\n"
    with connect(web.url) as connection:
        connection.sendall(head("Transfer-Encoding: chunked") + chunked(part(b"")[:-2]))
        # Whoever closes the connection after the answer has saved itself the rest.
        with suppress(OSError):
            for number in range(500):
                connection.sendall(piece)
                most = max(most, memory(process))
                if answered_after is None and is_readable(connection):
                    answered_after = number * MEGABYTE
        line = status_line(connection, sent)
    expect(" 413 " in line, "413 Content Too Large", line or "the connection was closed without an answer", sent)
    expected = f"an answer before {ANSWER_AFTER_AT_MOST // MEGABYTE} MB are sent"
    expect(answered_after is not None and answered_after < ANSWER_AFTER_AT_MOST, expected, answered_after, sent)
    grows_little(most - before, sent)
    web.get("/health").has_status(200)


def chunked(data: bytes) -> bytes:
    """A chunk of a body in chunks (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def is_readable(connection: socket.socket) -> bool:
    """Whether an answer has begun to come in."""
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(10)


def grows_little(growth: int, sent: str) -> None:
    """That much memory is no more than uploads may take that are not kept in it."""
    expected = f"the process to grow by less than {MOST_MEMORY // MEGABYTE} MB"
    expect(growth < MOST_MEMORY, expected, f"it grew by {growth / MEGABYTE:.0f} MB", sent)


@pytest.mark.step("receive")
def test_uploads_in_hand_take_no_memory_and_leave_nothing_when_they_are_cut_off(
    web: Client, system: System, bucket: Bucket
) -> None:
    process = system.processes("web")[0]
    body = part(png(b"", LARGEST)) + END
    most_of_it = len(body) - 50_000
    keys, temporary = bucket.objects(), temporary_files(process)
    before = memory(process)
    sent = f"{HELD} uploads of 5 MB at the same time, each but its last 50 kB"
    connections = [connect(web.url) for _ in range(HELD)]
    try:
        for connection in connections:
            connection.sendall(head(f"Content-Length: {len(body)}"))
        with ThreadPoolExecutor(HELD) as senders:
            list(senders.map(lambda each: each.sendall(body[:most_of_it]), connections))
        rests(process)
        grows_little(memory(process) - before, sent)
    except OSError as error:
        raise Unmet("the server to read what is sent", f"a broken connection ({error})", sent) from None
    finally:
        for connection in connections:
            connection.close()
    sent += ", and then cut off"
    web.get("/health").has_status(200)
    eventually(lambda: temporary_files(process) <= temporary, expected=f"no temporary file to stay behind; {sent}")
    got = bucket.objects() - keys
    expect(not got, "nothing new in the bucket", f"{len(got)} new objects", sent)
    expect(bucket.unfinished() == 0, "no unfinished upload in the bucket", bucket.unfinished(), sent)


def rests(process: Process) -> None:
    """Wait until a process has dealt with what was sent, as far as one can tell: it needs no processor for a while."""
    program = psutil.Process(process.pid)
    since, used = time.monotonic(), -1.0

    def does_nothing() -> bool:
        nonlocal since, used
        now = sum(program.cpu_times()[:4])
        if now != used:
            since, used = time.monotonic(), now
        return time.monotonic() - since > RESTS_FOR_S

    # One that always has something to do is measured as it is then.
    with suppress(Unmet):
        eventually(does_nothing, within=5)


def temporary_files(process: Process) -> set[str]:
    """The files that a process has in its directory for such, and those that it holds open and has removed."""
    found: set[str] = set()
    with suppress(psutil.AccessDenied, psutil.NoSuchProcess, OSError):
        folder = Path(psutil.Process(process.pid).environ().get("TMPDIR", "/nowhere"))
        found |= {str(path) for path in folder.rglob("*") if path.is_file()}
        found |= {name for name in open_files(process.pid) if name.endswith(" (deleted)")}
    return found


def open_files(pid: int) -> set[str]:
    """What a process has open, where the system tells (proc(5)); a removed file has (deleted) after its name."""
    folder = Path(f"/proc/{pid}/fd")
    return {str(link.readlink()) for link in folder.iterdir()} if folder.exists() else set()


# types

PIECE = 64 * 1024


@pytest.mark.step("types")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lamp.png", b"<!DOCTYPE html><title>Lamp</title><script>alert(1)</script>"),
        ("lamp.txt", b"Lamp\n<b>cheap</b>"),
        ("lamp.txt", "Lámpara".encode() + b" " * (PIECE - 9) + b"<script>alert(1)</script>"),
        ("lamp.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("lamp.png", b"<?php system($_GET['c']); ?>"),
        ("lamp.txt", "Lámpara".encode("latin-1")),
        ("lamp.txt", "Lamp".encode("utf-16")),
        ("lamp.txt", b"La\0mp"),
        ("lamp.txt", b"La\x1b[31mmp"),
        ("lamp.txt", b"Lamp \xf0\x9f\x90"),
        ("lamp.png", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"),
        ("lamp.png", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("lamp.png", png(b"lamp")[:-1]),
        ("lamp.png", png(b"lamp") + b"PK\x05\x06" + b"\0" * 18),
        ("lamp.png", png(b"<ScRiPt>alert(1)</script>")),
        ("lamp.png", png(b"." * (PIECE - 50) + b"<script>" + b"." * 100)),
        ("lamp.jpg", jpeg(b"lamp") + b"<lamp>"),
        ("lamp.jpg", jpeg(b"<?php system($_GET['c']); ?>")),
        ("lamp.gif", gif(b"<svg onload=alert(1)>")),
        ("lamp.gif", b"GIF89a/*lamp*/=1;alert(1)"),
        ("lamp.webp", webp(b"lamp") + b"lamp"),
        ("lamp.webp", webp(b"<iframe src=//example.org>")),
        ("lamp.pdf", gif(b"lamp")[:-1] + pdf(b"lamp")),
        ("lamp.pdf", pdf(b"<html>")),
        ("lamp.pdf", pdf(b"lamp") + b"lamp"),
    ],
    ids=[
        "HTML as PNG", "markup in text", "a script far down", "SVG", "PHP as PNG", "Latin-1", "UTF-16", "NUL",
        "an escape", "half a letter", "EXE as PNG", "ZIP as PNG", "half a PNG", "PNG and ZIP", "a script in a PNG",
        "a script between two pieces", "JPEG and more", "PHP in a JPEG", "SVG in a GIF", "GIF and JavaScript",
        "WEBP and more", "a frame in a WEBP", "GIF and PDF", "HTML in a PDF", "PDF and more",
    ],
)  # fmt: skip
def test_what_is_not_wholly_of_an_allowed_type_is_a_415(web: Client, name: str, content: bytes) -> None:
    is_problem(send(web, content, name), 415)


# keep


def downloads(file: dict[str, Any], content: bytes) -> Answer:
    """The link of a file leads to these bytes, with the type of the file, to be saved and not shown."""
    answer = follow(file["url"]).has_status(200)
    got = f"{len(answer.content)} bytes" + (", others" if len(answer.content) == len(content) else "")
    expect(answer.content == content, f"the same {len(content)} bytes", got, answer.sent)
    answer.header("Content-Type", re.escape(file["type"]) + r"(;.*)?")
    answer.header("Content-Disposition", "attachment.*")
    return answer


@pytest.mark.step("keep")
@pytest.mark.parametrize("media_type", KINDS)
def test_a_file_is_kept_with_the_type_of_its_content(web: Client, draw: Draw, media_type: str) -> None:
    make, ending = KINDS[media_type]
    content, name = make(draw.token().encode()), f"{draw.token()}{ending}"
    answer = send(web, content, name, media_type=draw.choice(["text/html", "image/png", "application/octet-stream"]))
    file = kept(answer)
    expected = f"the name {name!r}, the type {media_type!r}, the size {len(content)}"
    expect(
        (file["name"], file["type"], file["size"]) == (name, media_type, len(content)),
        expected,
        answer.got,
        answer.sent,
    )
    downloads(file, content)


@pytest.mark.step("keep")
def test_five_megabytes_are_kept_whole(web: Client, draw: Draw) -> None:
    content = png(draw.token().encode(), LARGEST)
    file = kept(send(web, content))
    expect(file["size"] == LARGEST, f"the size {LARGEST}", file["size"])
    downloads(file, content)


@pytest.mark.step("keep")
def test_text_of_many_languages_is_kept(web: Client, draw: Draw) -> None:
    content = (f"{draw.name()}: ñandú, 灯, светильник 🐈\n" * 4000).encode()
    downloads(kept(send(web, content, "lamps.txt")), content)


@pytest.mark.step("keep")
def test_other_fields_beside_the_file_do_no_harm(web: Client, draw: Draw) -> None:
    content = png(draw.token().encode())
    body = field("title", draw.name()) + part(content) + END
    downloads(kept(web.post(UPLOAD, content=body, headers=FORM)), content)


@pytest.mark.step("keep")
def test_two_files_of_one_name_are_two(web: Client, bucket: Bucket, draw: Draw) -> None:
    name = f"{draw.token(20)}.png"
    contents = [png(draw.token().encode()) for _ in range(2)]
    files = [kept(send(web, content, name)) for content in contents]
    for file, content in zip(files, contents, strict=True):
        downloads(file, content)
    named = [key for key in bucket.objects() if name[:-4] in key]
    expect(not named, "keys that the server has made up", f"the key {named[:1]}", f"two uploads of {name!r}")


@pytest.mark.step("keep")
def test_a_link_is_good_for_an_hour(web: Client, draw: Draw) -> None:
    file = kept(send(web, png(draw.token().encode())))
    seconds = parse_qs(urlsplit(file["url"]).query).get("X-Amz-Expires")
    expect(seconds == ["3600"], "a presigned link with X-Amz-Expires=3600", file["url"])


def changed(url: str, **values: str) -> str:
    """A link with other values in its query."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {name.replace("_", "-"): value for name, value in values.items()}
    return parts._replace(query=urlencode(query)).geturl()


@pytest.mark.step("keep")
def test_a_link_that_was_tampered_with_is_refused_by_the_store(web: Client, draw: Draw) -> None:
    first, second = (kept(send(web, png(draw.token().encode())))["url"] for _ in range(2))
    follow(changed(first)).has_status(200)
    query = dict(parse_qsl(urlsplit(first).query))
    signature = query.get("X-Amz-Signature", "")
    other = "0" if not signature.endswith("0") else "1"
    tampered = {
        "another signature": changed(first, X_Amz_Signature=signature[:-1] + other),
        "a longer life": changed(first, X_Amz_Expires="604800"),
        "another date": changed(first, X_Amz_Date="20300101T000000Z"),
        "another file": urlsplit(first)._replace(path=urlsplit(second).path).geturl(),
        "another key's name": changed(first, X_Amz_Credential="A" + query.get("X-Amz-Credential", "")[1:] + "x"),
        "no signature at all": urlsplit(first)._replace(query="").geturl(),
    }
    for what, url in tampered.items():
        answer = follow(url)
        expect(answer.status in (400, 403), f"403 Forbidden for {what}", answer.got, answer.sent)


@pytest.mark.step("keep")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_link_is_for_reading_alone(web: Client, draw: Draw, method: str) -> None:
    content = png(draw.token().encode())
    file = kept(send(web, content))
    follow(file["url"], method).has_status(403)
    downloads(file, content)


@pytest.mark.step("keep")
def test_a_link_expires(hasty_web: Client, draw: Draw) -> None:
    file = kept(send(hasty_web, png(draw.token().encode())))
    eventually(lambda: follow(file["url"]).has_status(403), within=10)


# names


@pytest.mark.step("names")
@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/{}.png", "{}.png"),
        ("/var/www/{}.png", "{}.png"),
        ("{}.html", "{}.html.png"),
        ("{}.PNG", "{}.PNG"),
        ("{}", "{}.png"),
        ("...{}.png", "{}.png"),
        ("  {} . .png", "{}.png"),
        ("a<b>c:d|e?f*{}.png", "a_b_c_d_e_f_{}.png"),
        ("O'Brien & sons; {}=1, 100%.png", "O'Brien & sons; {}=1, 100%.png"),
        ("lámpara ñ 灯 {}.png", "lámpara ñ 灯 {}.png"),
        ("la\u0301mpara {}.png", "lámpara {}.png"),
        ("🐈 {} 👩‍🚀.png", "🐈 {} 👩‍🚀.png"),
        ("photo\u202egnp.{}.png", "photognp.{}.png"),
        ("{}\x85\u2028.png", "{}.png"),
        ("", "file.png"),
        ("..", "file.png"),
        (".png", "png.png"),
        ("../", "file.png"),
        ("{}" + "x" * 1000, None),
        ("{}" + "🐈" * 1000 + ".png", None),
        ("{}" + " ." * 100 + "x.png", None),
    ],
)
def test_a_name_is_made_safe(web: Client, draw: Draw, given: str, safe: str | None) -> None:
    token = draw.token()
    given = given.format(token)
    expected = given.removesuffix(".png")[:96].rstrip(". ") + ".png" if safe is None else safe.format(token)
    answer = send(web, png(b"lamp"), given)
    file = kept(answer)
    expect(file["name"] == expected, f"the name {expected!r}", repr(file["name"]), f"the name {given!r}")
    saved = saved_as(follow(file["url"]).has_status(200))
    expect(saved == expected, f"a download with the name {expected!r}", repr(saved), f"the name {given!r}")


def saved_as(answer: Answer) -> str:
    """The name that a download is saved under (RFC 6266, sections 4.1 and 4.3)."""
    value = answer.header("Content-Disposition", r"[ -~]*")
    token = r"[A-Za-z0-9!#$%&+.^_`|~-]*"
    form = rf"""attachment; *filename="(?P<plain>[^"\\%]*)"(?:; *filename\*=UTF-8''(?P<full>{token}))?"""
    found = re.fullmatch(form, value, re.IGNORECASE)
    wanted = """attachment; filename="…"; filename*=UTF-8''…"""
    if found is None:
        raise Unmet(f"a Content-Disposition of the form {wanted}", value, answer.sent)
    return found["plain"] if found["full"] is None else unquote(found["full"], errors="strict")


SAFE = re.compile(r"""[^\x00-\x1f\x7f-\x9f/\\<>:"|?*]{1,96}\.png""")


@pytest.mark.step("names")
@pytest.mark.parametrize(
    "given",
    [
        b"lamp\0.png", b"\0", b'la\\"mp.png', b"la\rmp.png", b"lamp\x1b[31m.png", b"C:\\fakepath\\lamp.png",
        b"..\\..\\lamp.png", b"\xff\xfe.png", b"lamp%0d%0aSet-Cookie: a=b.png", b"lamp%22; filename=evil.html",
        b"lamp\r\nSet-Cookie: a=b.png", b'lamp"; filename="evil.html',
    ],
)  # fmt: skip
def test_a_name_that_means_harm_does_none(web: Client, given: bytes) -> None:
    answer = send(web, png(b"lamp"), given)
    if answer.status == 400:
        is_problem(answer, 400)
        return
    file = kept(answer)
    expected = 'a name without control characters, slashes and <>:"|?*, of at most 100 characters, that ends with .png'
    expect(SAFE.fullmatch(file["name"]), expected, repr(file["name"]), f"the name {given!r}")
    download = follow(file["url"]).has_status(200)
    saved = saved_as(download)
    expect(saved == file["name"], f"a download with the name {file['name']!r}", repr(saved), f"the name {given!r}")
    expect("set-cookie" not in download.headers, "no header of the sender's own", download.headers.get("set-cookie"))


@pytest.mark.step("names")
def test_a_picture_may_end_in_either_way(web: Client, draw: Draw) -> None:
    name = f"{draw.token()}.jpeg"
    file = kept(send(web, jpeg(b"lamp"), name))
    expect(file["name"] == name, f"the name {name!r}", file["name"])


# list


def listed(web: Client, limit: int = 100) -> list[dict[str, Any]]:
    """All files, page after page."""
    path, found = f"{FILES}?limit={limit}", []
    while path:
        answer = web.get(path).has_status(200)
        page = answer.items()
        expect(len(page) <= limit, f"at most {limit} files", f"{len(page)}", answer.sent)
        found += page
        link = re.fullmatch(r'<([^>]+)>; *rel="?next"?', answer.headers.get("Link", ""))
        expect(link is None or len(page) == limit, "a full page before the next", f"{len(page)} files", answer.sent)
        path = link[1] if link else ""
    return found


@pytest.mark.step("list")
def test_files_are_listed_page_by_page_the_oldest_first(web: Client, draw: Draw) -> None:
    make = draw.shuffled([*KINDS.items()])
    sent = [kept(send(web, kind(draw.token().encode()), f"{draw.token()}{ending}")) for _, (kind, ending) in make[:5]]
    names = [file["name"] for file in sent]
    for limit in (2, 100):
        found = [file for file in listed(web, limit) if file["name"] in names]
        got = [file["name"] for file in found]
        expect(got == names, f"{names}, each once", got, f"GET {FILES}?limit={limit}, and on by Link")
    for file, was in zip(found, sent, strict=True):
        same = {name: file.get(name) for name in ("name", "type", "size")}
        expect(file.keys() == was.keys(), "files of exactly name, type, size and url", file)
        expect(same == {name: was[name] for name in same}, f"what was answered to the upload, {was}", file)
        follow(file["url"]).has_status(200)


@pytest.mark.step("list")
def test_another_bucket_has_other_files(web: Client, hasty_web: Client, draw: Draw) -> None:
    file = kept(send(web, png(b"lamp"), f"{draw.token()}.png"))
    names = [found["name"] for found in listed(hasty_web)]
    expect(file["name"] not in names, "the files of the bucket that S3_BUCKET names", names)


@pytest.mark.step("list")
@pytest.mark.parametrize("limit", ["0", "101", "-1", "many"])
def test_a_limit_that_makes_no_sense_is_refused_by_name(web: Client, limit: str) -> None:
    web.get(f"{FILES}?limit={limit}").is_refused("limit")


# direct


def offered(web: Client, name: str, media_type: str = "image/png") -> tuple[str, dict[str, Any]]:
    """Ask for a form; the path of the upload, and the form."""
    answer = web.post(UPLOADS, json={"name": name, "type": media_type}).has_status(201)
    answer.field("id", str)
    form = {"url": answer.field("url", str), "fields": answer.field("fields", dict)}
    return answer.header("Location", f"{UPLOADS}/.+"), form


def post(form: dict[str, Any], content: bytes, **fields: str) -> Answer:
    """Send a file to the store by a form, with other values in some of the fields."""
    parts = urlsplit(form["url"])
    wanted = form["fields"] | fields
    with closing(Client(f"{parts.scheme}://{parts.netloc}")) as store:
        return store.post(parts.path or "/", data=wanted, files={"file": ("lamp", content)}, timeout=20)


def is_taken(answer: Answer) -> None:
    """The store has taken the file."""
    answer.has_status(200, 201, 204)


@pytest.mark.step("direct")
def test_a_file_that_was_sent_to_the_store_is_kept(web: Client, bucket: Bucket, draw: Draw) -> None:
    content, name = png(draw.token().encode(), 2 * MEGABYTE), f"{draw.token()}.png"
    path, form = offered(web, f"../{name}")
    is_taken(post(form, content))
    waiting = [file["name"] for file in listed(web)]
    expect(name not in waiting, "no file in the list before it is completed", name, f"GET {FILES}")
    answer = web.post(path)
    file = kept(answer)
    expected = (name, "image/png", len(content))
    expect((file["name"], file["type"], file["size"]) == expected, str(expected), answer.got, answer.sent)
    downloads(file, content)
    before = bucket.objects()
    again = kept(web.post(path))
    expect(again["name"] == name, "the same file as before", again["name"], f"POST {path}, twice")
    names = [file["name"] for file in listed(web)]
    expect(names.count(name) == 1, f"{name} once in the list", names.count(name), f"POST {path}, twice")
    expect(bucket.objects() == before, "no more objects than before", bucket.objects() - before, f"POST {path}, twice")


@pytest.mark.step("direct")
@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("one byte too many", png(b"", LARGEST + 1)),
        ("no byte at all", b""),
        ("another key", png(b"lamp")),
        ("another type", png(b"lamp")),
        ("one field more", png(b"lamp")),
    ],
)
def test_the_store_itself_refuses_what_the_form_does_not_allow(
    web: Client, bucket: Bucket, draw: Draw, what: str, content: bytes
) -> None:
    path, form = offered(web, f"{draw.token()}.png")
    fields = {
        "another key": {"key": f"files/{draw.token()}"},
        "another type": {"Content-Type": "text/html"},
        "one field more": {"x-amz-meta-owner": "me"},
    }.get(what, {})
    before = bucket.objects()
    answer = post(form, content, **fields)
    expect(400 <= answer.status < 500, f"the store to refuse {what}", answer.got, answer.sent)
    expect(bucket.objects() <= before, "nothing new in the bucket", bucket.objects() - before, answer.sent)
    is_problem(web.post(path), 404)


@pytest.mark.step("direct")
@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", gif(b"lamp"), png(b"lamp") + b"more"])
def test_a_file_that_is_not_what_was_announced_is_a_415_and_gone(
    web: Client, bucket: Bucket, draw: Draw, content: bytes
) -> None:
    before = bucket.objects()
    path, form = offered(web, f"{draw.token()}.png")
    is_taken(post(form, content))
    is_problem(web.post(path), 415)
    expect(bucket.objects() <= before, "nothing new in the bucket", bucket.objects() - before, f"POST {path}")
    is_problem(web.post(path), 404)


@pytest.mark.step("direct")
def test_what_was_kept_is_not_changed_by_using_the_form_again(web: Client, draw: Draw) -> None:
    content = png(draw.token().encode())
    path, form = offered(web, f"{draw.token()}.png")
    is_taken(post(form, content))
    file = kept(web.post(path))
    post(form, png(draw.token().encode()))
    web.post(path)
    downloads(file, content)


@pytest.mark.step("direct")
@pytest.mark.parametrize(
    "draft", [{"name": "a.svg", "type": "image/svg+xml"}, {"name": "a", "type": None}, {"name": "a"}]
)
def test_a_type_that_is_not_allowed_is_refused_by_name(web: Client, draft: dict[str, Any]) -> None:
    web.post(UPLOADS, json=draft).is_refused("type")


@pytest.mark.step("direct")
def test_an_upload_that_there_is_not_is_a_404(web: Client, draw: Draw) -> None:
    is_problem(web.post(f"{UPLOADS}/{draw.token()}"), 404)
    path, _ = offered(web, f"{draw.token()}.png")
    is_problem(web.post(path), 404)


@pytest.mark.step("direct")
def test_a_form_expires(hasty_web: Client, draw: Draw) -> None:
    _, form = offered(hasty_web, f"{draw.token()}.png")
    eventually(lambda: post(form, png(b"lamp")).has_status(403), within=10)


# clean-up


def orphan(web: Client, draw: Draw) -> str:
    """Send a file to the store and leave it; its key."""
    # On a machine that has much to do, a form may be over before it is used.
    for _ in range(10):
        _, form = offered(web, f"{draw.token()}.png")
        answer = post(form, png(draw.token().encode()))
        if answer.status < 300:
            return str(form["fields"].get("key"))
    raise Unmet("a form that the store takes", answer.got, answer.sent)


@pytest.mark.step("clean-up")
def test_what_nobody_completes_is_removed_and_all_else_stays(
    web: Client, hasty_web: Client, hasty: Hasty, draw: Draw
) -> None:
    content = png(draw.token().encode())
    path, form = offered(web, f"{draw.token()}.png")
    is_taken(post(form, content))
    send(hasty_web, content).has_status(201)
    before = hasty.bucket.objects()
    key = orphan(hasty_web, draw)
    removed = f"{key} to be removed, with ORPHAN_SECONDS=1"
    eventually(lambda: key not in hasty.bucket.objects(), within=8, expected=removed)
    downloads(kept(web.post(path)), content)
    gone = {name for name in before - hasty.bucket.objects() if not name.startswith(key.rpartition("/")[0])}
    expect(not gone, "the files that were kept to stay", f"{gone} is gone", "ORPHAN_SECONDS=1")


# outage


def is_unavailable(answer: Answer) -> None:
    """The answer is 503 and says when to come back."""
    is_problem(answer, 503)
    answer.header("Retry-After", r"\d+")


def all_that_need_the_store(web: Client, draw: Draw) -> list[Answer]:
    """The answers to many requests of all kinds, sent at the same time; /health is asked meanwhile."""
    body = part(png(draw.token().encode(), MEGABYTE)) + END

    def ask(number: int) -> Answer:
        if number % 2:
            return web.get(FILES, timeout=UNAVAILABLE_WITHIN_S)
        return web.post(UPLOAD, content=body, headers=FORM, timeout=UNAVAILABLE_WITHIN_S)

    clients = ThreadPoolExecutor(6)
    try:
        asked = [clients.submit(ask, number) for number in range(6)]
        while wait(asked, timeout=0.2).not_done:
            web.get("/health", timeout=2).has_status(200).is_json({"status": "ok"})
        return [each.result() for each in asked]
    finally:
        # Whoever still waits is answered once the store is back: the caller sees to that.
        clients.shutdown(wait=False)


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_silent_store_is_a_503_and_nothing_else_waits(
    web: Client, system: System, services: dict[str, Service], hasty_web: Client, hasty: Hasty, draw: Draw
) -> None:
    server, process = services["s3"].server, system.processes("web")[0]
    file = kept(send(web, png(draw.token().encode())))
    temporary = temporary_files(process)
    server.pause()
    try:
        answers = all_that_need_the_store(web, draw)
    finally:
        server.resume()
    for answer in answers:
        is_unavailable(answer)
    left = "no temporary file to stay behind after a 503"
    eventually(lambda: temporary_files(process) <= temporary, expected=left)
    eventually(lambda: send(web, png(draw.token().encode())).has_status(201), within=BACK_WITHIN_S)
    follow(file["url"]).has_status(200)
    key = orphan(hasty_web, draw)
    expected = f"{key} to be removed, also by a process for which the store was away"
    eventually(lambda: key not in hasty.bucket.objects(), within=8, expected=expected)


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_store_that_was_killed_is_a_503_until_it_is_back(
    web: Client, services: dict[str, Service], draw: Draw
) -> None:
    server = services["s3"].server
    content = png(draw.token().encode(), MEGABYTE)
    file = kept(send(web, content))
    path, form = offered(web, f"{draw.token()}.png")
    is_taken(post(form, content))
    server.kill()
    try:
        is_unavailable(web.post(path, timeout=UNAVAILABLE_WITHIN_S))
        for answer in all_that_need_the_store(web, draw):
            is_unavailable(answer)
    finally:
        server.start_again()
    eventually(lambda: send(web, png(draw.token().encode())).has_status(201), within=BACK_WITHIN_S)
    downloads(file, content)
    downloads(kept(web.post(path)), content)
