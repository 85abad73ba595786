"""A client for each kind of server, and one value kept and found by each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pika
import psycopg
import pymongo
import redis

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
    raise ValueError(url)
