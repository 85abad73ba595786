"""Where a server is had from."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from taller.processes import Child, free_port
from taller.services import Server, ServiceError, ServiceUnavailable, names, open_servers, registry
from taller.services.kinds import redis as redis_kind
from taller.services.logins import with_login
from taller.services.waiting import until

from .clients import postgresql, read, redis_, s3, write

NOWHERE = {
    "postgresql": "postgresql://postgres@127.0.0.1:1/postgres",
    "mongodb": "mongodb://127.0.0.1:1/",
    "redis": "redis://127.0.0.1:1/0",
    "rabbitmq": "amqp://127.0.0.1:1/%2F",
    "s3": "http://127.0.0.1:1",
    "nats": "nats://127.0.0.1:1",
    "etcd": "etcd://127.0.0.1:1",
}


def test_there_are_seven() -> None:
    assert names() == ["etcd", "mongodb", "nats", "postgresql", "rabbitmq", "redis", "s3"]


def test_an_unknown_service_is_named_with_those_that_there_are() -> None:
    with (
        pytest.raises(ServiceError, match="no service 'oracle': there are etcd, mongodb"),
        open_servers(["oracle"]),
    ):
        pass


@pytest.fixture
def in_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server whose URL is in the environment."""
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return server


def test_the_environment_wins(in_environment: Server) -> None:
    with open_servers([in_environment.name]) as opened:
        server = opened[in_environment.name]
        assert server.origin == "environment"
        assert server.admin_url == in_environment.admin_url
        assert server.version == in_environment.version

        allocation = server.allocate()
        write(allocation.url, "written")
        assert server.service.variable in allocation.variables
    assert in_environment.version


def test_a_private_server_is_another(in_environment: Server) -> None:
    with open_servers(["redis"], private=True) as opened:
        assert opened["redis"].origin == "embedded"
        assert opened["redis"].admin_url != in_environment.admin_url


@pytest.mark.parametrize("verb", ["restart", "kill", "start_again", "pause", "resume"])
def test_a_server_of_somebody_else_is_left_running(
    servers: dict[str, Server], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setenv("REDIS_URL", servers["redis"].admin_url)
    with open_servers(["redis"]) as opened, pytest.raises(ServiceError, match=f"cannot {verb.partition('_')[0]} redis"):
        getattr(opened["redis"], verb)()


@pytest.mark.parametrize("name", NOWHERE)
def test_an_environment_that_leads_nowhere_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(registry.find(name).variable, NOWHERE[name])
    began = time.monotonic()

    with (
        pytest.raises(ServiceUnavailable, match="is set, and the server it names does not answer") as error,
        open_servers([name]),
    ):
        pass
    assert error.value.remedy.startswith("unset ")
    assert time.monotonic() - began < 30


def test_a_store_that_refuses_the_key_is_said(servers: dict[str, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in servers["s3"].variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")

    with (
        pytest.raises(ServiceUnavailable, match=r"does not answer: .*SignatureDoesNotMatch"),
        open_servers(["s3"]),
    ):
        pass


def test_a_store_that_makes_no_keys_is_said(servers: dict[str, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in servers["s3"].allocate().variables.items():
        monkeypatch.setenv(name, value)
    before = s3(servers["s3"].admin_url).list_buckets()["Buckets"]

    with open_servers(["s3"]) as opened, pytest.raises(ServiceError, match="lets us make no keys"):
        opened["s3"].allocate()
    assert s3(servers["s3"].admin_url).list_buckets()["Buckets"] == before


def test_a_broker_without_management_is_said(servers: dict[str, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URL", servers["rabbitmq"].admin_url)
    monkeypatch.setenv("TALLER_RABBITMQ_MANAGEMENT_URL", "http://127.0.0.1:1")

    with (
        pytest.raises(ServiceUnavailable, match=r"management API does not answer at http://127\.0\.0\.1:1") as error,
        open_servers(["rabbitmq"]),
    ):
        pass
    assert error.value.remedy == "rabbitmq-plugins enable rabbitmq_management"


def test_postgresql_allocates_for_an_administrator_who_is_no_superuser(
    servers: dict[str, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = servers["postgresql"].admin_url
    with postgresql(url) as connection:
        connection.execute("CREATE ROLE modest LOGIN PASSWORD 'modest' CREATEDB CREATEROLE")
        connection.execute("GRANT CONNECT ON DATABASE postgres TO modest")
    monkeypatch.setenv("DATABASE_URL", with_login(url, "modest", "modest", "postgres"))

    with open_servers(["postgresql"]) as opened:
        allocation = opened["postgresql"].allocate()
        write(allocation.url, "written")
        assert read(allocation.url) == "written"
    with pytest.raises(psycopg.OperationalError):
        read(allocation.url)
    with postgresql(url) as connection:
        connection.execute("REVOKE ALL ON DATABASE postgres FROM modest")
        connection.execute("DROP ROLE modest")


@pytest.fixture
def plain_redis(tmp_path: Path) -> Iterator[str]:
    """The URL of a server as Redis itself is: 16 databases, and no rule that holds a login to one of them."""
    port = free_port()
    argv = [str(redis_kind._program()), "--bind", "127.0.0.1", "--port", str(port), "--rename-command", "ACL", ""]
    child = Child.start(argv, name="redis", env={}, cwd=tmp_path)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        until(lambda: read(url), timeout_s=20, check=lambda: None)
        yield url
    finally:
        child.kill()


def test_a_plain_redis_lends_an_empty_database(plain_redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(15):
        write(f"{plain_redis[:-1]}{number}", "the user's own")
    monkeypatch.setenv("REDIS_URL", plain_redis)

    with open_servers(["redis"]) as opened:
        allocation = opened["redis"].allocate()
        assert urlsplit(allocation.url).path == "/15"
        write(allocation.url, "written")
        with pytest.raises(ServiceError, match="no empty logical database is left"):
            opened["redis"].allocate()
        allocation.release()
        assert read(allocation.url) is None

    with redis_(plain_redis) as client:
        assert client.keys() == ["kept"]
    assert [read(f"{plain_redis[:-1]}{number}") for number in range(15)] == ["the user's own"] * 15
