"""A bucket in S3 without boto3: requests by httpx, signed with Signature Version 4, answers read as XML."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import httpx
from botocore.auth import S3SigV4Auth, S3SigV4PostAuth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lesson09_file_storage.settings import StoreSettings

CHUNK = 64 * 1024
TIMEOUT = httpx.Timeout(2, connect=1)
XML = {"": "http://s3.amazonaws.com/doc/2006-03-01/"}


class StoreGone(Exception):
    """The store cannot be reached, or says nothing; it may in a while."""


class Refused(Exception):
    """The store does not do what was asked of it."""


@dataclass(frozen=True)
class Form:
    """Where a client sends a file by itself, and the fields that go before it."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Facts:
    """What the store knows of one of its objects."""

    size: int
    media_type: str
    metadata: dict[str, str]


@contextmanager
def answering() -> Iterator[None]:
    """Raise ``StoreGone`` for all that goes wrong between the store and us."""
    try:
        yield
    except httpx.TransportError as error:
        raise StoreGone(str(error)) from error


def digest(content: BinaryIO) -> str:
    """What the signature of a request says of its body."""
    content.seek(0)
    found = hashlib.file_digest(content, "sha256").hexdigest()
    content.seek(0)
    return found


def pieces(content: BinaryIO) -> Iterator[bytes]:
    """The content, piece by piece."""
    while piece := content.read(CHUNK):
        yield piece


class Store:
    """One bucket, by connections of our own."""

    def __init__(self, settings: StoreSettings) -> None:
        self._url = f"{settings.s3_endpoint_url.rstrip('/')}/{settings.s3_bucket}"
        self._bucket = settings.s3_bucket
        self._region = settings.aws_region
        self._key = Credentials(settings.aws_access_key_id, settings.aws_secret_access_key)
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=False, verify=False)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def put(self, key: str, content: BinaryIO, media_type: str, disposition: str, metadata: dict[str, str]) -> None:
        """Keep a file, whole or not at all, with the headers that it will be downloaded with."""
        headers = {
            "Content-Type": media_type,
            "Content-Disposition": disposition,
            "Content-Length": str(content.seek(0, 2)),
            "x-amz-content-sha256": digest(content),
            **{f"x-amz-meta-{name}": value for name, value in metadata.items()},
        }
        with answering(), self._answer("PUT", key, headers=headers, content=pieces(content)) as answer:
            answer.read()

    def url(self, key: str, seconds: int) -> str:
        """A link that lets whoever has it download one object, for a while."""
        request = AWSRequest("GET", f"{self._url}/{quote(key)}")
        S3SigV4QueryAuth(self._key, "s3", self._region, expires=seconds).add_auth(request)
        return str(request.url)

    def facts(self, key: str) -> Facts | None:
        """What there is to know of an object without reading it; None if there is none."""
        with answering(), self._answer("HEAD", key, allowed=(404,)) as answer:
            if answer.status_code == 404:
                return None
            prefix = "x-amz-meta-"
            metadata = {k.removeprefix(prefix): v for k, v in answer.headers.items() if k.startswith(prefix)}
            return Facts(int(answer.headers["content-length"]), answer.headers["content-type"], metadata)

    def keys(self, prefix: str, after: str, most: int) -> list[str]:
        """The first keys with this prefix that come after one, in their order."""
        return [key for key, _ in self._listed(prefix, after, most)]

    def form(self, key: str, fields: dict[str, str], largest: int, seconds: int) -> Form:
        """A form by which a client sends one object itself: this key, these fields, 1 to so many bytes."""
        exactly = {"key": key, **fields}
        request = AWSRequest("POST", self._url)
        request.context["s3-presign-post-fields"] = dict(exactly)
        request.context["s3-presign-post-policy"] = {
            "expiration": (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "conditions": [
                {"bucket": self._bucket},
                ["content-length-range", 1, largest],
                *({name: value} for name, value in exactly.items()),
            ],
        }
        S3SigV4PostAuth(self._key, "s3", self._region).add_auth(request)
        return Form(self._url, request.context["s3-presign-post-fields"])

    def fetch(self, key: str, into: BinaryIO) -> None:
        """Copy an object into a file, piece by piece."""
        with answering(), self._answer("GET", key) as answer:
            for piece in answer.iter_raw(CHUNK):
                into.write(piece)

    def remove(self, key: str) -> None:
        """Remove an object; that there is none is no error."""
        with answering(), self._answer("DELETE", key, allowed=(404,)):
            pass

    def older(self, prefix: str, than: datetime) -> list[str]:
        """The keys with this prefix that were last written before a moment."""
        found: list[tuple[str, datetime]] = []
        while page := self._listed(prefix, found[-1][0] if found else "", 1000):
            found += page
        return [key for key, written in found if written < than]

    def _listed(self, prefix: str, after: str, most: int) -> list[tuple[str, datetime]]:
        query = {"list-type": "2", "prefix": prefix, "start-after": after, "max-keys": str(most)}
        with answering(), self._answer("GET", "", query=query) as answer:
            contents = ElementTree.fromstring(answer.read()).findall("Contents", XML)
        return [
            (found.findtext("Key", "", XML), datetime.fromisoformat(found.findtext("LastModified", "", XML)))
            for found in contents
        ]

    @contextmanager
    def _answer(
        self,
        method: str,
        key: str,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        content: Any = None,
        allowed: tuple[int, ...] = (),
    ) -> Iterator[httpx.Response]:
        url = f"{self._url}/{quote(key)}" if key else self._url
        if query:
            url += "?" + urlencode(query, quote_via=quote)
        request = AWSRequest(method, url, headers=headers)
        S3SigV4Auth(self._key, "s3", self._region).add_auth(request)
        with self._http.stream(method, url, headers=dict(request.headers.items()), content=content) as answer:
            if answer.status_code >= 500:
                raise StoreGone(f"the store answered {answer.status_code}")
            if answer.status_code >= 400 and answer.status_code not in allowed:
                raise Refused(f"the store answered {answer.status_code}")
            yield answer
