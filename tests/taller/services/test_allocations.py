"""What an allocation reaches, and what it does not."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import nats.errors
import pika.exceptions
import psycopg
import pymongo.errors
import pytest
import redis.exceptions
from botocore.exceptions import ClientError
from nats.aio.client import Client

from taller.services import Allocation, Server
from taller.services.kinds import s3 as s3_kind
from taller.services.logins import with_login
from taller.services.server import Endpoint

from .clients import EtcdRefused, coded, etcd, mongodb, nats_, postgresql, read, redis_, s3, write

REFUSED = (
    psycopg.OperationalError,
    pymongo.errors.OperationFailure,
    redis.exceptions.AuthenticationError,
    redis.exceptions.NoPermissionError,
    pika.exceptions.AMQPConnectionError,
    ClientError,
    nats.errors.Error,
    EtcdRefused,
)


@pytest.fixture
def mine(server: Server) -> Allocation:
    return server.allocate()


@pytest.fixture
def others(server: Server) -> Allocation:
    return server.allocate()


def test_it_works_with_its_client(mine: Allocation) -> None:
    write(mine.url, "written")

    assert read(mine.url) == "written"


def test_two_do_not_see_each_other(mine: Allocation, others: Allocation) -> None:
    write(others.url, "theirs")

    assert read(mine.url) is None


def test_its_login_is_refused_in_another(server: Server, mine: Allocation, others: Allocation) -> None:
    if server.name == "nats":
        pytest.skip("its URL names no place: the login alone says which account it is")
    write(others.url, "theirs")
    login, path = urlsplit(mine.url), urlsplit(others.url).path[1:]
    assert login.username
    assert login.password

    with pytest.raises(REFUSED):
        read(with_login(mine.url, login.username, login.password, path))


def test_a_wrong_password_is_refused(mine: Allocation) -> None:
    login = urlsplit(mine.url)
    assert login.username

    with pytest.raises(REFUSED):
        read(with_login(mine.url, login.username, "guessed", login.path[1:]))


def test_nothing_is_left_of_a_released_one(server: Server) -> None:
    before = contents(server)
    allocation = server.allocate()
    write(allocation.url, "written")
    assert contents(server) != before

    allocation.release()
    allocation.release()

    assert contents(server) == before
    with pytest.raises(REFUSED):
        read(allocation.url)


def test_a_released_one_is_dropped_while_in_use(servers: dict[str, Server]) -> None:
    server = servers["postgresql"]
    before = contents(server)
    allocation = server.allocate()
    with psycopg.connect(allocation.url):
        allocation.release()

    assert contents(server) == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE intruder",
        "CREATE DATABASE intruder",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT rolpassword FROM pg_authid",
        "ALTER SYSTEM SET jit = on",
    ],
)
def test_postgresql_refuses_what_an_administrator_may(servers: dict[str, Server], statement: str) -> None:
    with postgresql(servers["postgresql"].allocate().url) as connection, pytest.raises(psycopg.Error) as refusal:
        connection.execute(statement)
    assert "permission denied" in str(refusal.value)


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_postgresql_refuses_its_own_databases(servers: dict[str, Server], database: str) -> None:
    url = servers["postgresql"].allocate().url

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        read(f"{url.rpartition('/')[0]}/{database}")


def test_postgresql_lets_nobody_in_without_a_password(servers: dict[str, Server]) -> None:
    port = urlsplit(servers["postgresql"].admin_url).port

    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", passfile="")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: client.admin.command("createUser", "intruder", pwd="x", roles=["root"]),
        lambda client: client.get_default_database().command("createUser", "intruder", pwd="x", roles=[]),
        lambda client: client.local["oplog.rs"].find_one(),
        lambda client: client.admin.command("shutdown"),
        lambda client: client.admin.command("getParameter", "*"),
    ],
)
def test_mongodb_refuses_what_an_administrator_may(servers: dict[str, Server], attempt: Callable[[Any], Any]) -> None:
    with (
        mongodb(servers["mongodb"].allocate().url) as client,
        pytest.raises(pymongo.errors.OperationFailure) as refusal,
    ):
        attempt(client)
    assert refusal.value.code == 13  # Unauthorized


def test_mongodb_has_transactions_and_change_streams(servers: dict[str, Server]) -> None:
    with mongodb(servers["mongodb"].allocate().url) as client:
        orders = client.get_default_database().orders
        with orders.watch() as changes:
            with client.start_session() as session, session.start_transaction():
                orders.insert_one({"total": 1}, session=session)
            assert next(changes)["operationType"] == "insert"


@pytest.mark.parametrize(
    "command",
    ["FLUSHALL", "CONFIG GET *", "SHUTDOWN", "ACL LIST", "CLIENT LIST", "MONITOR", "SCRIPT FLUSH", "SELECT 0"],
)
def test_redis_refuses_what_reaches_beyond(servers: dict[str, Server], command: str) -> None:
    with redis_(servers["redis"].allocate().url) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command.split())


def test_redis_refuses_a_script_that_reaches_beyond(servers: dict[str, Server]) -> None:
    with redis_(servers["redis"].allocate().url) as client:
        with pytest.raises(redis.exceptions.ResponseError, match="No permissions to access database"):
            client.eval("return redis.call('SELECT', 0)", 0)
        assert client.eval("return 1", 0) == 1


def test_redis_allows_what_learners_use(servers: dict[str, Server]) -> None:
    with redis_(servers["redis"].allocate().url) as client:
        client.set("key", "value")
        assert client.keys() == ["key"]
        assert client.info()["keyspace_hits"] >= 0
        client.flushdb()
        assert client.dbsize() == 0


def test_rabbitmq_lets_no_learner_into_its_management(servers: dict[str, Server]) -> None:
    server = servers["rabbitmq"]
    login = urlsplit(server.allocate().url)

    answer = httpx.get(f"{server.endpoint.management_url}/api/vhosts", auth=(login.username, login.password))

    assert answer.status_code == 401


def test_rabbitmq_lets_nobody_in_as_guest(servers: dict[str, Server]) -> None:
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        read(with_login(servers["rabbitmq"].admin_url, "guest", "guest", "/"))


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: client.create_bucket(Bucket="intruder"),
        lambda client: client.put_object(Bucket="intruder", Key="key", Body=b""),
    ],
)
def test_s3_refuses_what_an_administrator_may(servers: dict[str, Server], attempt: Callable[[Any], Any]) -> None:
    with pytest.raises(ClientError) as refusal:
        attempt(s3(servers["s3"].allocate().url))
    assert refusal.value.response["Error"]["Code"] == "AccessDenied"


def test_s3_shows_a_key_its_own_bucket_alone(servers: dict[str, Server]) -> None:
    servers["s3"].allocate()
    allocation = servers["s3"].allocate()

    buckets = s3(allocation.url).list_buckets()["Buckets"]

    assert [bucket["Name"] for bucket in buckets] == [allocation.variables["S3_BUCKET"]]


def test_s3_lets_no_learner_make_keys(servers: dict[str, Server]) -> None:
    iam = s3_kind._iam(Endpoint(servers["s3"].allocate().url))

    with pytest.raises(ClientError):
        iam.create_user(UserName="intruder")


def test_s3_lets_nobody_in_without_a_key(servers: dict[str, Server]) -> None:
    allocation = servers["s3"].allocate()
    write(allocation.url, "written")
    url = f"{allocation.variables['S3_ENDPOINT_URL']}/{allocation.variables['S3_BUCKET']}"

    assert httpx.get(url).status_code == 403
    assert httpx.get(f"{url}/kept").status_code == 403
    assert httpx.put(f"{url}/kept", content=b"overwritten").status_code == 403


def test_s3_removes_a_bucket_with_an_upload_that_was_never_ended(servers: dict[str, Server]) -> None:
    before = contents(servers["s3"])
    allocation = servers["s3"].allocate()
    bucket = allocation.variables["S3_BUCKET"]
    upload = s3(allocation.url).create_multipart_upload(Bucket=bucket, Key="half")
    s3(allocation.url).upload_part(
        Bucket=bucket, Key="half", UploadId=upload["UploadId"], PartNumber=1, Body=b"x" * 1000
    )

    allocation.release()

    assert contents(servers["s3"]) == before


def test_nats_lets_no_learner_hear_others(servers: dict[str, Server]) -> None:
    mine, others = (servers["nats"].allocate().url for _ in range(2))

    async def publish(client: Client) -> None:
        await client.publish("subject", b"theirs")
        await client.flush()

    async def listen(client: Client) -> list[Any]:
        subscription = await client.subscribe(">")
        await client.flush()
        nats_in_a_thread(others, publish)
        await client.flush()
        return [subscription.pending_msgs, subscription.pending_bytes]

    assert nats_(mine, listen) == [0, 0]


def nats_in_a_thread(url: str, use: Callable[[Client], Any]) -> None:
    """Where an event loop runs already."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(nats_, url, use).result()


def test_nats_lets_no_learner_administer_it(servers: dict[str, Server]) -> None:
    async def ask(client: Client) -> Any:
        return await client.request("$SYS.REQ.SERVER.PING", timeout=1)

    assert nats_(servers["nats"].admin_url, ask)
    with pytest.raises(nats.errors.NoRespondersError):
        nats_(servers["nats"].allocate().url, ask)


def test_nats_lets_nobody_in_without_a_password(servers: dict[str, Server]) -> None:
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        read(f"nats://127.0.0.1:{urlsplit(servers['nats'].admin_url).port}")


@pytest.mark.parametrize("method", ["auth/user/list", "auth/disable", "auth/role/list", "maintenance/snapshot"])
def test_etcd_lets_no_learner_administer_it(servers: dict[str, Server], method: str) -> None:
    with pytest.raises(EtcdRefused, match="permission denied"):
        etcd(servers["etcd"].allocate().url, method)


def test_etcd_lets_nobody_in_without_a_password(servers: dict[str, Server]) -> None:
    with pytest.raises(EtcdRefused, match="user name is empty"):
        read(f"etcd://127.0.0.1:{urlsplit(servers['etcd'].admin_url).port}/")


def test_etcd_leases_last_as_short_as_a_second(servers: dict[str, Server]) -> None:
    assert etcd(servers["etcd"].allocate().url, "lease/grant", TTL=1)["TTL"] == "1"


def contents(server: Server) -> list[str]:
    """All databases, vhosts, key spaces and users that the server has."""
    match server.name:
        case "postgresql":
            with postgresql(server.admin_url) as connection:
                query = "SELECT datname::text FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1"
                return [name for (name,) in connection.execute(query)]
        case "mongodb":
            with mongodb(server.admin_url) as client:
                users = [user["_id"] for user in client.admin.command({"usersInfo": {"forAllDBs": True}})["users"]]
                return sorted([*client.list_database_names(), *users])
        case "redis":
            with redis_(server.admin_url) as client:
                return sorted([*client.info("keyspace"), *client.acl_users(), *client.keys()])
        case "rabbitmq":
            login = urlsplit(server.admin_url)
            url, auth = f"{server.endpoint.management_url}/api", (login.username, login.password)
            lists = [httpx.get(f"{url}/{kind}", auth=auth).json() for kind in ("vhosts", "users")]
            return sorted(entry["name"] for found in lists for entry in found)
        case "s3":
            buckets = s3(server.admin_url).list_buckets()["Buckets"]
            users = s3_kind._iam(server.endpoint).list_users()["Users"]
            return sorted([bucket["Name"] for bucket in buckets] + [user["UserName"] for user in users])
        case "etcd":
            everything = {"key": coded("\0"), "range_end": coded("\0"), "keys_only": True}
            keys = [found["key"] for found in etcd(server.admin_url, "kv/range", **everything).get("kvs", [])]
            users = etcd(server.admin_url, "auth/user/list")["users"]
            return [*keys, *users, *etcd(server.admin_url, "auth/role/list")["roles"]]
        case "nats":

            async def accounts(client: Client) -> list[str]:
                answer = await client.request("$SYS.REQ.SERVER.PING", timeout=2)
                server_id = json.loads(answer.data)["server"]["id"]
                found = await client.request(f"$SYS.REQ.SERVER.{server_id}.ACCOUNTZ", timeout=2)
                return sorted(json.loads(found.data)["data"]["accounts"])

            folder = Path(server.endpoint.management_url).parent / "store"
            streams = [path.name for path in folder.rglob("streams/*")]
            return [*nats_(server.admin_url, accounts), *streams]
    raise ValueError(server.name)
