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
    # starter: return Config(signature_version="s3v4", s3={"addressing_style": "path"})
    # --8<-- [start:outage]
    # One attempt: a client that has waited three seconds is better told, and knows best whether to try again.
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=1,
        read_timeout=2,
        retries={"total_max_attempts": 1},
    )
    # --8<-- [end:outage]


@contextmanager
def answering() -> Iterator[None]:
    """Raise ``StoreGone`` for all that means that the store is away or in trouble."""
    # starter: yield
    # --8<-- [start:outage]
    try:
        yield
    except BotoCoreError as error:
        raise StoreGone(str(error)) from error
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
            raise
        raise StoreGone(str(error)) from error
    # --8<-- [end:outage]


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
        # --8<-- [start:keep]
        with answering():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=media_type,
                ContentDisposition=disposition,
                Metadata=metadata,
            )
        # --8<-- [end:keep]

    def url(self, key: str, seconds: int) -> str:
        """A link that lets whoever has it download one object, for a while."""
        # --8<-- [start:keep]
        params = {"Bucket": self._bucket, "Key": key}
        return self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)
        # --8<-- [end:keep]

    def facts(self, key: str) -> Facts | None:
        """What there is to know of an object without reading it; None if there is none."""
        # --8<-- [start:list]
        try:
            with answering():
                head = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return Facts(head["ContentLength"], head["ContentType"], head["Metadata"])
        # --8<-- [end:list]

    def keys(self, prefix: str, after: str, most: int) -> list[str]:
        """The first keys with this prefix that come after one, in their order."""
        # --8<-- [start:list]
        with answering():
            listing = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, StartAfter=after, MaxKeys=most)
        return [found["Key"] for found in listing.get("Contents", [])]
        # --8<-- [end:list]

    def form(self, key: str, fields: dict[str, str], largest: int, seconds: int) -> Form:
        """A form by which a client sends one object itself: this key, these fields, 1 to so many bytes."""
        # --8<-- [start:direct]
        conditions = [["content-length-range", 1, largest], *({name: value} for name, value in fields.items())]
        post = self._client.generate_presigned_post(
            self._bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
        )
        return Form(post["url"], post["fields"])
        # --8<-- [end:direct]

    def fetch(self, key: str, into: BinaryIO) -> None:
        """Copy an object into a file, piece by piece."""
        # --8<-- [start:direct]
        with answering():
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
            for piece in body.iter_chunks(CHUNK):
                into.write(piece)
        # --8<-- [end:direct]

    def remove(self, key: str) -> None:
        """Remove an object; that there is none is no error."""
        # --8<-- [start:direct]
        with answering():
            self._client.delete_object(Bucket=self._bucket, Key=key)
        # --8<-- [end:direct]

    def older(self, prefix: str, than: datetime) -> list[str]:
        """The keys with this prefix that were last written before a moment."""
        # --8<-- [start:clean-up]
        with answering():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return [
                found["Key"] for page in pages for found in page.get("Contents", []) if found["LastModified"] < than
            ]
        # --8<-- [end:clean-up]
