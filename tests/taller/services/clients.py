"""A client for each kind of server, and one value kept and found by each."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import httpx
import nats
import nats.js.errors
import pika
import psycopg
import pymongo
import redis
from botocore.config import Config
from botocore.exceptions import ClientError
from nats.aio.client import Client
from nats.js.kv import KeyValue

TIMEOUT_S = 3


@contextmanager
def postgresql(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True, connect_timeout=TIMEOUT_S) as connection:
        yield connection


@contextmanager
def mongodb(url: str) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    with pymongo.MongoClient(
        url, serverSelectionTimeoutMS=TIMEOUT_S * 1000, socketTimeoutMS=TIMEOUT_S * 1000
    ) as client:
        yield client


@contextmanager
def redis_(url: str) -> Iterator["redis.Redis[str]"]:
    with redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=TIMEOUT_S, retry=None, retry_on_timeout=False
    ) as client:
        yield client


@contextmanager
def rabbitmq(url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    parameters = pika.URLParameters(url)
    parameters.blocked_connection_timeout = parameters.stack_timeout = parameters.socket_timeout = TIMEOUT_S
    connection = pika.BlockingConnection(parameters)
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


def s3(url: str) -> Any:
    """A client of S3 from a URL with a key and its secret in it."""
    parts = urlsplit(url)
    return boto3.client(
        "s3",
        endpoint_url=f"http://{parts.hostname}:{parts.port}",
        aws_access_key_id=unquote(parts.username or ""),
        aws_secret_access_key=unquote(parts.password or ""),
        region_name="us-east-1",
        config=Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1}),
    )


def nats_(url: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What ``use`` returns when it has a connection."""

    async def silently(error: Exception) -> None:
        """What goes wrong is raised as well."""

    async def connected() -> Any:
        client = await nats.connect(url, connect_timeout=TIMEOUT_S, allow_reconnect=False, error_cb=silently)
        try:
            return await use(client)
        finally:
            await client.close()

    return asyncio.run(connected())


async def bucket(client: Client) -> KeyValue:
    """The bucket of the value that is kept; made if it is not there."""
    return await client.jetstream().create_key_value(bucket="kept")


def kept_by_s3(url: str) -> str | None:
    """The value that ``write`` kept."""
    try:
        body: bytes = s3(url).get_object(Bucket=urlsplit(url).path[1:], Key="kept")["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    return body.decode()


async def put(client: Client, value: str) -> None:
    await (await bucket(client)).put("kept", value.encode())


async def get(client: Client) -> str | None:
    try:
        entry = await (await bucket(client)).get("kept")
    except nats.js.errors.KeyNotFoundError:
        return None
    return entry.value.decode() if entry.value else None


class EtcdRefused(Exception):
    """etcd does not do what it was asked for."""


def etcd(url: str, method: str, **message: Any) -> dict[str, Any]:
    """What etcd's JSON gateway answers to the user of the URL."""
    parts = urlsplit(url)
    address = f"http://{parts.hostname}:{parts.port}/v3"
    headers = {}
    if parts.username:
        login = {"name": parts.username, "password": parts.password}
        answer = httpx.post(f"{address}/auth/authenticate", json=login, timeout=TIMEOUT_S)
        if answer.is_error:
            raise EtcdRefused(answer.text)
        headers = {"Authorization": answer.json()["token"]}
    answer = httpx.post(f"{address}/{method}", json=message, headers=headers, timeout=TIMEOUT_S)
    if answer.is_error:
        raise EtcdRefused(answer.text)
    return answer.json()


def coded(text: str) -> str:
    """A key or a value as the gateway takes it."""
    return base64.b64encode(text.encode()).decode()


def kept_by_etcd(url: str) -> str | None:
    """The value that ``write`` kept."""
    found = etcd(url, "kv/range", key=coded(f"{urlsplit(url).path}/kept")).get("kvs")
    return base64.b64decode(found[0]["value"]).decode() if found else None


def write(url: str, value: str) -> None:
    """Keep a value behind a URL of any kind, so that it has to outlive the server."""
    match urlsplit(url).scheme:
        case "postgresql":
            with postgresql(url) as connection:
                connection.execute("CREATE TABLE kept (value text)")
                connection.execute("INSERT INTO kept VALUES (%s)", [value])
        case "mongodb":
            with mongodb(url) as client:
                client.get_default_database().kept.insert_one({"value": value})
        case "redis":
            with redis_(url) as client:
                client.set("kept", value)
        case "amqp":
            with rabbitmq(url) as channel:
                channel.queue_declare("kept", durable=True)
                channel.confirm_delivery()
                channel.basic_publish("", "kept", value.encode(), pika.BasicProperties(delivery_mode=2))
        case "http":
            s3(url).put_object(Bucket=urlsplit(url).path[1:], Key="kept", Body=value.encode())
        case "etcd":
            etcd(url, "kv/put", key=coded(f"{urlsplit(url).path}/kept"), value=coded(value))
        case "nats":
            nats_(url, partial(put, value=value))


def read(url: str) -> str | None:
    """The value that ``write`` kept there; None when there is none."""
    match urlsplit(url).scheme:
        case "postgresql":
            with postgresql(url) as connection:
                if connection.execute("SELECT to_regclass('kept')").fetchone() == (None,):
                    return None
                row = connection.execute("SELECT value FROM kept").fetchone()
                return row[0] if row else None
        case "mongodb":
            with mongodb(url) as client:
                document = client.get_default_database().kept.find_one()
                return document["value"] if document else None
        case "redis":
            with redis_(url) as client:
                return client.get("kept")
        case "amqp":
            with rabbitmq(url) as channel:
                channel.queue_declare("kept", durable=True)
                _, _, body = channel.basic_get("kept")
                return body.decode() if body else None
        case "http":
            return kept_by_s3(url)
        case "etcd":
            return kept_by_etcd(url)
        case "nats":
            return nats_(url, get)
    raise ValueError(url)
