"""MongoDB as a replica set of one, so that transactions and change streams work."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.logins import random_name, random_password, with_login
from taller.services.server import Allocation, Endpoint
from taller.services.service import Command, Service, Site

if TYPE_CHECKING:
    from pymongo import MongoClient

REPLICA_SET = "rs0"
USER_EXISTS = 51003

# Small files and no statistics: 6 MB on disk instead of 300, and databases are dropped at once.
OPTIONS = {
    "bind_ip": "127.0.0.1",
    "replSet": REPLICA_SET,
    "oplogSize": "16",
    "wiredTigerCacheSizeGB": "0.25",
    "wiredTigerEngineConfigString": "log=(prealloc=false,file_max=5MB)",
}
# Passwords here are random and 128 bits long: stretching them only costs time; this is the least that it takes.
PARAMETERS = ("diagnosticDataCollectionEnabled=false", "scramSHA256IterationCount=5000")


class MongoDB(Service):
    """An allocation is a database, and a user that may read, write and index it and sees no other."""

    name = "mongodb"
    variable = "MONGODB_URL"
    # Its journal holds all that it has confirmed; a clean stop takes a second and saves nothing more.
    stop_signal = signal.SIGKILL

    def missing(self) -> ServiceUnavailable | None:
        program = _program()
        if program is None:
            return ServiceUnavailable(self.name, "no wheel with mongod is installed", "make setup")
        problem = _problem(program)
        if problem and _curl() is None:
            return ServiceUnavailable(self.name, f"mongod does not run here: {problem}", "apt-get install libcurl4")
        return None

    def prepare(self, site: Site) -> None:
        (site.directory / "data").mkdir()
        program, curl = _program(), _curl()
        if program and curl and _problem(program):
            (site.directory / "libcurl.so.4").symlink_to(curl)
        key = site.directory / "key"
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))

    def command(self, site: Site) -> Command:
        program = _program()
        assert program is not None
        options = OPTIONS | {
            "port": str(site.ports["port"]),
            "dbpath": str(site.directory / "data"),
            "keyFile": str(site.directory / "key"),
        }
        argv = [str(program), "--auth", "--quiet", "--nounixsocket"]
        for option, value in options.items():
            argv += [f"--{option}", value]
        for parameter in PARAMETERS:
            argv += ["--setParameter", parameter]
        borrowed = (site.directory / "libcurl.so.4").resolve()
        libraries = f"{site.directory}:{borrowed.parent}"
        return Command(argv, {"LD_LIBRARY_PATH": libraries} if borrowed.exists() else {})

    def initialise(self, site: Site) -> None:
        """Make the replica set and its administrator, which mongod lets a local client do until there is a user."""
        from pymongo.errors import OperationFailure

        address = f"127.0.0.1:{site.ports['port']}"
        members = [{"_id": 0, "host": address}]
        with _connect(f"mongodb://{address}/?directConnection=true") as client:
            if "setName" not in client.admin.command("hello"):
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            if not client.admin.command("hello")["isWritablePrimary"]:
                raise ServiceError("the replica set has no primary yet")
            try:
                _create_user(client, "admin", "taller", site.password, ["root"])
            except OperationFailure as error:
                if error.code != USER_EXISTS:
                    raise

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(f"mongodb://taller:{password}@127.0.0.1:{ports['port']}/admin?replicaSet={REPLICA_SET}")

    def version(self, endpoint: Endpoint) -> str:
        with _connect(endpoint.url) as client:
            # Answered only by a primary, and only to one who has logged in.
            client.admin.command("usersInfo", "taller")
            return f"MongoDB {client.server_info()['version']}"

    def allocate(self, endpoint: Endpoint) -> Allocation:
        name, password = random_name(), random_password()
        roles = [{"role": role, "db": name} for role in ("readWrite", "dbAdmin")]
        with _connect(endpoint.url) as client:
            _create_user(client, name, name, password, roles)
        url = with_login(endpoint.url, name, password, name, authSource=name)
        return Allocation(url, {self.variable: url}, lambda: _release(endpoint.url, name))


def _connect(url: str) -> MongoClient[dict[str, Any]]:
    import pymongo

    return pymongo.MongoClient(url, serverSelectionTimeoutMS=2000)


def _create_user(
    client: MongoClient[dict[str, Any]], database: str, user: str, password: str, roles: list[Any]
) -> None:
    client[database].command("createUser", user, pwd=password, roles=roles, mechanisms=["SCRAM-SHA-256"])


def _release(url: str, name: str) -> None:
    with _connect(url) as client:
        client[name].command("dropUser", name)
        client.drop_database(name)


def _program() -> Path | None:
    spec = find_spec("fiftyone")
    name = "mongod.exe" if sys.platform == "win32" else "mongod"
    programs = [Path(folder) / "db" / "bin" / name for folder in (spec and spec.submodule_search_locations) or ()]
    return next((program for program in programs if program.exists()), None)


@cache
def _problem(program: Path) -> str:
    """Why mongod does not run with the machine's own libraries; empty when it does."""
    run = subprocess.run([program, "--version"], capture_output=True, text=True)
    return (run.stderr or run.stdout).strip() if run.returncode else ""


def _curl() -> Path | None:
    """The libcurl inside the ``pycurl`` wheel, for machines that have none: mongod does not start without."""
    try:
        libraries = Path(str(distribution("pycurl").locate_file("pycurl.libs")))
    except PackageNotFoundError:
        return None
    return next(libraries.glob("libcurl*.so*"), None)


SERVICE = MongoDB()
