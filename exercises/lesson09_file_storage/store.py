"""A bucket in S3, for threads: every method waits for the store, except those that only sign."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lesson09_file_storage.settings import StoreSettings

CHUNK = 64 * 1024


class StoreGone(Exception):
    """The store cannot be reached, or says nothing; it may in a while."""


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


def configuration() -> Config:
    """How boto3 talks to the store: addresses that need no DNS, and bounds for every wait."""
    # TODO outage: The store goes away and comes back
    return Config(signature_version="s3v4", s3={"addressing_style": "path"})


@contextmanager
def answering() -> Iterator[None]:
    """Raise ``StoreGone`` for all that means that the store is away or in trouble."""
    # TODO outage: The store goes away and comes back
    yield


def is_missing(error: ClientError) -> bool:
    """Whether the store has said that it has no such object."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"] == 404


class Store:
    """One bucket. A client of boto3 may be used by many threads; making one takes long, so there is one."""

    def __init__(self, settings: StoreSettings) -> None:
        self._bucket = settings.s3_bucket
        self._client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            aws_access_key_id=settings.aws_access_key_id,
            aws_secret_access_key=settings.aws_secret_access_key,
            region_name=settings.aws_region,
            config=configuration(),
        )

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def put(self, key: str, content: BinaryIO, media_type: str, disposition: str, metadata: dict[str, str]) -> None:
        """Keep a file, whole or not at all, with the headers that it will be downloaded with."""
        # TODO keep: Keep it, and lend a link to it
        raise NotImplementedError("keep")

    def url(self, key: str, seconds: int) -> str:
        """A link that lets whoever has it download one object, for a while."""
        # TODO keep: Keep it, and lend a link to it
        raise NotImplementedError("keep")

    def facts(self, key: str) -> Facts | None:
        """What there is to know of an object without reading it; None if there is none."""
        # TODO list: Find them again
        raise NotImplementedError("list")

    def keys(self, prefix: str, after: str, most: int) -> list[str]:
        """The first keys with this prefix that come after one, in their order."""
        # TODO list: Find them again
        raise NotImplementedError("list")

    def form(self, key: str, fields: dict[str, str], largest: int, seconds: int) -> Form:
        """A form by which a client sends one object itself: this key, these fields, 1 to so many bytes."""
        # TODO direct: Let clients send to the store themselves
        raise NotImplementedError("direct")

    def fetch(self, key: str, into: BinaryIO) -> None:
        """Copy an object into a file, piece by piece."""
        # TODO direct: Let clients send to the store themselves
        raise NotImplementedError("direct")

    def remove(self, key: str) -> None:
        """Remove an object; that there is none is no error."""
        # TODO direct: Let clients send to the store themselves
        raise NotImplementedError("direct")

    def older(self, prefix: str, than: datetime) -> list[str]:
        """The keys with this prefix that were last written before a moment."""
        # TODO clean-up: Clean up after those who never came back
        raise NotImplementedError("clean-up")
